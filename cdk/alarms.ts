import { Duration } from "aws-cdk-lib";
import { Alarm, ComparisonOperator, MathExpression, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { FilterPattern, type IFilterPattern, LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { logGroupName, ownLogGroupName } from "./function-logs.js";
import { functionResource, underlyingFunction } from "./pinged-function.js";

/** Creates an alarm on the share of environments that an hour's pings reach: a single ping that falls short is common. */
export function coverageAlarm(scope: Construct, fn: IFunction, minimum: number): Alarm {
	const { warmed, requested } = reportMetrics(fn);
	return new Alarm(scope, "CoverageAlarm", {
		alarmDescription: `Pings reach too few execution environments of ${fn.node.path}`,
		metric: new MathExpression({
			label: "coverage",
			expression: "warmed / requested",
			usingMetrics: { warmed, requested },
			period: HOUR,
		}),
		threshold: minimum,
		comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
		evaluationPeriods: 1,
		// The other alarm watches for pings that stop.
		treatMissingData: TreatMissingData.NOT_BREACHING,
	});
}

/** Creates an alarm on hours without a single completed ping. */
export function silenceAlarm(scope: Construct, fn: IFunction, hours: number): Alarm {
	return new Alarm(scope, "SilenceAlarm", {
		alarmDescription: `No ping has warmed ${fn.node.path} for ${hours} hour(s)`,
		metric: reportMetrics(fn).pings,
		threshold: 1,
		comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
		evaluationPeriods: hours,
		treatMissingData: TreatMissingData.BREACHING,
	});
}

/** Creates an alarm on the number of an hour's requests that met a cold start. */
export function coldStartAlarm(scope: Construct, fn: IFunction, maximum: number): Alarm {
	return new Alarm(scope, "ColdStartAlarm", {
		alarmDescription: `Requests meet cold starts in ${fn.node.path}, in spite of its pings`,
		metric: coldStartMetric(fn),
		threshold: maximum,
		comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
		evaluationPeriods: 1,
		treatMissingData: TreatMissingData.NOT_BREACHING,
	});
}

const HOUR = Duration.hours(1);
const REPORT_FILTERS = "WarmerReports";
const RECORD_FILTERS = "WarmerRecords";
const NAMESPACE = "middy-lambda-warmer";

const COMPLETED_REPORT = [
	FilterPattern.stringValue("$.message.action", "=", "warmer-report"),
	FilterPattern.notExists("$.message.skipped"),
];

// CloudWatch takes a field as the metric's value only if the pattern names it.
const reportField = (field: string) => ({
	value: `$.message.${field}`,
	pattern: FilterPattern.all(...COMPLETED_REPORT, FilterPattern.exists(`$.message.${field}`)),
});

const METRICS = {
	warmed: reportField("warmed"),
	requested: reportField("requested"),
	pings: {
		value: "1",
		pattern: FilterPattern.any(
			FilterPattern.all(...COMPLETED_REPORT),
			// With `verify: false`, a ping for one environment logs a record only.
			FilterPattern.all(
				FilterPattern.stringValue("$.message.action", "=", "warmer"),
				FilterPattern.numberValue("$.message.concurrency", "=", 1),
			),
		),
	},
};

function reportMetrics(fn: IFunction): Record<keyof typeof METRICS, Metric> {
	addMetricFilters(fn, REPORT_FILTERS, METRICS);
	return { warmed: metric(fn, "warmed"), requested: metric(fn, "requested"), pings: metric(fn, "pings") };
}

/** From the records: every environment logs one for each ping, whether its answer arrives or not. */
function coldStartMetric(fn: IFunction): Metric {
	const pattern = FilterPattern.all(
		FilterPattern.stringValue("$.message.action", "=", "warmer"),
		FilterPattern.booleanValue("$.message.coldStart", true),
	);
	addMetricFilters(fn, RECORD_FILTERS, { coldStarts: { value: "1", pattern } });
	return metric(fn, "coldStarts");
}

function metric(fn: IFunction, name: string): Metric {
	return new Metric({ namespace: NAMESPACE, metricName: metricName(fn, name), statistic: "Sum", period: HOUR });
}

function metricName(fn: IFunction, name: string): string {
	return `${underlyingFunction(fn).functionName}-${name}`;
}

/**
 * Adds filters that belong to the function, once: a second set over the same log group would count every entry twice.
 */
function addMetricFilters(
	pinged: IFunction,
	id: string,
	filters: Record<string, { value: string; pattern: IFilterPattern }>,
): void {
	const fn = underlyingFunction(pinged);
	if (fn.node.tryFindChild(id) || !Construct.isConstruct(fn)) return;

	const scope = new Construct(fn, id);
	const logGroup = LogGroup.fromLogGroupName(scope, "LogGroup", existingLogGroupName(fn));
	for (const [name, { value, pattern }] of Object.entries(filters)) {
		new MetricFilter(scope, name, {
			logGroup,
			filterPattern: pattern,
			metricNamespace: NAMESPACE,
			metricName: metricName(fn, name),
			metricValue: value,
		});
	}
}

// Lambda creates its default log group with the first invocation: too late for a metric filter of the same deployment.
function existingLogGroupName(fn: IFunction): string {
	if (functionResource(fn) && !ownLogGroupName(fn)) {
		throw new Error(
			`WarmupSchedule: an alarm needs a log group that exists before its metric filter: give ${fn.node.path} a logGroup`,
		);
	}
	return logGroupName(fn);
}
