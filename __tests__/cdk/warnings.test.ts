import { describe, expect, test } from "@jest/globals";
import { Annotations, Duration, Lazy, Stack } from "aws-cdk-lib";
import { Schedule as RuleSchedule } from "aws-cdk-lib/aws-events";
import {
	ApplicationLogLevel,
	type CfnFunction,
	type FunctionProps,
	type IFunction,
	Function as LambdaFunction,
	LoggingFormat,
	TenancyConfig,
	Version,
} from "aws-cdk-lib/aws-lambda";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { Prewarm, PrewarmHook, WarmupSchedule, type WarmupScheduleProps } from "../../cdk/index.js";
import { ordersFunction, warnings } from "./support.js";

describe("the schedule", () => {
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
	])("warns when %s pings every %i minute(s)", (expression, minutes) => {
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
	])("does not warn when the expression is %s", (expression) => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack),
			concurrency: 5,
			schedule: ScheduleExpression.expression(expression),
		});
		expect(warnings(stack)).toEqual([]);
	});

	test("warns when a cron schedule has no minutes, and so pings every minute", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack),
			concurrency: 5,
			schedule: RuleSchedule.cron({ hour: "8-17" }),
		});
		expect(warnings(stack)).toEqual([expect.stringContaining("every 1 minute(s)")]);
	});

	test("does not warn when the expression is known only at deployment", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack),
			concurrency: 5,
			schedule: ScheduleExpression.expression(Lazy.string({ produce: () => "rate(1 minute)" })),
		});
		expect(warnings(stack)).toEqual([]);
	});
});

/** Warnings of a schedule for a function with these properties. */
const warningsOf = (
	props: Partial<WarmupScheduleProps>,
	fnProps: Partial<FunctionProps> = {},
	pinged: (fn: LambdaFunction) => unknown = (fn) => fn,
) => {
	const stack = new Stack();
	const fn = pinged(ordersFunction(stack, fnProps)) as IFunction;
	new WarmupSchedule(stack, "Warmup", { function: fn, ...props });
	return warnings(stack);
};

describe("reserved concurrency", () => {
	const alias = (fn: LambdaFunction) => fn.addAlias("prod");
	const limited = { reservedConcurrentExecutions: 3, timeout: Duration.seconds(30) };
	const lower = (concurrency: number) => [
		expect.stringContaining(`reserved concurrency of Default/Orders (3) is lower than the ${concurrency} environments`),
	];

	test("warns when it is lower than the number of a Function", () => {
		expect(warningsOf({ concurrency: 5 }, limited)).toEqual(lower(5));
	});

	test("warns when it is lower than the number of an Alias", () => {
		expect(warningsOf({ concurrency: 5 }, limited, alias)).toEqual([
			expect.stringContaining("(3) is lower than the 5"),
		]);
	});

	test.each([undefined, "auto"] as const)(
		"warns when concurrency is %s and maxConcurrency is above it",
		(concurrency) => {
			const props = concurrency ? { concurrency } : {};
			expect(warningsOf({ ...props, maxConcurrency: 20 }, limited)).toEqual(lower(20));
		},
	);

	test("does not warn when concurrency is automatic and maxConcurrency is unknown", () => {
		expect(warningsOf({ concurrency: "auto" }, limited)).toEqual([]);
		expect(warningsOf({}, limited)).toEqual([]);
	});

	test("does not warn when maxConcurrency is within it", () => {
		expect(warningsOf({ concurrency: "auto", maxConcurrency: 3 }, limited)).toEqual([]);
	});

	test("does not warn when the number is within it", () => {
		expect(warningsOf({ concurrency: 3 }, limited)).toEqual([]);
	});

	test("does not warn when it is known only at deployment", () => {
		const reservedConcurrentExecutions = Lazy.number({ produce: () => 3 });
		expect(warningsOf({ concurrency: 5 }, { reservedConcurrentExecutions })).toEqual([]);
	});

	test("does not warn when the number is known only at deployment", () => {
		expect(warningsOf({ concurrency: Lazy.number({ produce: () => 80 }) }, limited)).toEqual([]);
		expect(warningsOf({ maxConcurrency: Lazy.number({ produce: () => 80 }) }, limited)).toEqual([]);
	});
});

describe("the middleware's maxConcurrency", () => {
	const large = { memorySize: 1769, timeout: Duration.seconds(30) };

	test.each([
		[50, "is not set", undefined, undefined],
		[51, "is not set", undefined, "maxConcurrency is 50 unless it is set: raise that option and pass its value"],
		[80, "is as high", 80, undefined],
		[81, "is lower", 80, "maxConcurrency is 80: raise that option, or lower concurrency"],
		[81, "is known only at deployment", Lazy.number({ produce: () => 80 }), undefined],
	])("is compared with a concurrency of %i when it %s", (concurrency, _, maxConcurrency, warning) => {
		const props = maxConcurrency === undefined ? {} : { maxConcurrency };
		expect(warningsOf({ concurrency, ...props }, large)).toEqual(warning ? [expect.stringContaining(warning)] : []);
	});

	test("bounds the number that the other warnings look at", () => {
		const limited = { ...large, reservedConcurrentExecutions: 4 };
		expect(warningsOf({ concurrency: 10, maxConcurrency: 4 }, limited)).toHaveLength(1);
		expect(warningsOf({ concurrency: 10, maxConcurrency: 5 }, limited)).toContainEqual(
			expect.stringContaining("(4) is lower than the 5 environments"),
		);
	});
});

describe("provisioned concurrency", () => {
	test.each([
		["an Alias", (fn: LambdaFunction) => fn.addAlias("prod", { provisionedConcurrentExecutions: 2 })],
		[
			"a Version",
			(fn: LambdaFunction) => new Version(fn, "Version", { lambda: fn, provisionedConcurrentExecutions: 2 }),
		],
	])("warns when %s has it", (_, pinged) => {
		expect(warningsOf({ concurrency: 5 }, {}, pinged)).toEqual([
			expect.stringContaining("has provisioned concurrency"),
		]);
	});

	test("does not warn when an Alias has none", () => {
		expect(warningsOf({ concurrency: 5 }, {}, (fn) => fn.addAlias("prod"))).toEqual([]);
	});
});

describe("a durable function", () => {
	const durable = (executionTimeout: Duration): Partial<FunctionProps> => ({ durableConfig: { executionTimeout } });
	const short = durable(Duration.minutes(15));

	test("warns of its unqualified ARN, and says what to pass", () => {
		expect(warningsOf({ concurrency: 5 }, short)).toEqual([
			expect.stringMatching(/does not invoke by an unqualified ARN: pass an alias, or its currentVersion/),
		]);
	});

	test.each([
		["an Alias", (fn: LambdaFunction) => fn.addAlias("prod")],
		["a Version", (fn: LambdaFunction) => fn.currentVersion],
		["$LATEST", (fn: LambdaFunction) => fn.latestVersion],
	])("does not warn when it is pinged by the qualified ARN of %s", (_, pinged) => {
		expect(warningsOf({ concurrency: 5 }, short, pinged)).toEqual([]);
	});

	test("warns of an execution timeout above 15 minutes, and says what to lower", () => {
		const long = durable(Duration.seconds(901));
		expect(warningsOf({ concurrency: 5 }, long, (fn) => fn.addAlias("prod"))).toEqual([
			expect.stringMatching(/execution timeout of 901 s.* only up to 900 s: lower its execution timeout/),
		]);
	});

	test("does not warn of an execution timeout that is known only at deployment", () => {
		const stack = new Stack();
		const fn = ordersFunction(stack);
		const executionTimeout = Lazy.number({ produce: () => 3600 });
		(fn.node.defaultChild as CfnFunction).durableConfig = { executionTimeout };
		new WarmupSchedule(stack, "Warmup", { function: fn.addAlias("prod"), concurrency: 5 });
		expect(warnings(stack)).toEqual([]);
	});

	test("warns for Prewarm and PrewarmHook as well", () => {
		const stack = new Stack();
		const fn = ordersFunction(stack, durable(Duration.hours(1)));
		new Prewarm(stack, "Prewarm", { function: fn });
		new PrewarmHook(stack, "Hook", { alias: fn.addAlias("prod") });
		expect(warnings(stack)).toEqual([
			expect.stringContaining("unqualified ARN"),
			expect.stringContaining("execution timeout of 3600 s"),
			expect.stringContaining("execution timeout of 3600 s"),
		]);
	});
});

describe("tenant isolation", () => {
	const isolated = { tenancyConfig: TenancyConfig.PER_TENANT };
	const prewarm = (fnProps: Partial<FunctionProps>, tenantId?: string) => {
		const stack = new Stack();
		const fn = ordersFunction(stack, fnProps);
		new Prewarm(stack, "Prewarm", { function: fn, ...(tenantId && { tenantId }) });
		new PrewarmHook(stack, "Hook", { alias: fn.addAlias("prod"), ...(tenantId && { tenantId }) });
		return warnings(stack);
	};

	test("warns when a schedule is to ping the function, since it sends no tenant id", () => {
		expect(warningsOf({ concurrency: 5 }, isolated)).toEqual([
			expect.stringMatching(/sends no tenant id: schedule a function that sends a ping for each tenant/),
		]);
	});

	test("warns when a prewarming construct has no tenantId for the function", () => {
		const missing = expect.stringMatching(/has tenant isolation.*: pass the tenantId/);
		expect(prewarm(isolated)).toEqual([missing, missing]);
	});

	test("warns when a prewarming construct has a tenantId for another function", () => {
		const unexpected = expect.stringMatching(/has no tenant isolation.*: remove tenantId/);
		expect(prewarm({}, "blue")).toEqual([unexpected, unexpected]);
	});

	test("does not warn when both go together", () => {
		expect(prewarm(isolated, "blue")).toEqual([]);
		expect(prewarm({})).toEqual([]);
	});
});

describe("a function that is too small for the number", () => {
	const unknown = Lazy.number({ produce: () => 128 });

	test.each<[number, Partial<FunctionProps>, string]>([
		[
			50,
			{ timeout: Duration.seconds(1) },
			"With 128 MB and a timeout of 1 s, Default/Orders has time to reach about 30 of 50",
		],
		[200, {}, "With 128 MB and a timeout of 3 s, Default/Orders has time to reach about 122 of 200"],
		[600, { timeout: Duration.seconds(1), memorySize: 1769 }, "about 407 of 600"],
		// A second vCPU does not help.
		[600, { timeout: Duration.seconds(1), memorySize: 10_240 }, "about 407 of 600"],
	])("warns of %i environments with %j", (concurrency, props, message) => {
		const all = warningsOf({ concurrency, maxConcurrency: 1000 }, props);
		expect(all).toEqual([expect.stringContaining(message)]);
	});

	test.each<[number, Partial<FunctionProps>]>([
		[1, { timeout: Duration.seconds(1) }],
		[30, { timeout: Duration.seconds(1) }],
		[122, {}],
		[407, { timeout: Duration.seconds(1), memorySize: 1769 }],
		[600, { timeout: Duration.seconds(1), memorySize: unknown }],
		[600, { timeout: Duration.seconds(unknown) }],
	])("does not warn of %i environments with %j", (concurrency, props) => {
		expect(warningsOf({ concurrency, maxConcurrency: 1000 }, props)).toEqual([]);
	});

	test("looks at maxConcurrency when concurrency is automatic", () => {
		const props = { timeout: Duration.seconds(1) };
		expect(warningsOf({ concurrency: "auto", maxConcurrency: 50 }, props)).toEqual([
			expect.stringContaining("about 30 of 50"),
		]);
		expect(warningsOf({ concurrency: "auto" }, props)).toEqual([]);
	});
});

describe("every warning can be acknowledged by its id", () => {
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
		[
			["concurrencyAboveMaximum", "durableFunctionUnqualified", "durableFunctionTooLong", "tenantIsolation"],
			(stack) => ({
				function: ordersFunction(stack, {
					durableConfig: { executionTimeout: Duration.hours(1) },
					tenancyConfig: TenancyConfig.PER_TENANT,
					timeout: Duration.seconds(10),
				}),
			}),
		],
	])("%j", (ids, props) => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { ...props(stack), concurrency: 51 });
		expect(warnings(stack)).toHaveLength(ids.length);
		for (const id of ids) Annotations.of(stack).acknowledgeWarning(`middy-lambda-warmer:${id}`);
		expect(warnings(stack)).toEqual([]);
	});

	test.each([
		["tenantIdMissing", { tenancyConfig: TenancyConfig.PER_TENANT }, {}],
		["tenantIdUnexpected", {}, { tenantId: "blue" }],
	])("%s", (id, fnProps, props) => {
		const stack = new Stack();
		new Prewarm(stack, "Prewarm", { function: ordersFunction(stack, fnProps), ...props });
		expect(warnings(stack)).toHaveLength(1);
		Annotations.of(stack).acknowledgeWarning(`middy-lambda-warmer:${id}`);
		expect(warnings(stack)).toEqual([]);
	});
});
