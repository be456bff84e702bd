import { setTimeout as wait } from "node:timers/promises";
import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

export const handler = middy()
	.use(warmup(JSON.parse(process.env.WARMUP_OPTIONS ?? "{}")))
	.handler(async ({ serviceMs = 0 }) => {
		await wait(serviceMs);
		return { statusCode: 200 };
	});
