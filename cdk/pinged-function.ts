import { Arn, ArnFormat, Stack, Token, TokenComparison } from "aws-cdk-lib";
import { CfnFunction, type IFunction, type IVersion } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";

/** The function behind a version or an alias; a function itself unchanged. */
export function underlyingFunction(fn: IFunction): IFunction {
	// Versions and aliases share no class: `latestVersion` has one of its own.
	return (fn as { lambda?: IFunction }).lambda ?? fn;
}

/** The CloudFormation resource of a function of this app; `undefined` for an imported one. */
export function functionResource(fn: IFunction): CfnFunction | undefined {
	const resource = underlyingFunction(fn).node.defaultChild;
	return resource instanceof CfnFunction ? resource : undefined;
}

/** The published version that is pinged: a version itself, or the one an alias names; `undefined` for `$LATEST`. */
export function publishedVersion(fn: IFunction): IVersion | undefined {
	const { version } = fn as { version?: string | IVersion };
	if (typeof version === "object") return version;
	return version === undefined || version === "$LATEST" ? undefined : (fn as IVersion);
}

/** Whether a function is named by an ARN without a version or an alias. */
export function isUnqualified(fn: IFunction): boolean {
	return underlyingFunction(fn) === fn;
}

/**
 * Refuses a function that can't be invoked from the construct's stack: EventBridge Scheduler and the prewarming function
 * invoke within their own account and Region only.
 *
 * @throws Error that names both environments
 */
export function checkEnvironment(scope: Construct, fn: IFunction): void {
	const { region, account } = Stack.of(scope);
	const ofFunction = environmentOf(fn);
	const differs = (one: string, other: string) => Token.compareStrings(one, other) === TokenComparison.DIFFERENT;
	const [kind, own, other] = differs(region, ofFunction.region)
		? ["Region", region, ofFunction.region]
		: ["account", account, ofFunction.account];
	if (!differs(own, other)) return;
	throw new Error(
		`${scope.constructor.name}: ${fn.node.path} is in ${kind} ${other}, but ${scope.node.path} is in ${own}: move the construct to a stack in the function's account and Region`,
	);
}

function environmentOf(fn: IFunction): { region: string; account: string } {
	if (Token.isUnresolved(fn.functionArn)) return fn.env;
	// An imported version's own environment is its stack's, whatever its ARN says.
	const { region, account } = Arn.split(fn.functionArn, ArnFormat.COLON_RESOURCE_NAME);
	return { region: `${region}`, account: `${account}` };
}
