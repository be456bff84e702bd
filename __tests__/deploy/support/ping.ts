import type {
	InvokeCommand,
	InvokeCommandOutput,
} from "@aws-sdk/client-lambda";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import warmup from "../../../src/index.js";

/**
 * Hands a schedule's input to a function with the middleware.
 *
 * @returns what the function answered, and the names by which it invoked functions
 */
export async function ping(
	input: string,
	invokedFunctionArn: string,
): Promise<{ answer: unknown; invoked: string[]; businessCalls: number }> {
	const invoked: string[] = [];
	let businessCalls = 0;

	class RecordingClient {
		async send({ input }: InvokeCommand): Promise<InvokeCommandOutput> {
			invoked.push(String(input.FunctionName));
			// No report of an environment: the child counts as unverified, and one round is all there is.
			return { StatusCode: 200, $metadata: {} };
		}
		destroy(): void {}
	}

	const handler = middy()
		.use(warmup({ AwsClient: RecordingClient, log: false }))
		.handler(async () => {
			businessCalls++;
		});
	const answer = await handler(JSON.parse(input), {
		invokedFunctionArn,
		getRemainingTimeInMillis: () => 10_000,
	} as Context);
	return { answer, invoked, businessCalls };
}
