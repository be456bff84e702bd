import middy from "@middy/core";
import { executionModeStreamifyResponse } from "@middy/core/StreamifyResponse";
import warmup from "middy-lambda-warmer";

export const handler = middy({ executionMode: executionModeStreamifyResponse })
	.use(warmup())
	.handler(async () => {
		console.log("business");
		return "business";
	});
