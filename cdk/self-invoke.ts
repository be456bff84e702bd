import { createHash } from "node:crypto";
import { Aws, Stack, Token } from "aws-cdk-lib";
import { CfnPolicy, Policy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { Construct } from "constructs";

const ID = "WarmerSelfInvoke";

/** `lambda:InvokeFunction` on exactly these ARNs: Lambda authorizes qualified and unqualified ARNs separately. */
export function invokeStatement(...functionArns: string[]): PolicyStatement {
	return new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: functionArns });
}

/**
 * Lets a function invoke itself, once for all constructs that ping it.
 *
 * This is a policy of its own, because a function waits for its role's default policy, which therefore must not name the
 * function's ARN (aws/aws-cdk issue 13982).
 *
 * @returns the policy, or `undefined` if the function's role is unknown or cannot be changed
 */
export function allowSelfInvoke(fn: IFunction): Policy | undefined {
	const existing = fn.node.tryFindChild(ID);
	if (existing instanceof Policy) return existing;
	if (!fn.role || !Construct.isConstruct(fn)) return undefined;

	const policy = new Policy(fn, ID, { policyName: policyName(fn), statements: [invokeStatement(fn.functionArn)] });
	fn.role.attachInlinePolicy(policy);
	return isAttached(policy) ? policy : undefined;
}

/**
 * A name that no other stack gives to a policy of the same role: two stacks, or one in two Regions, can import a role,
 * and the CDK's default name is unique within a stack only (aws/aws-cdk issues 16074, 22478, 23080).
 */
function policyName(fn: IFunction): string {
	const stack = deployedStack(Stack.of(fn));
	const { stackName, region } = stack;
	const hash = createHash("sha256").update(`${stackName} ${fn.node.path}`).digest("hex").slice(0, 8);
	// IAM allows 128 characters.
	const name = `${ID}-${stackName.slice(0, 76)}-${hash}`;
	return `${name}-${Token.isUnresolved(region) ? Aws.REGION : region}`;
}

/** The stack that a user deploys; CloudFormation chooses a nested stack's name. */
function deployedStack(stack: Stack): Stack {
	return stack.nestedStackParent ? deployedStack(stack.nestedStackParent) : stack;
}

// An immutable role ignores policies silently.
function isAttached(policy: Policy): boolean {
	const resource = policy.node.defaultChild;
	return resource instanceof CfnPolicy && Stack.of(policy).resolve(resource.roles) !== undefined;
}
