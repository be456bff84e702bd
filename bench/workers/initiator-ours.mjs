import middy from "@middy/core";
import warmup from "middy-lambda-warmer";
import { measured } from "./measured.mjs";

export const handler = measured(
	middy()
		.use(warmup({ targets: ["api"], maxConcurrency: 100 }))
		.handler(async () => ({ statusCode: 200 })),
);
