import { describe, expect, test } from "@jest/globals";
import { App, Duration, Stack, TimeZone } from "aws-cdk-lib";
import { Match, Template } from "aws-cdk-lib/assertions";
import { Schedule as RuleSchedule } from "aws-cdk-lib/aws-events";
import { Role } from "aws-cdk-lib/aws-iam";
import { type IFunction, Function as LambdaFunction, Version } from "aws-cdk-lib/aws-lambda";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { Prewarm, WarmupSchedule } from "../../cdk/index.js";
import type { Resources } from "../deploy/support/cloudformation.js";
import { deploymentOf } from "../deploy/support/deployment.js";
import { ordersFunction, warnings } from "./support.js";

const IMPORTED_ARN = "arn:aws:lambda:eu-north-1:123456789012:function:orders";

const resourcesOf = (stack: Stack): Resources => Template.fromStack(stack).toJSON().Resources;

/** The only policy in a template that is a resource of its own. */
const selfInvoke = (stack: Stack) => Object.values(Template.fromStack(stack).findResources("AWS::IAM::Policy"));

describe("what it pings, and what it permits", () => {
	test.each([
		["a Function", (fn: LambdaFunction) => fn],
		["a Version", (fn: LambdaFunction) => fn.currentVersion],
		["an Alias", (fn: LambdaFunction) => fn.addAlias("prod")],
		["the $LATEST version", (fn: LambdaFunction) => fn.latestVersion],
	])("%s: by exactly its ARN", (_, pinged) => {
		const stack = new Stack();
		const fn = pinged(ordersFunction(stack)) as IFunction;
		new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5 });

		const { target, functionMayInvoke, schedulerMayInvoke } = deploymentOf(resourcesOf(stack));
		const arn = stack.resolve(fn.functionArn);
		expect(target.Arn).toEqual(arn);
		expect(functionMayInvoke).toEqual([arn]);
		expect(schedulerMayInvoke).toEqual([arn]);
	});

	test("the permission is a policy of its own, and the schedule waits for it", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack), concurrency: 5 });

		const template = Template.fromStack(stack);
		template.resourceCountIs("AWS::IAM::Policy", 1);
		template.resourceCountIs("AWS::Lambda::Permission", 0);
		const [policy] = Object.keys(template.findResources("AWS::IAM::Policy"));
		template.hasResource("AWS::Scheduler::Schedule", { DependsOn: Match.arrayWith([policy]) });
	});

	test("only this account's scheduler may assume the role, for a schedule of the default group", () => {
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

	test("a function of another stack keeps its permission in its own stack", () => {
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

	test("by default: every 5 minutes, to the minute, without retries", () => {
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
	])("takes a schedule %s", (_, schedule) => {
		expect(scheduleProperties({ schedule })).toMatchObject({
			ScheduleExpression: "rate(10 minutes)",
			ScheduleExpressionTimezone: "Etc/UTC",
		});
	});

	test("takes the schedule's time zone, and prefers its own", () => {
		const schedule = ScheduleExpression.cron({ minute: "0/5", timeZone: TimeZone.ASIA_TOKYO });
		expect(scheduleProperties({ schedule }).ScheduleExpressionTimezone).toBe("Asia/Tokyo");
		expect(scheduleProperties({ schedule, timeZone: TimeZone.EUROPE_BERLIN }).ScheduleExpressionTimezone).toBe(
			"Europe/Berlin",
		);
	});

	test("names the fields as the middleware was told to", () => {
		expect(inputOf({ flag: "keepAlive", concurrencyField: "count" })).toBe('{"keepAlive":true,"count":5}');
	});
});

test("several share a function, and one permission", () => {
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

test("two aliases of a function get a permission each", () => {
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
	test("without a role: pinged, with a warning that the permission is missing", () => {
		const stack = new Stack();
		const fn = LambdaFunction.fromFunctionArn(stack, "Orders", IMPORTED_ARN);
		new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5 });

		const template = Template.fromStack(stack);
		template.resourceCountIs("AWS::IAM::Policy", 0);
		template.hasResourceProperties("AWS::Scheduler::Schedule", { Target: { Arn: IMPORTED_ARN } });
		expect(warnings(stack)).toEqual([expect.stringMatching(/role of Default\/Orders is unknown/)]);
	});

	test("with a role that may not be changed: the same warning", () => {
		const stack = new Stack();
		const role = Role.fromRoleArn(stack, "Role", "arn:aws:iam::123456789012:role/orders", { mutable: false });
		const fn = LambdaFunction.fromFunctionAttributes(stack, "Orders", { functionArn: IMPORTED_ARN, role });
		new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5 });

		Template.fromStack(stack).resourceCountIs("AWS::IAM::Policy", 0);
		expect(warnings(stack)).toEqual([expect.stringMatching(/may not be changed/)]);
	});

	test("with a role: gets the permission, and no warning", () => {
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

	test("a version by its ARN: pinged by it", () => {
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
	new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5, minimumCoverage: 0.8 });
	new Prewarm(stack, "Prewarm", { function: fn, concurrency: 5 });
	const descriptions = Object.values(resourcesOf(stack)).flatMap(
		({ Properties = {} }) => Properties.Description ?? Properties.AlarmDescription ?? [],
	);
	expect(descriptions).toHaveLength(6);
	for (const text of descriptions) expect(text).toContain("Default/Orders");
});
