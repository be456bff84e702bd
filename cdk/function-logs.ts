import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { functionResource, underlyingFunction } from "./pinged-function.js";

/** The log group that a function of this app was given; `undefined` if it uses Lambda's default. */
export function ownLogGroupName(fn: IFunction): string | undefined {
	return Object(functionResource(fn)?.loggingConfig).logGroup;
}

export function logGroupName(fn: IFunction): string {
	return ownLogGroupName(fn) ?? `/aws/lambda/${underlyingFunction(fn).functionName}`;
}
