import { describe, expect, test } from "@jest/globals";
import { Duration, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import {
	ApplicationLogLevel,
	Code,
	type FunctionProps,
	Function as LambdaFunction,
	LoggingFormat,
	Runtime,
} from "aws-cdk-lib/aws-lambda";
import { ScheduleExpression } from "aws-cdk-lib/aws-scheduler";
import { WarmupSchedule, type WarmupScheduleProps } from "../../cdk/index.js";
import { importedFunction, ordersFunction, propertiesOf, textOf, warnings } from "./support.js";

test("creates no alarm by default", () => {
	const stack = new Stack();
	const warmup = new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack), concurrency: 5 });
	for (const type of ["CloudWatch::Alarm", "Logs::MetricFilter"]) {
		Template.fromStack(stack).resourceCountIs(`AWS::${type}`, 0);
	}
	expect(warmup.coverageAlarm).toBeUndefined();
	expect(warmup.silenceAlarm).toBeUndefined();
	expect(warmup.coldStartAlarm).toBeUndefined();
});

describe("the alarm on coverage", () => {
	test("compares the environments reached in an hour with those requested", () => {
		const stack = new Stack();
		const warmup = new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack),
			concurrency: 5,
			minimumCoverage: 0.8,
		});
		expect(warmup.coverageAlarm).toBeDefined();
		Template.fromStack(stack).hasResourceProperties("AWS::CloudWatch::Alarm", {
			Threshold: 0.8,
			ComparisonOperator: "LessThanThreshold",
			EvaluationPeriods: 1,
			TreatMissingData: "notBreaching",
		});
		const [name] = Object.keys(Template.fromStack(stack).findResources("AWS::Lambda::Function"));
		const filters = propertiesOf(stack, "Logs::MetricFilter").map(({ FilterPattern, MetricTransformations: [to] }) => [
			FilterPattern,
			textOf(to.MetricName),
			to.MetricValue,
		]);
		expect(filters.slice(0, 2)).toEqual(
			["warmed", "requested"].map((field) => [
				`{ ($.message.action = "warmer-report") && ($.message.skipped NOT EXISTS) && ($.message.${field} = "*") }`,
				`${name}-${field}`,
				`$.message.${field}`,
			]),
		);
		const [alarm] = propertiesOf(stack, "CloudWatch::Alarm");
		expect(alarm?.Metrics[0].Label).toBe("coverage");
		expect(
			alarm?.Metrics.map(
				({ Expression, MetricStat }: { Expression?: string; MetricStat: Record<string, Record<string, unknown>> }) =>
					Expression ?? [textOf(MetricStat.Metric?.MetricName), MetricStat.Period, MetricStat.Stat],
			),
		).toEqual(["warmed / requested", [`${name}-warmed`, 3600, "Sum"], [`${name}-requested`, 3600, "Sum"]]);
	});

	test("counts each report once when a function has several schedules", () => {
		const stack = new Stack();
		const fn = ordersFunction(stack);
		for (const [id, minimumCoverage] of [
			["Days", 0.9],
			["Nights", 0.5],
		] as const) {
			new WarmupSchedule(stack, id, { function: fn.latestVersion, concurrency: 5, minimumCoverage });
		}
		const template = Template.fromStack(stack);
		template.resourceCountIs("AWS::Logs::MetricFilter", 3);
		template.resourceCountIs("AWS::CloudWatch::Alarm", 4);
	});

	test("throws an error when the function has no log group of its own", () => {
		const stack = new Stack();
		const fn = new LambdaFunction(stack, "WithoutLogs", {
			runtime: Runtime.NODEJS_24_X,
			handler: "index.handler",
			code: Code.fromInline("exports.handler = async () => {}"),
			loggingFormat: LoggingFormat.JSON,
		});
		expect(() => new WarmupSchedule(stack, "Warmup", { function: fn, concurrency: 5, minimumCoverage: 0.8 })).toThrow(
			"give Default/WithoutLogs a logGroup",
		);
	});

	test("reads the default log group when the function is imported", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: importedFunction(stack), concurrency: 5, minimumCoverage: 0.8 });
		Template.fromStack(stack).hasResourceProperties("AWS::Logs::MetricFilter", { LogGroupName: "/aws/lambda/orders" });
	});
});

describe("the alarm on pings that stop", () => {
	const silence = (props: Partial<WarmupScheduleProps>) => {
		const stack = new Stack();
		const { silenceAlarm } = new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack),
			concurrency: 5,
			...props,
		});
		const alarms = propertiesOf(stack, "CloudWatch::Alarm");
		return { alarm: alarms.find(({ TreatMissingData }) => TreatMissingData === "breaching"), silenceAlarm, stack };
	};

	test("counts completed pings, including those for one environment", () => {
		const { alarm, stack } = silence({ maximumSilence: Duration.hours(6) });
		const [name] = Object.keys(Template.fromStack(stack).findResources("AWS::Lambda::Function"));
		expect(alarm).toMatchObject({
			Namespace: "middy-lambda-warmer",
			Statistic: "Sum",
			Period: 3600,
			EvaluationPeriods: 6,
			Threshold: 1,
			ComparisonOperator: "LessThanThreshold",
		});
		const filter = propertiesOf(stack, "Logs::MetricFilter")[2];
		expect(filter?.FilterPattern).toBe(
			'{ (($.message.action = "warmer-report") && ($.message.skipped NOT EXISTS)) || (($.message.action = "warmer") && ($.message.concurrency = 1)) }',
		);
		expect(filter?.MetricTransformations).toMatchObject([{ MetricValue: "1" }]);
		expect(textOf(filter?.MetricTransformations[0].MetricName)).toBe(`${name}-pings`);
		expect(textOf(alarm?.MetricName)).toBe(`${name}-pings`);
		expect(propertiesOf(stack, "CloudWatch::Alarm")).toHaveLength(1);
	});

	test.each([
		["rate(5 minutes)", 1],
		["rate(30 minutes)", 1],
		["rate(31 minutes)", 2],
		["rate(3 days)", 144],
		["rate(84 hours)", 168],
		["cron(0/10 18-23,0-7 * * ? *)", 21],
		["cron(0 9 * * ? *)", 48],
	])("with minimumCoverage and %s watches %i hour(s)", (expression, hours) => {
		const { alarm, stack } = silence({ minimumCoverage: 0.8, schedule: ScheduleExpression.expression(expression) });
		expect(alarm?.EvaluationPeriods).toBe(hours);
		expect(alarm?.AlarmDescription).toMatch(`for ${hours} hour`);
		expect(warnings(stack)).toEqual([]);
	});

	test.each([
		"rate(4 days)",
		"cron(0/5 8-17 ? * MON-FRI *)",
		"cron(0/5 * 1 * ? *)",
		"at(2027-01-01T00:00:00)",
		"something new",
	])("is replaced by a warning with minimumCoverage and %s", (expression) => {
		const { alarm, silenceAlarm, stack } = silence({
			minimumCoverage: 0.8,
			schedule: ScheduleExpression.expression(expression),
		});
		expect(alarm).toBeUndefined();
		expect(silenceAlarm).toBeUndefined();
		expect(warnings(stack)).toEqual([expect.stringContaining("set maximumSilence")]);
	});

	test("is created without a warning when maximumSilence is set", () => {
		const { alarm, stack } = silence({
			minimumCoverage: 0.8,
			maximumSilence: Duration.hours(64),
			schedule: ScheduleExpression.expression("cron(0/5 8-17 ? * MON-FRI *)"),
		});
		expect(alarm?.EvaluationPeriods).toBe(64);
		expect(warnings(stack)).toEqual([]);
	});
});

describe("the alarm on cold starts that requests met", () => {
	const create = (props: Partial<WarmupScheduleProps> = {}) => {
		const stack = new Stack();
		const fn = ordersFunction(stack);
		const warmup = new WarmupSchedule(stack, "Warmup", { function: fn, maximumColdStarts: 3, ...props });
		return { stack, fn, warmup };
	};

	test("counts the records of an hour whose environment was started by a request", () => {
		const { stack, warmup } = create();
		expect(warmup.coldStartAlarm).toBeDefined();
		const [name] = Object.keys(Template.fromStack(stack).findResources("AWS::Lambda::Function"));
		const [alarm, ...others] = propertiesOf(stack, "CloudWatch::Alarm");
		expect(others).toEqual([]);
		expect(alarm).toMatchObject({
			Namespace: "middy-lambda-warmer",
			Statistic: "Sum",
			Period: 3600,
			EvaluationPeriods: 1,
			Threshold: 3,
			ComparisonOperator: "GreaterThanThreshold",
			TreatMissingData: "notBreaching",
		});
		const [filter, ...otherFilters] = propertiesOf(stack, "Logs::MetricFilter");
		expect(otherFilters).toEqual([]);
		expect(filter?.FilterPattern).toBe('{ ($.message.action = "warmer") && ($.message.coldStart IS TRUE) }');
		expect(filter?.MetricTransformations).toMatchObject([{ MetricValue: "1" }]);
		expect(textOf(filter?.MetricTransformations[0].MetricName)).toBe(`${name}-coldStarts`);
		expect(textOf(alarm?.MetricName)).toBe(`${name}-coldStarts`);
		expect(warnings(stack)).toEqual([]);
	});

	test("is created when no cold start at all is accepted", () => {
		const { stack } = create({ maximumColdStarts: 0 });
		expect(propertiesOf(stack, "CloudWatch::Alarm")).toMatchObject([{ Threshold: 0 }]);
	});

	test("counts each record once when a function has several schedules, beside the filters of other alarms", () => {
		const { stack, fn } = create({ minimumCoverage: 0.8 });
		new WarmupSchedule(stack, "Nights", { function: fn.latestVersion, maximumColdStarts: 0 });
		Template.fromStack(stack).resourceCountIs("AWS::Logs::MetricFilter", 4);
	});
});

describe("logs that neither a dashboard nor an alarm can read", () => {
	const consumers: Partial<WarmupScheduleProps>[] = [
		{ dashboard: true },
		{ minimumCoverage: 0.8 },
		{ maximumSilence: Duration.hours(1) },
		{ maximumColdStarts: 0 },
	];
	const warningsOf = (fn: Partial<FunctionProps>, props: Partial<WarmupScheduleProps>) => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack, fn), concurrency: 5, ...props });
		return warnings(stack);
	};

	test.each(consumers)("cause a warning when they are not JSON, with %j", (props) => {
		expect(warningsOf({ loggingFormat: LoggingFormat.TEXT }, props)).toEqual([
			expect.stringContaining("does not log in JSON"),
		]);
	});

	test("cause no warning when nothing reads them", () => {
		expect(warningsOf({ loggingFormat: LoggingFormat.TEXT }, { dashboard: false })).toEqual([]);
	});

	test("cause a warning when only the coverage is watched", () => {
		const schedule = ScheduleExpression.expression("cron(0/5 8-17 ? * MON-FRI *)");
		expect(warningsOf({ loggingFormat: LoggingFormat.TEXT }, { minimumCoverage: 0.8, schedule })).toContainEqual(
			expect.stringContaining("does not log in JSON"),
		);
	});

	test.each(["WARN", "ERROR", "FATAL"] as const)("cause a warning when their level is %s", (level) => {
		const applicationLogLevelV2 = ApplicationLogLevel[level];
		for (const props of consumers) {
			expect(warningsOf({ applicationLogLevelV2 }, props)).toEqual([expect.stringContaining(`log level ${level}`)]);
		}
		expect(warningsOf({ applicationLogLevelV2 }, {})).toEqual([]);
	});

	test.each(["TRACE", "DEBUG", "INFO"] as const)("cause no warning when their level is %s", (level) => {
		const applicationLogLevelV2 = ApplicationLogLevel[level];
		expect(warningsOf({ applicationLogLevelV2 }, { dashboard: true })).toEqual([]);
	});
});
