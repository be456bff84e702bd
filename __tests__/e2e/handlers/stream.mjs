import middy from "@middy/core";
import { executionModeStreamifyResponse } from "@middy/core/StreamifyResponse";
import warmup from "middy-lambda-warmer";

export const handler = middy({ executionMode: executionModeStreamifyResponse })
	.use(warmup(JSON.parse(process.env.WARMUP_OPTIONS ?? "{}")))
	.handler(async () => ({ statusCode: 200, body: "business" }));
