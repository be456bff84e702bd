import { setTimeout as wait } from "node:timers/promises";
import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

export const handler = middy()
	.use(warmup())
	.handler(async ({ serviceMs }) => {
		await wait(serviceMs);
		return { statusCode: 200 };
	});
