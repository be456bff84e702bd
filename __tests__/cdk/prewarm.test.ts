import { describe, expect, test } from "@jest/globals";
import { App, CfnParameter, Lazy, Stack } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Key } from "aws-cdk-lib/aws-kms";
import {
	type CfnFunction,
	Code,
	type FunctionProps,
	type IFunction,
	Function as LambdaFunction,
	LayerVersion,
} from "aws-cdk-lib/aws-lambda";
import { Bucket } from "aws-cdk-lib/aws-s3";
import { Secret } from "aws-cdk-lib/aws-secretsmanager";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Prewarm, type PrewarmProps, WarmupSchedule } from "../../cdk/index.js";
import { PREWARM_CODE } from "../../cdk/prewarm-code.js";
import { ordersFunction, warnings } from "./support.js";

const IMPORTED_ARN = "arn:aws:lambda:eu-north-1:123456789012:function:orders";

/** Creates a stack with a `Prewarm`, and finds the properties of its custom resource. */
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
	])("pings %s by exactly its ARN, with permissions for nothing else", (_, pinged) => {
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

	test("asks for a report, and gives up before its function times out", () => {
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

	test("names the fields as the middleware's options do, and passes the minimum on", () => {
		const { sent } = deploy(undefined, { flag: "keepAlive", concurrencyField: "count", minimumCoverage: 0.8 });
		expect(sent.Ping).toBe('{"keepAlive":true,"count":5,"report":true}');
		expect(sent.DemandPing).toBe('{"keepAlive":true,"count":1,"test":true,"report":true}');
		expect(sent.MinimumCoverage).toBe(0.8);
	});

	test.each([
		["left out", {}, '{"warmer":true,"report":true}'],
		["automatic", { concurrency: "auto" as const }, '{"warmer":true,"concurrency":"auto","report":true}'],
	])("measures coverage by the report when concurrency is %s", (_, props, ping) => {
		const stack = new Stack();
		new Prewarm(stack, "Prewarm", { function: ordersFunction(stack), ...props });
		Template.fromStack(stack).hasResourceProperties("Custom::WarmerPrewarm", {
			Ping: ping,
			Concurrency: Match.absent(),
		});
	});

	test("passes a tenant id on", () => {
		expect(deploy(undefined, { tenantId: "blue" }).sent.TenantId).toBe("blue");
		expect(deploy().sent).not.toHaveProperty("TenantId");
	});

	test("has a function without reserved concurrency unless it is set", () => {
		const reserved = (props?: Partial<PrewarmProps>) => {
			const { prewarm, stack } = deploy(undefined, props);
			return stack.resolve((prewarm.handler.node.defaultChild as CfnFunction).reservedConcurrentExecutions);
		};
		expect(reserved({ reservedConcurrentExecutions: 1 })).toBe(1);
		expect(reserved()).toBeUndefined();
	});

	test("has inline code that the oldest supported CDK accepts", () => {
		const [code = ""] = Object.values(deploy().template.findResources("AWS::Lambda::Function"))
			.map(({ Properties }) => String(Properties.Code.ZipFile))
			.filter((code) => code.includes("CloudFormation"));
		expect(code).toBe(PREWARM_CODE);
		expect(Buffer.byteLength(code)).toBeLessThanOrEqual(4096);
	});

	test("waits for the function's permission to invoke itself, which it shares with schedules", () => {
		const stack = new Stack();
		const fn = ordersFunction(stack);
		for (const Construct of [Prewarm, WarmupSchedule])
			new Construct(stack, Construct.name, { function: fn, concurrency: 5 });
		const template = Template.fromStack(stack);
		template.resourceCountIs("AWS::IAM::Policy", 1);
		const [policy] = Object.keys(template.findResources("AWS::IAM::Policy"));
		template.hasResource("Custom::WarmerPrewarm", { DependsOn: [policy] });
	});

	test("keeps its logs for a month, and deletes them with itself", () => {
		deploy().template.hasResource("AWS::Logs::LogGroup", {
			Properties: { RetentionInDays: 30 },
			DeletionPolicy: "Delete",
		});
	});
});

describe("the custom resource runs again", () => {
	const deployed = (...args: Parameters<typeof deploy>) => deploy(...args).sent.Deployed;

	test.each([
		["an Alias", (fn: LambdaFunction) => fn.addAlias("prod")],
		["a Version", (fn: LambdaFunction) => fn.currentVersion],
	])("when the version of %s is new", (_, pinged) => {
		expect(deployed(pinged)).toEqual({ "Fn::GetAtt": [expect.stringContaining("CurrentVersion"), "Version"] });
	});

	test("after the alias has moved", () => {
		const { sent, template } = deploy((fn) => fn.addAlias("prod"));
		const [alias] = Object.keys(template.findResources("AWS::Lambda::Alias"));
		expect(sent.FunctionName).toEqual({ Ref: alias });
	});

	test("before the alias moves when the alias depends on it", () => {
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
	])("when the template of %s has changed", (_, pinged) => {
		const first = deployed(pinged);
		expect(first).toMatch(/^[0-9a-f]{64}$/);
		expect(deployed(pinged)).toBe(first);
		const environment = { LEVEL: "debug" };
		expect(deployed(pinged, {}, { environment })).not.toBe(first);
	});

	test("when the function is changed after the construct was created", () => {
		const stack = new Stack();
		const fn = ordersFunction(stack);
		new Prewarm(stack, "Prewarm", { function: fn, concurrency: 5 });
		fn.addEnvironment("LEVEL", "debug");
		const [{ Properties } = { Properties: {} }] = Object.values(
			Template.fromStack(stack).findResources("Custom::WarmerPrewarm"),
		);
		expect(Properties.Deployed).toBe(deployed(undefined, {}, { environment: { LEVEL: "debug" } }));
	});

	/** The custom resource's properties where the function is changed by `change`. */
	const sentAfter = (
		change: (fn: LambdaFunction) => void,
		scope: (app: App, stack: Stack) => Stack = (_, own) => own,
	) => {
		const app = new App();
		const stack = new Stack(app, "Orders");
		const fn = ordersFunction(stack);
		change(fn);
		const prewarmStack = scope(app, stack);
		new Prewarm(prewarmStack, "Prewarm", { function: fn });
		const [resource] = Object.values(Template.fromStack(prewarmStack).findResources("Custom::WarmerPrewarm"));
		return resource?.Properties;
	};
	const withLayer = (key: string) => (fn: LambdaFunction) => {
		const bucket = Bucket.fromBucketName(fn.stack, "Bucket", "layers");
		fn.addLayers(new LayerVersion(fn.stack, "Layer", { code: Code.fromBucket(bucket, key) }));
	};

	test("when a layer of the function has changed, although its logical id has not", () => {
		const first = sentAfter(withLayer("1.zip"));
		expect(sentAfter(withLayer("1.zip"))).toEqual(first);
		expect(sentAfter(withLayer("2.zip")).Deployed).not.toBe(first.Deployed);
	});

	test("when a layer has changed, and the construct is in another stack", () => {
		const another = (app: App) => new Stack(app, "Another");
		const first = sentAfter(withLayer("1.zip"), another);
		expect(sentAfter(withLayer("2.zip"), another).Deployed).not.toBe(first.Deployed);
		// An exported reference could not change as long as the other stack imports it.
		expect(first).not.toHaveProperty("References");
	});

	test("when what a referenced resource refers to has changed", () => {
		const withKey = (description: string) => (fn: LambdaFunction) => {
			const masterKey = new Key(fn.stack, "Key", { description });
			for (const id of ["Orders", "Invoices"]) {
				fn.addEnvironment(id, new Topic(fn.stack, `${id}Topic`, { masterKey }).topicArn);
			}
		};
		expect(sentAfter(withKey("one")).Deployed).not.toBe(sentAfter(withKey("other")).Deployed);
	});

	test("when a reference has a new value at deployment", () => {
		const { References } = sentAfter((fn) => {
			const level = new CfnParameter(fn.stack, "Level");
			fn.addEnvironment("LEVEL", `log-${level.valueAsString}`);
			fn.addEnvironment("FALLBACK", level.valueAsString);
			withLayer("1.zip")(fn);
		});
		expect(References).toContainEqual({ Ref: expect.stringMatching(/^Layer/) });
		expect(References).toContainEqual({ "Fn::GetAtt": [expect.stringMatching(/^OrdersServiceRole/), "Arn"] });
		expect(References.filter(({ Ref }: { Ref?: string }) => Ref === "Level")).toHaveLength(1);
	});

	test("without resolving a secret that the function's template refers to", () => {
		const properties = sentAfter((fn) => {
			const secret = new Secret(fn.stack, "Secret");
			fn.addEnvironment("PASSWORD", secret.secretValue.unsafeUnwrap());
		});
		expect(properties.References).toContainEqual({ Ref: expect.stringMatching(/^Secret/) });
		expect(JSON.stringify(properties)).not.toContain("resolve:secretsmanager");
	});
});

describe("the handover of the demand", () => {
	test.each([
		["a Version", (fn: LambdaFunction) => fn.currentVersion],
		["an Alias", (fn: LambdaFunction) => fn.addAlias("prod")],
	])("comes from the version before when %s is pinged", (_, pinged) => {
		const { sent, template } = deploy(pinged);
		const [fn] = Object.keys(
			template.findResources("AWS::Lambda::Function", { Properties: { LoggingConfig: { LogFormat: "JSON" } } }),
		);
		expect(sent.Versions).toEqual({ "Fn::GetAtt": [fn, "Arn"] });
		expect(sent.DemandPing).toBe('{"warmer":true,"concurrency":1,"test":true,"report":true}');
	});

	test("is permitted by a policy that still names the version before when the resource runs", () => {
		const { template } = deploy((fn) => fn.addAlias("prod"));
		const [version] = Object.keys(template.findResources("AWS::Lambda::Version"));
		const [resource] = Object.keys(template.findResources("Custom::WarmerPrewarm"));
		template.hasResource("AWS::IAM::Policy", {
			Properties: {
				PolicyDocument: {
					Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: { Ref: version } }],
				},
				Roles: [{ Ref: Match.stringLikeRegexp("PrewarmRole") }],
			},
			DependsOn: [resource],
		});
	});

	test("is left out for a Function, whose former code is gone", () => {
		const { sent, template } = deploy();
		expect(sent).not.toHaveProperty("Versions");
		template.resourceCountIs("AWS::IAM::Policy", 1);
	});
});

test("pings an imported function, with a warning that the permission is missing", () => {
	const { sent, stack } = deploy((fn) => LambdaFunction.fromFunctionArn(fn.stack, "Imported", IMPORTED_ARN));
	expect(sent.FunctionName).toBe(IMPORTED_ARN);
	expect(sent).not.toHaveProperty("Deployed");
	expect(warnings(stack)).toEqual([expect.stringContaining("role of Default/Imported is unknown")]);
});

test("warns of environments that a ping can never reach", () => {
	expect(warnings(deploy(undefined, { concurrency: 80 }).stack)).toEqual([expect.stringContaining("maxConcurrency")]);
	expect(warnings(deploy().stack)).toEqual([]);
});

test("accepts a concurrency that is known only at deployment", () => {
	const { sent } = deploy(undefined, { concurrency: Lazy.number({ produce: () => 3 }) });
	expect(sent.Ping).toBe('{"warmer":true,"concurrency":3,"report":true}');
});

test("throws an error that names a wrong property", () => {
	expect(() => deploy(undefined, { minimumCoverage: 2 })).toThrow(
		"Prewarm: minimumCoverage must be a number above 0 and at most 1, got 2",
	);
	expect(() => deploy(undefined, Object({ schedule: 1 }))).toThrow("Prewarm: unknown property schedule");
});
