import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import warmup from "middy-lambda-warmer";

export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
	.use(warmup({ concurrency: 5 })) // first, so that a ping meets nothing that expects an HTTP event
	.handler(async (event) => ({
		statusCode: 200,
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ path: event.rawPath }),
	}));
