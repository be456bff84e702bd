import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

export const handler = middy()
	.use(warmup())
	.handler(async (event) => (event as { name: string }).name.length);
