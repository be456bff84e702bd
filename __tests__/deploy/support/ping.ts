import type {
	InvokeCommand,
	InvokeCommandOutput,
} from "@aws-sdk/client-lambda";
import middy from "@middy/core";
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
			const Payload = Object.assign(new TextEncoder().encode("true"), {
				transformToString: () => "true",
			});
			return { StatusCode: 200, Payload, $metadata: {} };
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
		functionName: invokedFunctionArn.split(":")[6] ?? "",
		functionVersion: "$LATEST",
		memoryLimitInMB: "128",
		awsRequestId: "7f3f6c1e-0000-4000-8000-000000000000",
		logGroupName: "/aws/lambda/orders",
		logStreamName: "2026/01/01/[$LATEST]0",
		callbackWaitsForEmptyEventLoop: false,
		getRemainingTimeInMillis: () => 10_000,
		done: () => {},
		fail: () => {},
		succeed: () => {},
	});
	return { answer, invoked, businessCalls };
}
