import { describe, expect, test } from "@jest/globals";
import { Annotations, Duration, Lazy, Stack } from "aws-cdk-lib";
import { Schedule as RuleSchedule } from "aws-cdk-lib/aws-events";
import {
	ApplicationLogLevel,
	type FunctionProps,
	type IFunction,
	Function as LambdaFunction,
	LoggingFormat,
	Version,
} from "aws-cdk-lib/aws-lambda";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { WarmupSchedule, type WarmupScheduleProps } from "../../cdk/index.js";
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
		expect(warnings(stack)).toEqual([expect.stringContaining(`pings every ${minutes} minute(s)`)]);
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
		expect(warnings(stack)).toEqual([expect.stringContaining("every 1 minute(s)")]);
	});

	test("an expression that only the deployment knows: no warning", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack),
			concurrency: 5,
			schedule: ScheduleExpression.expression(Lazy.string({ produce: () => "rate(1 minute)" })),
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
		expect(warnings(stack)).toEqual([expect.stringMatching(/reserved concurrency of 3/)]);
	});

	test("that only the deployment knows: does not", () => {
		const stack = new Stack();
		const fn = ordersFunction(stack, { reservedConcurrentExecutions: Lazy.number({ produce: () => 3 }) });
		new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5 });
		expect(warnings(stack)).toEqual([]);
	});

	test("up to it: does not", () => {
		const stack = new Stack();
		const fn = ordersFunction(stack, { reservedConcurrentExecutions: 5 });
		new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5 });
		expect(warnings(stack)).toEqual([]);
	});
});

describe("a concurrency above the middleware's maximum", () => {
	test.each([
		[50, []],
		[51, [expect.stringContaining("maxConcurrency")]],
	])("%i", (concurrency, expected) => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack), concurrency });
		expect(warnings(stack)).toEqual(expected);
	});

	test("that only the deployment knows: no warning", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack, { reservedConcurrentExecutions: 3 }),
			concurrency: Lazy.number({ produce: () => 80 }),
		});
		expect(warnings(stack)).toEqual([]);
	});
});

describe("provisioned concurrency", () => {
	test.each([
		["an Alias", (fn: LambdaFunction) => fn.addAlias("prod", { provisionedConcurrentExecutions: 2 })],
		[
			"a Version",
			(fn: LambdaFunction) => new Version(fn, "Version", { lambda: fn, provisionedConcurrentExecutions: 2 }),
		],
	])("of %s: warns", (_, pinged) => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: pinged(ordersFunction(stack)) as IFunction, concurrency: 5 });
		expect(warnings(stack)).toEqual([expect.stringContaining("has provisioned concurrency")]);
	});

	test("none: does not", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack).addAlias("prod"), concurrency: 5 });
		expect(warnings(stack)).toEqual([]);
	});
});

describe("a function too small for the number", () => {
	const warningsFor = (concurrency: number, props: Partial<FunctionProps>) => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack, props), concurrency });
		return warnings(stack);
	};
	const unknown = Lazy.number({ produce: () => 128 });

	// 128 MB have 1/13.8 of a core: 100 ms for the SDK are 1.4 s there, and 1 ms for each child 14 ms.
	test.each<[number, Partial<FunctionProps>, string | undefined]>([
		[50, {}, undefined],
		[50, { timeout: Duration.seconds(2) }, "about 3 s with 128 MB, and its timeout is 2 s"],
		[10, { timeout: Duration.seconds(1) }, "about 2 s with 128 MB, and its timeout is 1 s"],
		[10, { timeout: Duration.seconds(1), memorySize: 1769 }, undefined],
		// A second core does not help.
		[50, { timeout: Duration.seconds(1), memorySize: 10_240 }, undefined],
		[1, { timeout: Duration.seconds(1) }, undefined],
		[2, { timeout: Duration.seconds(1) }, "about 2 s"],
		// 100 ms and 650 children's, and 250 ms to answer in.
		[651, { timeout: Duration.seconds(1), memorySize: 1769 }, undefined],
		[652, { timeout: Duration.seconds(1), memorySize: 1769 }, "about 2 s"],
		[50, { timeout: Duration.seconds(1), memorySize: unknown }, undefined],
		[50, { timeout: Duration.seconds(unknown) }, undefined],
	])("%i with %j: %s", (concurrency, props, warning) => {
		const tooSmall = warningsFor(concurrency, props).filter((text) => text.includes("A ping of"));
		expect(tooSmall).toEqual(warning ? [expect.stringContaining(warning)] : []);
	});
});

describe("each is acknowledged by its id", () => {
	test.each<[string[], (stack: Stack) => Omit<WarmupScheduleProps, "concurrency">]>([
		[
			[
				"rateUnderFiveMinutes",
				"provisionedConcurrency",
				"concurrencyAboveMaximum",
				"concurrencyAboveReserved",
				"functionTooSmall",
				"logFormatNotJson",
			],
			(stack) => ({
				function: ordersFunction(stack, {
					reservedConcurrentExecutions: 3,
					timeout: Duration.seconds(1),
					loggingFormat: LoggingFormat.TEXT,
				}).addAlias("prod", { provisionedConcurrentExecutions: 2 }),
				schedule: ScheduleExpression.rate(Duration.minutes(1)),
				dashboard: true,
			}),
		],
		[
			["concurrencyAboveMaximum", "logLevelAboveInfo"],
			(stack) => ({
				function: ordersFunction(stack, {
					applicationLogLevelV2: ApplicationLogLevel.WARN,
					timeout: Duration.seconds(10),
				}),
				dashboard: true,
			}),
		],
		[
			["concurrencyAboveMaximum", "selfInvokeNotGranted", "silenceUnwatched"],
			(stack) => ({
				function: LambdaFunction.fromFunctionName(stack, "Imported", "orders"),
				schedule: ScheduleExpression.rate(Duration.days(4)),
				minimumCoverage: 0.8,
			}),
		],
	])("%j", (ids, props) => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { ...props(stack), concurrency: 51 });
		expect(warnings(stack)).toHaveLength(ids.length);
		for (const id of ids) Annotations.of(stack).acknowledgeWarning(`middy-lambda-warmer:${id}`);
		expect(warnings(stack)).toEqual([]);
	});
});
