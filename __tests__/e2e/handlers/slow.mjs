import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

/** A service whose requests take as long as they say. */
export const handler = middy()
	.use(warmup(JSON.parse(process.env.WARMUP_OPTIONS ?? "{}")))
	.handler(async ({ sleepMs = 0 }) => {
		await new Promise((resolve) => setTimeout(resolve, sleepMs));
		return "served";
	});
