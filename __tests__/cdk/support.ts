import type { Stack } from "aws-cdk-lib";
import { Annotations, Match } from "aws-cdk-lib/assertions";
import { Code, type FunctionProps, Function as LambdaFunction, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";

export function ordersFunction(stack: Stack, props: Partial<FunctionProps> = {}): LambdaFunction {
	return new LambdaFunction(stack, "Orders", {
		runtime: Runtime.NODEJS_24_X,
		handler: "index.handler",
		code: Code.fromInline("exports.handler = async () => {}"),
		loggingFormat: LoggingFormat.JSON,
		logGroup: new LogGroup(stack, "OrdersLogs"),
		...props,
	});
}

/** What `cdk synth` would warn about. */
export function warnings(stack: Stack): string[] {
	return Annotations.fromStack(stack)
		.findWarning("*", Match.anyValue())
		.map(({ entry }) => String(entry.data));
}
