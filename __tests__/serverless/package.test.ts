import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { idOf, type Json, type Properties, type Resources, validated } from "../deploy/support/cloudformation.js";
import { statements } from "../deploy/support/deployment.js";
import { ping } from "../deploy/support/ping.js";
import { type Finished, run } from "../deploy/support/serverless.js";

const SERVICE = "__tests__/serverless/service";

const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });

/** What each warm function of the service pings. */
const targets: Record<string, Json> = {
	Orders: arnOf("OrdersLambdaFunction"),
	Search: arnOf("SearchLambdaFunction"),
	Payments: arnOf("PaymentsLambdaFunction"),
	Checkout: { Ref: "CheckoutAlias" },
	Invoices: { "Fn::Join": [":", [arnOf("InvoicesLambdaFunction"), "live"]] },
};

describe("osls package, on a service of six functions", () => {
	let finished: Finished;
	let resources: Resources;
	beforeAll(async () => {
		finished = await run(SERVICE);
		resources = finished.resources;
	});
	afterAll(() => finished.clean());

	const ofType = (type: string, suffix: string) =>
		Object.entries(resources).filter(([id, { Type }]) => Type === type && id.includes(suffix));
	const schedules = () =>
		ofType("AWS::Scheduler::Schedule", "Warmup").map(([id, { Properties = {} }]) => {
			const target = Properties.Target as Properties;
			return [
				id,
				Properties.ScheduleExpression,
				Properties.ScheduleExpressionTimezone,
				JSON.parse(String(target.Input)),
			];
		});
	const policies = () => ofType("AWS::IAM::Policy", "WarmupPolicy");
	const statementOf = (prefix: string) =>
		statements(resources[`${prefix}WarmupPolicy`]?.Properties ?? {})[0] as unknown as Properties;

	test("makes a template that CloudFormation accepts: nothing waits for itself", () => {
		expect(finished).toMatchObject({ exitCode: 0 });
		expect(() => validated(resources)).not.toThrow();
	});

	test("adds the schedules that each function asks for, and none for a function without", () => {
		expect(schedules()).toEqual([
			["OrdersWarmupSchedule", "rate(5 minutes)", undefined, { warmer: true, concurrency: 5 }],
			["SearchWarmupSchedule", "rate(5 minutes)", undefined, { warmer: true, concurrency: "auto" }],
			["PaymentsWarmupSchedule", "rate(10 minutes)", undefined, { ping: true, environments: 2 }],
			["CheckoutWarmupSchedule", "cron(0/5 8-17 ? * MON-FRI *)", "Europe/Berlin", { warmer: true, concurrency: 10 }],
			["CheckoutWarmupSchedule2", "rate(15 minutes)", undefined, { warmer: true, concurrency: 2 }],
			["InvoicesWarmupSchedule", "rate(5 minutes)", undefined, { warmer: true, concurrency: 3 }],
		]);
	});

	test("sends each ping to the function or its alias, after the permission, without retries", () => {
		for (const [id, { DependsOn, Properties = {} }] of ofType("AWS::Scheduler::Schedule", "Warmup")) {
			const [, prefix = ""] = /^(\w+)WarmupSchedule/.exec(id) ?? [];
			expect(DependsOn).toBe(`${prefix}WarmupPolicy`);
			expect(Properties.Target).toMatchObject({
				Arn: targets[prefix],
				RoleArn: arnOf("WarmupSchedulerRole"),
				RetryPolicy: { MaximumRetryAttempts: 0 },
			});
		}
	});

	test("allows the scheduler and the function's role, shared or not, exactly that", () => {
		const roles = policies().map(([id, { Properties = {} }]) => [id, [Properties.Roles].flat().map(idOf)]);
		expect(Object.fromEntries(roles)).toEqual({
			OrdersWarmupPolicy: ["WarmupSchedulerRole", "IamRoleLambdaExecution"],
			SearchWarmupPolicy: ["WarmupSchedulerRole", "IamRoleLambdaExecution"],
			PaymentsWarmupPolicy: ["WarmupSchedulerRole", "PaymentsRole"],
			CheckoutWarmupPolicy: ["WarmupSchedulerRole", "IamRoleLambdaExecution"],
			InvoicesWarmupPolicy: ["WarmupSchedulerRole"],
		});
		for (const [prefix, target] of Object.entries(targets)) {
			expect(statementOf(prefix)).toMatchObject({
				Effect: "Allow",
				Action: "lambda:InvokeFunction",
				Resource: target,
			});
		}
	});

	test("keeps functions that share a role from invoking each other", () => {
		for (const prefix of Object.keys(targets)) {
			const own = arnOf(`${prefix}LambdaFunction`);
			expect(statementOf(prefix).Condition).toEqual({
				// The scheduler's requests come from no function.
				ArnLikeIfExists: { "lambda:SourceFunctionArn": [own, { "Fn::Join": [":", [own, "*"]] }] },
			});
		}
	});

	test("prints the permission that it cannot grant, and no other warning", () => {
		expect(finished.output.match(/warmup: .*/g)).toEqual([
			"warmup: the role of invoices is not part of this service. Allow it lambda:InvokeFunction on shop-dev-invoices:live, or a ping reaches one environment only.",
		]);
	});

	test("leaves everything else as it is without the plugin", async () => {
		const without = await run(SERVICE, ["package"], { edit: withoutWarming });
		await without.clean();
		expect(without.exitCode).toBe(0);
		expect(withoutPlugin(resources)).toEqual(withoutPlugin(without.resources));
	});

	test("sends pings that the middleware answers", async () => {
		const target = resources.OrdersWarmupSchedule?.Properties?.Target as Properties;
		expect(await ping(String(target.Input), "arn:aws:lambda:eu-west-1:123456789012:function:orders")).toMatchObject({
			answer: "warmed",
			businessCalls: 0,
		});
	});
});

const withoutWarming = (yaml: string): string =>
	yaml
		.replace("  - middy-lambda-warmer/serverless\n", "  []\n")
		.replace(/custom:\n[\s\S]*?\nprovider:/, "provider:")
		.replaceAll(/ {4}warmup:(?: \w+|(?:\n {6}.*)+)\n/g, "");

/** The resources without the plugin's, and without the time that is part of the code's address. */
const withoutPlugin = (resources: Resources): unknown => {
	const others = Object.entries(resources).filter(([id]) => !id.includes("Warmup"));
	return JSON.parse(JSON.stringify(Object.fromEntries(others)).replaceAll(/"S3Key":"[^"]*"/g, '"S3Key":""'));
};

test("osls package fails on misspelled and out-of-range settings, and says where", async () => {
	const { exitCode, output, clean } = await run(SERVICE, ["package"], {
		edit: (yaml) =>
			yaml
				.replace("concurrency: 3", "concurency: 3")
				.replace("warmup: 5", "warmup: 0")
				.replace("warmup: auto", "warmup: automatic")
				.replace("stages: [dev", "stage: [dev"),
	});
	await clean();
	expect(exitCode).not.toBe(0);
	expect(output).toContain("at 'functions.invoices.warmup': unrecognized property 'concurency'");
	expect(output).toContain("at 'functions.orders.warmup': unsupported integer format");
	expect(output).toContain("at 'functions.search.warmup': must be equal to one of the allowed values");
	expect(output).toContain("at 'custom.warmup': unrecognized property 'stage'");
});
