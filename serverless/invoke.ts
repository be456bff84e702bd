import type { AwsProvider, InvokeResponse } from "./framework.js";

/** Invokes a function synchronously with the deployment's credentials, and resolves to what it answered. */
export type Invoke = (functionName: string, qualifier: string | undefined, payload: string) => Promise<string>;

/** @throws Error from {@link Invoke} if the function cannot be invoked, or failed. */
export function createInvoke(provider: AwsProvider): Invoke {
	const send = createSend(provider);
	return async (functionName, qualifier, payload) => {
		const request = { FunctionName: functionName, Payload: payload, ...(qualifier && { Qualifier: qualifier }) };
		const { FunctionError, Payload = "" } = await send(request);
		const answer = Buffer.from(Payload as Uint8Array).toString();
		if (FunctionError) throw new Error(answer);
		return answer;
	};
}

interface InvokeRequest {
	readonly FunctionName: string;
	readonly Qualifier?: string;
	readonly Payload: string;
}

function createSend(provider: AwsProvider): (request: InvokeRequest) => Promise<InvokeResponse> {
	if (!provider.getAwsSdkV3Config) return (request) => provider.request("Lambda", "invoke", request);
	// osls 4 has no `request`; it offers its settings for clients of the AWS SDK.
	const client = provider.getAwsSdkV3Config().then(async (config) => {
		const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
		const lambda = new LambdaClient(config);
		return (request: InvokeRequest) => lambda.send(new InvokeCommand(request));
	});
	return async (request) => (await client)(request);
}
