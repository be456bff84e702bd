import { setTimeout as sleep } from "node:timers/promises";
import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

/** Takes long enough for simultaneous requests to overlap. */
export const handler = middy()
	.use(warmup())
	.handler(async () => {
		await sleep(300);
	});
