import {
	CfnFunction,
	type IFunction,
	QualifiedFunctionBase,
} from "aws-cdk-lib/aws-lambda";

/** The function that a version or an alias is of; a function itself as it is. */
export function underlyingFunction(fn: IFunction): IFunction {
	return fn instanceof QualifiedFunctionBase ? fn.lambda : fn;
}

/** The CloudFormation resource of a function of this app; `undefined` for an imported one. */
export function functionResource(fn: IFunction): CfnFunction | undefined {
	const resource = underlyingFunction(fn).node.defaultChild;
	return resource instanceof CfnFunction ? resource : undefined;
}
