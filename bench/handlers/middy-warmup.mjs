import middy from "@middy/core";
import warmup from "@middy/warmup";

export const handler = middy()
	.use(warmup())
	.handler(async () => ({ statusCode: 200 }));
