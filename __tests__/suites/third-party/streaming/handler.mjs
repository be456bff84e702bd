import middy from "@middy/core";
import { executionModeStreamifyResponse } from "@middy/core/StreamifyResponse";
import warmup from "middy-lambda-warmer";

const leaveTimer = {
	before: () => {
		setTimeout(() => console.log("the timer has run"), 2000);
	},
};

export const handler = middy({ executionMode: executionModeStreamifyResponse })
	.use(leaveTimer)
	.use(warmup())
	.handler(async () => "business");
