import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

export const handler = middy()
	.use(warmup({ awsClientOptions: process.env.WITH_SDK ? {} : undefined }))
	.handler(async () => {
		console.log("business");
		return { statusCode: 200, body: "business" };
	});
