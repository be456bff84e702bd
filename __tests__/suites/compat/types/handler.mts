import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import warmup, { type WarmupOptions, type WarmupPing, type WarmupReport } from "middy-lambda-warmer";

const options: WarmupOptions = {
	concurrency: 5,
	isWarmingUp: (_event, context) => context.functionName === "api",
	onReport: ({ warmed, requested }: WarmupReport) => warmed / requested,
};

export const ping: WarmupPing = { warmer: true, concurrency: 5 };

export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
	.use(warmup(options))
	.before(({ event }) => void event.rawPath.toUpperCase())
	.handler(async ({ rawPath }) => ({ statusCode: 200, body: rawPath }));

type Answer = Awaited<ReturnType<typeof handler>>;

// Compiles only as long as the middleware leaves the handler's types as they were: nothing else is `never` or `any`
// here.
type IsAny<Type> = 0 extends 1 & Type ? true : false;
export const eventIsTyped: IsAny<Parameters<typeof handler>[0]> = false;
export const resultIsTyped: IsAny<Answer> = false;

// @ts-expect-error: an unknown option
warmup({ concurency: 5 });
// @ts-expect-error: an option of the wrong type
warmup({ concurrency: "5" });
