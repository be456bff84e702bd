import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

export const handler = middy()
	.use(warmup({ concurrency: 2, log: false }))
	.handler(async () => ({ statusCode: 200 }));
