import { describe, expect, test } from "@jest/globals";
import { Duration, Lazy, Stack } from "aws-cdk-lib";
import { Schedule as RuleSchedule } from "aws-cdk-lib/aws-events";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { WarmupSchedule } from "../../cdk/index.js";
import { ordersFunction, warnings } from "./support.js";

describe("a rate under 5 minutes", () => {
	test.each([
		["rate(1 minute)", 1],
		["rate(4 minutes)", 4],
		["cron(* * * * ? *)", 1],
		["cron(*/2 8-17 ? * MON-FRI *)", 2],
		["cron(1/3 * * * ? *)", 3],
		["cron(0,3,30 9 * * ? *)", 3],
		["cron(10-12 9 * * ? *)", 1],
		["cron(0-30/4 9 * * ? *)", 4],
		["cron(0,57 * * * ? *)", 3],
		["cron(0/7 8-17 * * ? *)", 4],
		["cron(0,57 8,9 * * ? *)", 3],
		["cron(1,59 0,23 * * ? *)", 2],
	])("%s: warns of %i", (expression, minutes) => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack),
			concurrency: 5,
			schedule: ScheduleExpression.expression(expression),
		});
		expect(warnings(stack)).toEqual([
			expect.stringContaining(`pings every ${minutes} minute(s)`),
		]);
	});

	test.each([
		"rate(5 minutes)",
		"rate(1 hour)",
		"rate(1 day)",
		"cron(0/5 8-17 ? * MON-FRI *)",
		"cron(*/10 * * * ? *)",
		"cron(0 9 * * ? *)",
		"cron(0,57 9 * * ? *)",
		"cron(0,57 */2 * * ? *)",
		"cron(nonsense * * * ? *)",
		"at(2027-01-01T00:00:00)",
		"something new",
		"rate(1 lightyear)",
	])("%s: does not", (expression) => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack),
			concurrency: 5,
			schedule: ScheduleExpression.expression(expression),
		});
		expect(warnings(stack)).toEqual([]);
	});

	test("a cron schedule without minutes pings every minute, and warns", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack),
			concurrency: 5,
			schedule: RuleSchedule.cron({ hour: "8-17" }),
		});
		expect(warnings(stack)).toEqual([
			expect.stringContaining("every 1 minute(s)"),
		]);
	});

	test("an expression that only the deployment knows: no warning", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack),
			concurrency: 5,
			schedule: ScheduleExpression.expression(
				Lazy.string({ produce: () => "rate(1 minute)" }),
			),
		});
		expect(warnings(stack)).toEqual([]);
	});
});

describe("a concurrency above the reserved concurrency", () => {
	test.each([
		["a Function", false],
		["an Alias", true],
	])("of %s: warns", (_, alias) => {
		const stack = new Stack();
		const fn = ordersFunction(stack, { reservedConcurrentExecutions: 3 });
		new WarmupSchedule(stack, "Warmup", {
			function: alias ? fn.addAlias("prod") : fn,
			concurrency: 5,
			schedule: ScheduleExpression.rate(Duration.minutes(5)),
		});
		expect(warnings(stack)).toEqual([
			expect.stringMatching(/reserved concurrency of 3/),
		]);
	});

	test("up to it: does not", () => {
		const stack = new Stack();
		const fn = ordersFunction(stack, { reservedConcurrentExecutions: 5 });
		new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5 });
		expect(warnings(stack)).toEqual([]);
	});
});
