import { CfnFunction, type IFunction } from "aws-cdk-lib/aws-lambda";

/** The function that a version or an alias is of; a function itself as it is. */
export function underlyingFunction(fn: IFunction): IFunction {
	// Not all of them share a class: `latestVersion` has one of its own.
	return (fn as { lambda?: IFunction }).lambda ?? fn;
}

/** The CloudFormation resource of a function of this app; `undefined` for an imported one. */
export function functionResource(fn: IFunction): CfnFunction | undefined {
	const resource = underlyingFunction(fn).node.defaultChild;
	return resource instanceof CfnFunction ? resource : undefined;
}
