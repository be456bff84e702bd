import type { DurableContext } from "@aws/durable-execution-sdk-js";
import middy from "@middy/core";
import { executionModeDurableContext } from "@middy/core/DurableContext";
import warmup from "middy-lambda-warmer";

interface Order {
	id: string;
}

export const handler = middy<Order, string, Error, DurableContext>({
	executionMode: executionModeDurableContext,
})
	.use(warmup({ concurrency: 5 }))
	.handler(async ({ id }, context) => context.step("charge", async () => id));
