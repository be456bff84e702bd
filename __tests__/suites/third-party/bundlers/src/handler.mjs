import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

export const handler = middy()
	.use(warmup())
	.handler(async () => ({ statusCode: 200 }));
