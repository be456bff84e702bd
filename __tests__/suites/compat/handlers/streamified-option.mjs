import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

export const handler = middy({ streamifyResponse: true })
	.use(warmup())
	.handler(async () => {
		console.log("business");
		return "business";
	});
