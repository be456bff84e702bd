import { Stack } from "aws-cdk-lib";
import { CfnPolicy, Policy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

const ID = "WarmerSelfInvoke";

/** `lambda:InvokeFunction` on the function's own ARN: with its qualifier if it has one, without one if not. */
export function invokeStatement(fn: IFunction): PolicyStatement {
	return new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [fn.functionArn] });
}

/**
 * Lets a function invoke itself, once for all of its schedules.
 *
 * A policy of its own, not a statement of the role's default policy: the function waits for the default policy, which
 * could then not wait for the function's ARN (aws/aws-cdk issue 13982).
 *
 * @returns the policy, or `undefined` if the function's role is unknown or may not be changed
 */
export function allowSelfInvoke(fn: IFunction): Policy | undefined {
	const existing = fn.node.tryFindChild(ID);
	if (existing instanceof Policy) return existing;
	if (!fn.role || !Construct.isConstruct(fn)) return undefined;

	const policy = new Policy(fn, ID, { statements: [invokeStatement(fn)] });
	fn.role.attachInlinePolicy(policy);
	return isAttached(policy) ? policy : undefined;
}

// An immutable role ignores policies without a word.
function isAttached(policy: Policy): boolean {
	const resource = policy.node.defaultChild;
	return resource instanceof CfnPolicy && Stack.of(policy).resolve(resource.roles) !== undefined;
}
