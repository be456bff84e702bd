import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

/** A line each: serverless-offline prints what a handler logs among its own messages. */
const log = (entry) => console.log(JSON.stringify(entry));

export const handler = middy()
	.use(warmup({ log }))
	.handler(async () => ({ statusCode: 200, body: "business" }));
