import { describe, expect, test } from "@jest/globals";
import { Duration, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
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
import { ordersFunction, warnings } from "./support.js";

/** Properties of each resource of a type. */
const propertiesOf = (stack: Stack, type: string) =>
	Object.values(Template.fromStack(stack).findResources(`AWS::${type}`)).map(({ Properties }) => Properties);

/** A string with the logical id of each resource in the place of its name. */
const text = (value: unknown): string => {
	if (typeof value === "string") return value;
	const { Ref, "Fn::Join": join } = value as {
		Ref: string;
		"Fn::Join"?: [string, unknown[]];
	};
	return join ? join[1].map(text).join(join[0]) : Ref;
};

function importedFunction(stack: Stack) {
	return LambdaFunction.fromFunctionAttributes(stack, "Imported", {
		functionArn: "arn:aws:lambda:eu-north-1:123456789012:function:orders",
		role: new Role(stack, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") }),
	});
}

test("there is neither a dashboard nor an alarm unless asked for", () => {
	const stack = new Stack();
	const warmup = new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack), concurrency: 5 });
	const template = Template.fromStack(stack);
	for (const type of ["CloudWatch::Dashboard", "CloudWatch::Alarm", "Logs::MetricFilter"]) {
		template.resourceCountIs(`AWS::${type}`, 0);
	}
	expect(warmup.dashboard).toBeUndefined();
	expect(warmup.coverageAlarm).toBeUndefined();
});

describe("the dashboard", () => {
	const widgets = (stack: Stack): { title: string; query: string }[] => {
		const [dashboard] = propertiesOf(stack, "CloudWatch::Dashboard");
		const body = JSON.parse(text(dashboard?.DashboardBody));
		return body.widgets.map(({ properties }: { properties: { title: string; query: string } }) => properties);
	};

	test("asks the function's log group for coverage, cold starts and idle environments", () => {
		const stack = new Stack();
		const warmup = new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack),
			concurrency: 5,
			dashboard: true,
		});
		expect(warmup.dashboard).toBeDefined();
		expect(widgets(stack).map(({ title }) => title)).toEqual([
			"Coverage, %",
			"Cold starts taken by pings",
			"Idle environments",
		]);
		for (const { query } of widgets(stack)) {
			expect(query).toMatch(/^SOURCE 'OrdersLogs\w*' \| filter message\.action = "warmer/);
		}
		const stages = widgets(stack).map(({ query }) => query.split(/\s*\| /).map((stage) => stage.split(" ")[0]));
		expect(stages).toEqual([
			["SOURCE", "filter", "fields", "stats"],
			["SOURCE", "filter", "stats"],
			["SOURCE", "filter", "stats", "sort"],
		]);
		expect(warnings(stack)).toEqual([]);
	});

	test("of $LATEST: the function's log group too", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", {
			function: ordersFunction(stack).latestVersion,
			concurrency: 5,
			dashboard: true,
		});
		expect(widgets(stack)[0]?.query).toMatch(/SOURCE 'OrdersLogs/);
	});

	test("an imported function, or one without a log group of its own: its default log group", () => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: importedFunction(stack), concurrency: 5, dashboard: true });
		expect(widgets(stack)[0]?.query).toContain("SOURCE '/aws/lambda/orders'");
	});
});

describe("the alarm on coverage", () => {
	test("compares the environments reached in an hour with those asked for", () => {
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
			text(to.MetricName),
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
					Expression ?? [text(MetricStat.Metric?.MetricName), MetricStat.Period, MetricStat.Stat],
			),
		).toEqual(["warmed / requested", [`${name}-warmed`, 3600, "Sum"], [`${name}-requested`, 3600, "Sum"]]);
	});

	test("several of a function count each report once", () => {
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

	test("refuses a function whose log group does not exist yet", () => {
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

	test("takes an imported function's default log group", () => {
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

	test("counts the pings that were served to their end, those for one environment too", () => {
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
		expect(text(filter?.MetricTransformations[0].MetricName)).toBe(`${name}-pings`);
		expect(text(alarm?.MetricName)).toBe(`${name}-pings`);
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
	])("with minimumCoverage and %s: for %i hours", (expression, hours) => {
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
	])("with minimumCoverage and %s: a warning that there is none", (expression) => {
		const { alarm, silenceAlarm, stack } = silence({
			minimumCoverage: 0.8,
			schedule: ScheduleExpression.expression(expression),
		});
		expect(alarm).toBeUndefined();
		expect(silenceAlarm).toBeUndefined();
		expect(warnings(stack)).toEqual([expect.stringContaining("give maximumSilence")]);
	});

	test("maximumSilence is an answer to that warning", () => {
		const { alarm, stack } = silence({
			minimumCoverage: 0.8,
			maximumSilence: Duration.hours(64),
			schedule: ScheduleExpression.expression("cron(0/5 8-17 ? * MON-FRI *)"),
		});
		expect(alarm?.EvaluationPeriods).toBe(64);
		expect(warnings(stack)).toEqual([]);
	});
});

describe("records that neither dashboard nor alarm can read", () => {
	const consumers: Partial<WarmupScheduleProps>[] = [
		{ dashboard: true },
		{ minimumCoverage: 0.8 },
		{ maximumSilence: Duration.hours(1) },
	];
	const logs = (fn: Partial<FunctionProps>, props: Partial<WarmupScheduleProps>) => {
		const stack = new Stack();
		new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack, fn), concurrency: 5, ...props });
		return warnings(stack);
	};

	test.each(consumers)("%j: warns of logs that are not JSON", (props) => {
		expect(logs({ loggingFormat: LoggingFormat.TEXT }, props)).toEqual([
			expect.stringContaining("does not log in JSON"),
		]);
	});

	test("warns of them also where only the coverage is watched", () => {
		const schedule = ScheduleExpression.expression("cron(0/5 8-17 ? * MON-FRI *)");
		expect(logs({ loggingFormat: LoggingFormat.TEXT }, { minimumCoverage: 0.8, schedule })).toContainEqual(
			expect.stringContaining("does not log in JSON"),
		);
	});

	test.each(["WARN", "ERROR", "FATAL"] as const)("warns of the log level %s", (level) => {
		const applicationLogLevelV2 = ApplicationLogLevel[level];
		for (const props of consumers) {
			expect(logs({ applicationLogLevelV2 }, props)).toEqual([expect.stringContaining(`log level ${level}`)]);
		}
		expect(logs({ applicationLogLevelV2 }, {})).toEqual([]);
	});

	test.each(["TRACE", "DEBUG", "INFO"] as const)("does not of %s", (level) => {
		const applicationLogLevelV2 = ApplicationLogLevel[level];
		expect(logs({ applicationLogLevelV2 }, { dashboard: true })).toEqual([]);
	});
});
