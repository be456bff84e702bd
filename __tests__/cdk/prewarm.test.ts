import { describe, expect, test } from "@jest/globals";
import { Lazy, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { type FunctionProps, type IFunction, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import { Prewarm, type PrewarmProps, WarmupSchedule } from "../../cdk/index.js";
import { PREWARM_CODE } from "../../cdk/prewarm-code.js";
import { ordersFunction, warnings } from "./support.js";

const IMPORTED_ARN = "arn:aws:lambda:eu-north-1:123456789012:function:orders";

/** A stack with a `Prewarm`, and what its custom resource says. */
const deploy = (
	pinged: (fn: LambdaFunction) => unknown = (fn) => fn,
	props: Partial<PrewarmProps> = {},
	fnProps: Partial<FunctionProps> = {},
) => {
	const stack = new Stack();
	const fn = pinged(ordersFunction(stack, fnProps)) as IFunction;
	const prewarm = new Prewarm(stack, "Prewarm", { function: fn, concurrency: 5, ...props });
	const template = Template.fromStack(stack);
	const [resource] = Object.values(template.findResources("Custom::WarmerPrewarm"));
	return { stack, prewarm, template, fn, sent: resource?.Properties };
};

describe("the custom resource", () => {
	test.each([
		["a Function", (fn: LambdaFunction) => fn],
		["a Version", (fn: LambdaFunction) => fn.currentVersion],
		["an Alias", (fn: LambdaFunction) => fn.addAlias("prod")],
	])("%s: by exactly its ARN, with permissions for nothing else", (_, pinged) => {
		const { sent, template, stack, fn, prewarm } = deploy(pinged);
		const arn = stack.resolve(fn.functionArn);
		expect(sent.FunctionName).toEqual(arn);
		template.hasResourceProperties("AWS::IAM::Role", {
			AssumeRolePolicyDocument: Match.objectLike({
				Statement: [Match.objectLike({ Principal: { Service: "lambda.amazonaws.com" } })],
			}),
			ManagedPolicyArns: Match.absent(),
			Policies: [
				Match.objectLike({
					PolicyDocument: Match.objectLike({
						Statement: [
							{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: arn },
							{ Effect: "Allow", Action: "cloudformation:DescribeStacks", Resource: { Ref: "AWS::StackId" } },
							{
								Effect: "Allow",
								Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
								Resource: stack.resolve(prewarm.logGroup.logGroupArn),
							},
						],
					}),
				}),
			],
		});
	});

	test("asks for a report, at most as often as its function has the time for", () => {
		const { sent, template } = deploy();
		expect(sent).toMatchObject({
			Ping: '{"warmer":true,"concurrency":5,"report":true}',
			Concurrency: 5,
			PauseMs: 10_000,
			ServiceTimeout: "900",
		});
		expect(sent).not.toHaveProperty("MinimumCoverage");
		template.hasResourceProperties("AWS::Lambda::Function", {
			Runtime: "nodejs24.x",
			Handler: "index.handler",
			Timeout: 240,
			MemorySize: 256,
			Code: { ZipFile: Match.stringLikeRegexp("exports.handler = async") },
		});
	});

	test("names the fields, and takes a minimum", () => {
		const { sent } = deploy(undefined, { flag: "keepAlive", concurrencyField: "count", minimumCoverage: 0.8 });
		expect(sent.Ping).toBe('{"keepAlive":true,"count":5,"report":true}');
		expect(sent.MinimumCoverage).toBe(0.8);
	});

	test("has code that is small enough to read", () => {
		const [code = ""] = Object.values(deploy().template.findResources("AWS::Lambda::Function"))
			.map(({ Properties }) => String(Properties.Code.ZipFile))
			.filter((code) => code.includes("CloudFormation"));
		expect(code).toBe(PREWARM_CODE);
		expect(Buffer.byteLength(code)).toBeLessThan(4096);
	});

	test("waits for the function's permission to invoke itself, which schedules share", () => {
		const stack = new Stack();
		const fn = ordersFunction(stack);
		for (const Construct of [Prewarm, WarmupSchedule])
			new Construct(stack, Construct.name, { function: fn, concurrency: 5 });
		const template = Template.fromStack(stack);
		template.resourceCountIs("AWS::IAM::Policy", 1);
		const [policy] = Object.keys(template.findResources("AWS::IAM::Policy"));
		template.hasResource("Custom::WarmerPrewarm", { DependsOn: [policy] });
	});

	test("logs for a month, in a log group that goes with it", () => {
		deploy().template.hasResource("AWS::Logs::LogGroup", {
			Properties: { RetentionInDays: 30 },
			DeletionPolicy: "Delete",
		});
	});
});

describe("it runs again with a new version", () => {
	const deployed = (...args: Parameters<typeof deploy>) => deploy(...args).sent.Deployed;

	test.each([
		["an Alias", (fn: LambdaFunction) => fn.addAlias("prod")],
		["a Version", (fn: LambdaFunction) => fn.currentVersion],
	])("that %s says", (_, pinged) => {
		expect(deployed(pinged)).toEqual({ "Fn::GetAtt": [expect.stringContaining("CurrentVersion"), "Version"] });
	});

	test("after the alias has moved", () => {
		const { sent, template } = deploy((fn) => fn.addAlias("prod"));
		const [alias] = Object.keys(template.findResources("AWS::Lambda::Alias"));
		expect(sent.FunctionName).toEqual({ Ref: alias });
	});

	test("before the alias moves, where the alias waits", () => {
		const stack = new Stack();
		const fn = ordersFunction(stack);
		const prewarm = new Prewarm(stack, "Prewarm", { function: fn.currentVersion as IFunction, concurrency: 5 });
		fn.addAlias("prod").node.addDependency(prewarm);
		const template = Template.fromStack(stack);
		const [resource] = Object.keys(template.findResources("Custom::WarmerPrewarm"));
		template.hasResource("AWS::Lambda::Alias", { DependsOn: Match.arrayWith([resource]) });
	});

	test.each([
		["a Function", (fn: LambdaFunction) => fn],
		["its $LATEST", (fn: LambdaFunction) => fn.latestVersion],
	])("%s: whenever anything about it has changed", (_, pinged) => {
		const first = deployed(pinged);
		expect(first).toMatch(/^[0-9a-f]{64}$/);
		expect(deployed(pinged)).toBe(first);
		const environment = { LEVEL: "debug" };
		expect(deployed(pinged, {}, { environment })).not.toBe(first);
	});

	test("what is said of the function later counts as well", () => {
		const stack = new Stack();
		const fn = ordersFunction(stack);
		new Prewarm(stack, "Prewarm", { function: fn, concurrency: 5 });
		fn.addEnvironment("LEVEL", "debug");
		const [{ Properties } = { Properties: {} }] = Object.values(
			Template.fromStack(stack).findResources("Custom::WarmerPrewarm"),
		);
		expect(Properties.Deployed).toBe(deployed(undefined, {}, { environment: { LEVEL: "debug" } }));
	});
});

test("an imported function: pinged, with a warning that the permission is missing", () => {
	const { sent, stack } = deploy((fn) => LambdaFunction.fromFunctionArn(fn.stack, "Imported", IMPORTED_ARN));
	expect(sent.FunctionName).toBe(IMPORTED_ARN);
	expect(sent).not.toHaveProperty("Deployed");
	expect(warnings(stack)).toEqual([expect.stringContaining("role of Default/Imported is unknown")]);
});

test("warns of environments that can never be reached", () => {
	expect(warnings(deploy(undefined, { concurrency: 80 }).stack)).toEqual([expect.stringContaining("maxConcurrency")]);
	expect(warnings(deploy().stack)).toEqual([]);
});

test("takes a concurrency that only the deployment knows", () => {
	const { sent } = deploy(undefined, { concurrency: Lazy.number({ produce: () => 3 }) });
	expect(sent.Ping).toBe('{"warmer":true,"concurrency":3,"report":true}');
});

test("a wrong property gets a sentence with its name", () => {
	expect(() => deploy(undefined, { minimumCoverage: 2 })).toThrow(
		"Prewarm: minimumCoverage must be a number above 0 and at most 1, got 2",
	);
	expect(() => deploy(undefined, Object({ schedule: 1 }))).toThrow("Prewarm: there is no property schedule");
});
