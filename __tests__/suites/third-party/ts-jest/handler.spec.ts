import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import type { Context } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";
import { handler } from "./handler";

const lambda = mockClient(LambdaClient).on(InvokeCommand).resolves({});
const context = {
	invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:api",
	getRemainingTimeInMillis: () => 3000,
} as Context;

test("a ping is answered before the handler runs, and invokes the other environment", async () => {
	expect(await handler({ warmer: true }, context)).toBe("warmed");
	expect(lambda.calls()[0]?.args[0].input).toMatchObject({
		FunctionName: context.invokedFunctionArn,
	});
});

test("a request reaches the handler", async () => {
	expect(await handler({ rawPath: "/" }, context)).toEqual({ statusCode: 200 });
});
