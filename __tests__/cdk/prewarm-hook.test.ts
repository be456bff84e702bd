import { describe, expect, test } from "@jest/globals";
import { Lazy, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { LambdaDeploymentGroup } from "aws-cdk-lib/aws-codedeploy";
import { Alias, Function as LambdaFunction, Version } from "aws-cdk-lib/aws-lambda";
import { PrewarmHook, type PrewarmHookProps } from "../../cdk/index.js";
import { PREWARM_HOOK_CODE } from "../../cdk/prewarm-code.js";
import { ordersFunction, warnings } from "./support.js";

/** Creates a deployment group with a hook, and finds what its template says. */
const deploy = (props: Partial<PrewarmHookProps> = {}) => {
	const stack = new Stack();
	const alias = ordersFunction(stack).addAlias("prod");
	const group = new LambdaDeploymentGroup(stack, "Deployment", { alias });
	const hook = new PrewarmHook(stack, "Hook", { alias, concurrency: 5, ...props });
	group.addPreHook(hook.handler);
	const template = Template.fromStack(stack);
	const [version] = Object.keys(template.findResources("AWS::Lambda::Version"));
	const [id, handler] = Object.entries(template.findResources("AWS::Lambda::Function")).find(([, { Properties }]) =>
		String(Properties.Code.ZipFile).includes("CodeDeploy"),
	) ?? ["", undefined];
	return { stack, hook, template, version, id, handler, variables: handler?.Properties.Environment.Variables };
};

test("CodeDeploy runs the hook before traffic shifts, and lets it answer", () => {
	const { template, id } = deploy();
	template.hasResource("AWS::Lambda::Alias", {
		UpdatePolicy: { CodeDeployLambdaAliasUpdate: { BeforeAllowTrafficHook: { Ref: id } } },
	});
	template.hasResourceProperties("AWS::IAM::Policy", {
		PolicyDocument: {
			Statement: [Match.objectLike({ Action: "codedeploy:PutLifecycleEventHookExecutionStatus" })],
		},
		Roles: [{ Ref: Match.stringLikeRegexp("HookRole") }],
	});
});

test("the hook pings the new version, and asks the alias for the demand of the one before", () => {
	const { variables, version } = deploy({ minimumCoverage: 0.8, tenantId: "blue" });
	expect(variables).toEqual({
		FunctionName: { Ref: version },
		Previous: { "Fn::Join": ["", [{ "Fn::GetAtt": [expect.stringMatching(/^Orders/), "Arn"] }, ":prod"]] },
		Ping: '{"warmer":true,"concurrency":5,"report":true}',
		DemandPing: '{"warmer":true,"concurrency":1,"test":true,"report":true}',
		Concurrency: "5",
		MinimumCoverage: "0.8",
		PauseMs: "10000",
		TenantId: "blue",
		StackId: { Ref: "AWS::StackId" },
	});
});

test("the hook leaves out what is not set", () => {
	const { variables } = deploy({ concurrency: "auto", flag: "keepAlive", concurrencyField: "count" });
	expect(variables.Ping).toBe('{"keepAlive":true,"count":"auto","report":true}');
	for (const name of ["Concurrency", "MinimumCoverage", "TenantId"]) expect(variables).not.toHaveProperty(name);
});

test("the hook accepts a concurrency that is known only at deployment", () => {
	expect(deploy({ concurrency: Lazy.number({ produce: () => 3 }) }).variables.Concurrency).toBe("3");
});

test("the hook may invoke exactly the version and the alias", () => {
	const { stack, hook, template, variables } = deploy();
	template.hasResourceProperties("AWS::IAM::Role", {
		Policies: [
			{
				PolicyDocument: Match.objectLike({
					Statement: [
						{
							Effect: "Allow",
							Action: "lambda:InvokeFunction",
							Resource: [variables.FunctionName, variables.Previous],
						},
						{ Effect: "Allow", Action: "cloudformation:DescribeStacks", Resource: { Ref: "AWS::StackId" } },
						Match.objectLike({ Resource: stack.resolve(hook.logGroup.logGroupArn) }),
					],
				}),
				PolicyName: "Prewarm",
			},
		],
	});
});

test("the new version may invoke itself before the hook runs", () => {
	const { handler, template, version } = deploy();
	const [permission] = Object.keys(
		template.findResources("AWS::IAM::Policy", {
			Properties: {
				PolicyDocument: { Statement: [{ Action: "lambda:InvokeFunction", Resource: { Ref: version } }] },
			},
		}),
	);
	expect(permission).toMatch(/WarmerSelfInvoke/);
	expect(handler?.DependsOn).toContain(permission);
});

test("the hook has inline code that the oldest supported CDK accepts", () => {
	const { handler } = deploy();
	expect(handler?.Properties).toMatchObject({ Runtime: "nodejs24.x", Timeout: 240 });
	expect(handler?.Properties.Code.ZipFile).toBe(PREWARM_HOOK_CODE);
	expect(Buffer.byteLength(PREWARM_HOOK_CODE)).toBeLessThanOrEqual(4096);
});

describe("the hook warns", () => {
	test("of environments that a ping can never reach", () => {
		expect(warnings(deploy({ concurrency: 80 }).stack)).toContainEqual(expect.stringContaining("maxConcurrency"));
		expect(warnings(deploy().stack)).toEqual([]);
	});

	test("of a missing permission when the alias is imported", () => {
		const stack = new Stack();
		const fn = LambdaFunction.fromFunctionArn(
			stack,
			"Orders",
			"arn:aws:lambda:eu-north-1:123456789012:function:orders",
		);
		const aliasVersion = Version.fromVersionAttributes(stack, "Version", { lambda: fn, version: "3" });
		const alias = Alias.fromAliasAttributes(stack, "Alias", { aliasName: "prod", aliasVersion });
		new PrewarmHook(stack, "Hook", { alias });
		expect(warnings(stack)).toEqual([expect.stringContaining("role of Default/Version is unknown")]);
	});
});
