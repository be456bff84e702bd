import type { Stack } from "aws-cdk-lib";
import { Annotations, Match, Template } from "aws-cdk-lib/assertions";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Code, type FunctionProps, Function as LambdaFunction, LoggingFormat, Runtime } from "aws-cdk-lib/aws-lambda";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";

export function ordersFunction(scope: Construct, props: Partial<FunctionProps> = {}): LambdaFunction {
	return new LambdaFunction(scope, "Orders", {
		runtime: Runtime.NODEJS_24_X,
		handler: "index.handler",
		code: Code.fromInline("exports.handler = async () => {}"),
		loggingFormat: LoggingFormat.JSON,
		logGroup: new LogGroup(scope, "OrdersLogs"),
		...props,
	});
}

/** The warnings that `cdk synth` would print. */
export function warnings(stack: Stack): string[] {
	return Annotations.fromStack(stack)
		.findWarning("*", Match.anyValue())
		.map(({ entry }) => String(entry.data));
}

/** Properties of each resource of a type. */
export const propertiesOf = (stack: Stack, type: string) =>
	Object.values(Template.fromStack(stack).findResources(`AWS::${type}`)).map(({ Properties }) => Properties);

/** Writes a template's string with the logical id of each resource in place of its name. */
export const textOf = (value: unknown): string => {
	if (typeof value === "string") return value;
	const { Ref, "Fn::Join": join } = value as {
		Ref: string;
		"Fn::Join"?: [string, unknown[]];
	};
	return join ? join[1].map(textOf).join(join[0]) : Ref;
};

export function importedFunction(stack: Stack) {
	return LambdaFunction.fromFunctionAttributes(stack, "Imported", {
		functionArn: "arn:aws:lambda:eu-north-1:123456789012:function:orders",
		role: new Role(stack, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") }),
	});
}
