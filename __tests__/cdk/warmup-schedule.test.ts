import { describe, expect, test } from "@jest/globals";
import { App, Duration, NestedStack, Stack, TimeZone } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Schedule as RuleSchedule } from "aws-cdk-lib/aws-events";
import { Role } from "aws-cdk-lib/aws-iam";
import { type Alias, type IFunction, Function as LambdaFunction, Version } from "aws-cdk-lib/aws-lambda";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { Prewarm, PrewarmHook, WarmupSchedule } from "../../cdk/index.js";
import type { Resources } from "../deploy/support/cloudformation.js";
import { deploymentOf } from "../deploy/support/deployment.js";
import { ordersFunction, warnings } from "./support.js";

const IMPORTED_ARN = "arn:aws:lambda:eu-north-1:123456789012:function:orders";

const resourcesOf = (stack: Stack): Resources => Template.fromStack(stack).toJSON().Resources;

/** The only policy in a template that is a resource of its own. */
const selfInvoke = (stack: Stack) => Object.values(Template.fromStack(stack).findResources("AWS::IAM::Policy"));

describe("permissions", () => {
	test.each([
		["a Function", (fn: LambdaFunction) => fn],
		["a Version", (fn: LambdaFunction) => fn.currentVersion],
		["an Alias", (fn: LambdaFunction) => fn.addAlias("prod")],
		["the $LATEST version", (fn: LambdaFunction) => fn.latestVersion],
	])("are limited to the ARN that is pinged when the schedule is for %s", (_, pinged) => {
		const stack = new Stack();
		const fn = pinged(ordersFunction(stack)) as IFunction;
		new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5 });

		const { target, functionMayInvoke, schedulerMayInvoke } = deploymentOf(resourcesOf(stack));
		const arn = stack.resolve(fn.functionArn);
		expect(target.Arn).toEqual(arn);
		expect(functionMayInvoke).toEqual([arn]);
		expect(schedulerMayInvoke).toEqual([arn]);
	});

	test("are in place before the first ping", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack), concurrency: 5 });

		const template = Template.fromStack(stack);
		template.resourceCountIs("AWS::IAM::Policy", 1);
		template.resourceCountIs("AWS::Lambda::Permission", 0);
		const [policy] = Object.keys(template.findResources("AWS::IAM::Policy"));
		template.hasResource("AWS::Scheduler::Schedule", { DependsOn: Match.arrayWith([policy]) });
	});

	test("let only this account's schedules of the default group assume the role", () => {
		const [partition, region, account] = ["Partition", "Region", "AccountId"].map((name) => ({ Ref: `AWS::${name}` }));
		const group = ["arn:", partition, ":scheduler:", region, ":", account, ":schedule-group/default"];
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack), concurrency: 5 });

		const template = Template.fromStack(stack);
		template.hasResourceProperties("AWS::IAM::Role", {
			AssumeRolePolicyDocument: {
				Statement: [
					{
						Effect: "Allow",
						Action: "sts:AssumeRole",
						Principal: { Service: "scheduler.amazonaws.com" },
						Condition: {
							StringEquals: {
								"aws:SourceAccount": { Ref: "AWS::AccountId" },
								"aws:SourceArn": { "Fn::Join": ["", group] },
							},
						},
					},
				],
			},
		});
	});

	test("stand in the function's stack when the schedule is in another one", () => {
		const app = new App();
		const functions = new Stack(app, "Functions");
		const schedules = new Stack(app, "Schedules");
		new WarmupSchedule(schedules, "Warmup", { function: ordersFunction(functions), concurrency: 5 });

		Template.fromStack(functions).resourceCountIs("AWS::IAM::Policy", 1);
		Template.fromStack(schedules).resourceCountIs("AWS::IAM::Policy", 0);
		Template.fromStack(schedules).resourceCountIs("AWS::Scheduler::Schedule", 1);
	});
});

describe("the schedule", () => {
	const scheduleProperties = (props: Partial<ConstructorParameters<typeof WarmupSchedule>[2]>) => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack), concurrency: 5, ...props });
		const [schedule] = Object.values(resourcesOf(stack)).filter(({ Type }) => Type === "AWS::Scheduler::Schedule");
		return schedule?.Properties ?? {};
	};
	const inputOf = (props: Parameters<typeof scheduleProperties>[0]) =>
		(scheduleProperties(props).Target as { Input: unknown }).Input;

	test("pings every 5 minutes, to the minute and without retries, by default", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack), concurrency: 5 });
		Template.fromStack(stack).hasResourceProperties("AWS::Scheduler::Schedule", {
			ScheduleExpression: "rate(5 minutes)",
			ScheduleExpressionTimezone: "Etc/UTC",
			FlexibleTimeWindow: { Mode: "OFF" },
			State: "ENABLED",
			Target: { Input: '{"warmer":true,"concurrency":5}', RetryPolicy: { MaximumRetryAttempts: 0 } },
		});
		expect(warnings(stack)).toEqual([]);
	});

	test.each([
		["of aws-scheduler", ScheduleExpression.rate(Duration.minutes(10))],
		["of aws-events", RuleSchedule.rate(Duration.minutes(10))],
	])("accepts a schedule %s", (_, schedule) => {
		expect(scheduleProperties({ schedule })).toMatchObject({
			ScheduleExpression: "rate(10 minutes)",
			ScheduleExpressionTimezone: "Etc/UTC",
		});
	});

	test("uses the schedule's time zone unless timeZone overrides it", () => {
		const schedule = ScheduleExpression.cron({ minute: "0/5", timeZone: TimeZone.ASIA_TOKYO });
		expect(scheduleProperties({ schedule }).ScheduleExpressionTimezone).toBe("Asia/Tokyo");
		expect(scheduleProperties({ schedule, timeZone: TimeZone.EUROPE_BERLIN }).ScheduleExpressionTimezone).toBe(
			"Europe/Berlin",
		);
	});

	test("names the fields as the middleware's options do", () => {
		expect(inputOf({ flag: "keepAlive", concurrencyField: "count" })).toBe('{"keepAlive":true,"count":5}');
	});

	test("leaves the number to the middleware's option when concurrency is left out", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack) });
		Template.fromStack(stack).hasResourceProperties("AWS::Scheduler::Schedule", {
			Target: { Input: '{"warmer":true}' },
		});
	});

	test("sends the word when concurrency is automatic", () => {
		expect(inputOf({ concurrency: "auto", maxConcurrency: 20 })).toBe('{"warmer":true,"concurrency":"auto"}');
	});
});

describe("a role that two stacks import", () => {
	const policyNames = (stacks: Stack[]) => {
		for (const stack of stacks) {
			const role = Role.fromRoleArn(stack, "Role", "arn:aws:iam::123456789012:role/shared");
			new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack, { role }), concurrency: 5 });
		}
		return stacks.flatMap(selfInvoke).map(({ Properties }) => Properties.PolicyName);
	};

	test("gets a policy from each, with the stack in its name", () => {
		const app = new App();
		const env = { region: "eu-north-1" };
		const names = policyNames(["Orders", "Invoices"].map((id) => new Stack(app, id, { env })));
		expect(names).toEqual([
			expect.stringMatching(/^WarmerSelfInvoke-Orders-[0-9a-f]{8}-eu-north-1$/),
			expect.stringMatching(/^WarmerSelfInvoke-Invoices-[0-9a-f]{8}-eu-north-1$/),
		]);
	});

	test("gets a policy from each when only the stacks' names differ", () => {
		const stacks = ["dev", "prod"].map((stackName) => new Stack(new App(), "Orders", { stackName }));
		const names = policyNames(stacks).map((name) => JSON.stringify(name));
		expect(names[0]).toContain("-dev-");
		expect(names[1]).toContain("-prod-");
	});

	test("gets a policy from each Region, which a stack without one knows only at deployment", () => {
		const [name] = policyNames([new Stack(new App(), "Orders")]);
		expect(name).toEqual({
			"Fn::Join": ["", [expect.stringMatching(/^WarmerSelfInvoke-Orders-[0-9a-f]{8}-$/), { Ref: "AWS::Region" }]],
		});
	});

	test("gets a policy from each nested stack, whose own name CloudFormation chooses", () => {
		const app = new App();
		const nested = ["dev", "prod"].map((id) => new NestedStack(new Stack(app, id), "Nested"));
		const names = policyNames(nested).map((name) => JSON.stringify(name));
		expect(names[0]).toContain("-dev-");
		expect(names[1]).toContain("-prod-");
	});

	test("gets a name that IAM accepts, however long the stack's is", () => {
		const stackName = "s".repeat(128);
		const stack = new Stack(new App(), "Orders", { stackName, env: { region: "ap-southeast-1" } });
		const [name] = policyNames([stack]);
		expect(name).toMatch(/^[\w-]{100,128}$/);
	});

	test("gets a policy for each function of a stack", () => {
		const stack = new Stack(new App(), "Orders", { env: { region: "eu-north-1" } });
		const role = Role.fromRoleArn(stack, "Role", "arn:aws:iam::123456789012:role/shared");
		for (const id of ["One", "Other"]) {
			const fn = ordersFunction(new Construct(stack, id), { role });
			new WarmupSchedule(stack, `Warmup${id}`, { function: fn, concurrency: 5 });
		}
		expect(new Set(selfInvoke(stack).map(({ Properties }) => Properties.PolicyName)).size).toBe(2);
	});
});

describe("a function in another account or Region", () => {
	const here = { region: "eu-north-1", account: "123456789012" };
	const constructs = {
		WarmupSchedule: (stack: Stack, alias: Alias) => new WarmupSchedule(stack, "Warmup", { function: alias }),
		Prewarm: (stack: Stack, alias: Alias) => new Prewarm(stack, "Warmup", { function: alias }),
		PrewarmHook: (stack: Stack, alias: Alias) => new PrewarmHook(stack, "Warmup", { alias }),
	};

	describe.each(Object.entries(constructs))("%s", (name, create) => {
		const createIn = (env: { region?: string; account?: string }) => {
			const app = new App();
			const alias = ordersFunction(new Stack(app, "Functions", { env: here })).addAlias("prod");
			return () => create(new Stack(app, "Elsewhere", { env }), alias);
		};

		test("throws an error that names both Regions", () => {
			expect(createIn({ ...here, region: "us-east-1" })).toThrow(
				`${name}: Functions/Orders/Aliasprod is in Region eu-north-1, but Elsewhere/Warmup is in us-east-1: move`,
			);
		});

		test("throws an error that names both accounts", () => {
			expect(createIn({ ...here, account: "210987654321" })).toThrow(
				"is in account 123456789012, but Elsewhere/Warmup is in 210987654321",
			);
		});

		test("is accepted when the stack's environment is the same, or known only at deployment", () => {
			expect(createIn(here)).not.toThrow();
			expect(createIn({})).not.toThrow();
		});
	});

	test.each([
		["function", (stack: Stack) => LambdaFunction.fromFunctionArn(stack, "Imported", IMPORTED_ARN)],
		["version", (stack: Stack) => Version.fromVersionArn(stack, "Imported", `${IMPORTED_ARN}:3`)],
	])("throws an error when the ARN of an imported %s names another Region or account", (_, imported) => {
		const createIn = (env: { region: string; account: string }) => () => {
			const stack = new Stack(new App(), "Orders", { env });
			new WarmupSchedule(stack, "Warmup", { function: imported(stack) as IFunction });
		};
		expect(createIn({ ...here, region: "us-east-1" })).toThrow("Region eu-north-1");
		expect(createIn({ ...here, account: "210987654321" })).toThrow("account 123456789012");
		expect(createIn(here)).not.toThrow();
	});
});

test("several schedules of a function share one permission", () => {
	const stack = new Stack();
	const fn = ordersFunction(stack);
	new WarmupSchedule(stack, "OfficeHours", {
		function: fn,
		concurrency: 20,
		schedule: ScheduleExpression.cron({ minute: "0/5", hour: "8-17", weekDay: "MON-FRI" }),
		timeZone: TimeZone.EUROPE_BERLIN,
	});
	new WarmupSchedule(stack, "Nights", {
		function: fn,
		concurrency: 2,
		schedule: ScheduleExpression.cron({ minute: "0/10", hour: "18-23,0-7" }),
		timeZone: TimeZone.EUROPE_BERLIN,
	});

	const template = Template.fromStack(stack);
	template.resourceCountIs("AWS::Scheduler::Schedule", 2);
	template.resourceCountIs("AWS::IAM::Policy", 1);
	template.hasResourceProperties("AWS::Scheduler::Schedule", {
		ScheduleExpression: "cron(0/5 8-17 ? * MON-FRI *)",
		Target: { Input: '{"warmer":true,"concurrency":20}' },
	});
	template.hasResourceProperties("AWS::Scheduler::Schedule", {
		ScheduleExpression: "cron(0/10 18-23,0-7 * * ? *)",
		Target: { Input: '{"warmer":true,"concurrency":2}' },
	});
	expect(warnings(stack)).toEqual([]);
});

test("two aliases of a function get one permission each", () => {
	const stack = new Stack();
	const fn = ordersFunction(stack);
	for (const name of ["blue", "green"]) {
		const alias = fn.addAlias(name);
		new WarmupSchedule(stack, `Warmup-${name}`, { function: alias, concurrency: 5 });
	}
	const arns = selfInvoke(stack).map(({ Properties }) => Properties.PolicyDocument.Statement[0].Resource.Ref);
	expect(arns.sort()).toEqual(Object.keys(Template.fromStack(stack).findResources("AWS::Lambda::Alias")).sort());
});

describe("an imported function", () => {
	test("is pinged with a warning that the permission is missing when its role is unknown", () => {
		const stack = new Stack();
		const fn = LambdaFunction.fromFunctionArn(stack, "Orders", IMPORTED_ARN);
		new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5 });

		const template = Template.fromStack(stack);
		template.resourceCountIs("AWS::IAM::Policy", 0);
		template.hasResourceProperties("AWS::Scheduler::Schedule", { Target: { Arn: IMPORTED_ARN } });
		expect(warnings(stack)).toEqual([expect.stringMatching(/role of Default\/Orders is unknown/)]);
	});

	test("is pinged with the same warning when its role cannot be changed", () => {
		const stack = new Stack();
		const role = Role.fromRoleArn(stack, "Role", "arn:aws:iam::123456789012:role/orders", { mutable: false });
		const fn = LambdaFunction.fromFunctionAttributes(stack, "Orders", { functionArn: IMPORTED_ARN, role });
		new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5 });

		Template.fromStack(stack).resourceCountIs("AWS::IAM::Policy", 0);
		expect(warnings(stack)).toEqual([expect.stringMatching(/cannot be changed/)]);
	});

	test("gets the permission when its role is known", () => {
		const stack = new Stack();
		const role = Role.fromRoleArn(stack, "Role", "arn:aws:iam::123456789012:role/orders");
		const fn = LambdaFunction.fromFunctionAttributes(stack, "Orders", { functionArn: IMPORTED_ARN, role });
		new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5 });

		Template.fromStack(stack).hasResourceProperties("AWS::IAM::Policy", {
			Roles: ["orders"],
			PolicyDocument: { Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: IMPORTED_ARN }] },
		});
		expect(warnings(stack)).toEqual([]);
	});

	test("is pinged by its qualified ARN when a version is imported", () => {
		const stack = new Stack();
		const version = Version.fromVersionArn(stack, "Version", `${IMPORTED_ARN}:3`);
		new WarmupSchedule(stack, "Warmup", { function: version, concurrency: 5 });
		Template.fromStack(stack).hasResourceProperties("AWS::Scheduler::Schedule", {
			Target: { Arn: `${IMPORTED_ARN}:3` },
		});
	});
});

test("every description names the function", () => {
	const stack = new Stack();
	const fn = ordersFunction(stack);
	new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5, minimumCoverage: 0.8, maximumColdStarts: 3 });
	new Prewarm(stack, "Prewarm", { function: fn, concurrency: 5 });
	const descriptions = Object.values(resourcesOf(stack)).flatMap(
		({ Properties = {} }) => Properties.Description ?? Properties.AlarmDescription ?? [],
	);
	expect(descriptions).toHaveLength(7);
	for (const text of descriptions) expect(text).toContain("Default/Orders");
});
