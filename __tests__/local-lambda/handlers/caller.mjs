import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";

/** Invokes itself once, configured by nothing but its environment. */
export const handler = async ({ nested }, context) => {
	if (nested) return process.pid;
	const answer = await new LambdaClient({}).send(
		new InvokeCommand({ FunctionName: context.invokedFunctionArn, Payload: JSON.stringify({ nested: true }) }),
	);
	return { own: process.pid, other: JSON.parse(answer.Payload.transformToString()) };
};
