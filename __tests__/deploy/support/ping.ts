import middy from "@middy/core";
import type { Context } from "aws-lambda";
import warmup from "../../../src/index.js";
import { fakeClient } from "../../support.js";

/**
 * Hands a schedule's input to a function with the middleware.
 *
 * @returns what the function answered, and the names by which it invoked functions
 */
export async function ping(
	input: string,
	invokedFunctionArn: string,
): Promise<{ answer: unknown; invoked: unknown[]; businessCalls: number }> {
	const { AwsClient, sent } = fakeClient();
	let businessCalls = 0;
	const handler = middy()
		.use(warmup({ AwsClient, log: false }))
		.handler(async () => {
			businessCalls++;
		});
	const answer = await handler(JSON.parse(input), {
		invokedFunctionArn,
		getRemainingTimeInMillis: () => 10_000,
	} as Context);
	const invoked = sent.map(({ FunctionName }) => FunctionName);
	return { answer, invoked, businessCalls };
}
