import { Duration } from "aws-cdk-lib";
import {
	Alarm,
	ComparisonOperator,
	Dashboard,
	LogQueryVisualizationType,
	LogQueryWidget,
	MathExpression,
	Metric,
	TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { FilterPattern, LogGroup, MetricFilter } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { COLD_STARTS, COVERAGE, IDLE_ENVIRONMENTS } from "./queries.js";
import { functionResource, underlyingFunction } from "./underlying-function.js";

/** Coverage, cold starts taken by pings and idle environments, from the function's log group. */
export function warmupDashboard(scope: Construct, fn: IFunction): Dashboard {
	const widget = (title: string, queryLines: string[], view: LogQueryVisualizationType) =>
		new LogQueryWidget({ title, queryLines, view, logGroupNames: [logGroupName(fn)], width: 24 });
	return new Dashboard(scope, "Dashboard", {
		widgets: [
			[widget("Coverage, %", COVERAGE, LogQueryVisualizationType.LINE)],
			[widget("Cold starts taken by pings", COLD_STARTS, LogQueryVisualizationType.LINE)],
			[widget("Idle environments", IDLE_ENVIRONMENTS, LogQueryVisualizationType.TABLE)],
		],
	});
}

/**
 * An alarm on the share of environments reached in an hour. One short ping among twelve is no reason to wake anybody.
 */
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
		// Pings that stop are the other alarm's.
		treatMissingData: TreatMissingData.NOT_BREACHING,
	});
}

/** An alarm on hours without a single ping that was served to its end. */
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

const HOUR = Duration.hours(1);
const FILTERS = "WarmerReports";
const NAMESPACE = "middy-lambda-warmer";

const REPORTED = [
	FilterPattern.stringValue("$.message.action", "=", "warmer-report"),
	FilterPattern.notExists("$.message.skipped"),
];

// A field can only become the metric's value if the pattern names it.
const reported = (field: string) => ({
	value: `$.message.${field}`,
	pattern: FilterPattern.all(...REPORTED, FilterPattern.exists(`$.message.${field}`)),
});

const METRICS = {
	warmed: reported("warmed"),
	requested: reported("requested"),
	pings: {
		value: "1",
		pattern: FilterPattern.any(
			FilterPattern.all(...REPORTED),
			// A ping for one environment has nothing to report but itself.
			FilterPattern.all(
				FilterPattern.stringValue("$.message.action", "=", "warmer"),
				FilterPattern.numberValue("$.message.concurrency", "=", 1),
			),
		),
	},
};

// The metric filters belong to the function: a second set over the same log group would count every report twice.
function reportMetrics(pinged: IFunction): Record<keyof typeof METRICS, Metric> {
	const fn = underlyingFunction(pinged);
	const metric = (name: keyof typeof METRICS) =>
		new Metric({ namespace: NAMESPACE, metricName: `${fn.functionName}-${name}`, statistic: "Sum", period: HOUR });
	const metrics = { warmed: metric("warmed"), requested: metric("requested"), pings: metric("pings") };
	if (fn.node.tryFindChild(FILTERS) || !Construct.isConstruct(fn)) return metrics;

	const scope = new Construct(fn, FILTERS);
	const logGroup = LogGroup.fromLogGroupName(scope, "LogGroup", existingLogGroupName(fn));
	for (const name of ["warmed", "requested", "pings"] as const) {
		new MetricFilter(scope, name, {
			logGroup,
			filterPattern: METRICS[name].pattern,
			metricNamespace: NAMESPACE,
			metricName: metrics[name].metricName,
			metricValue: METRICS[name].value,
		});
	}
	return metrics;
}

function ownLogGroupName(fn: IFunction): string | undefined {
	return Object(functionResource(fn)?.loggingConfig).logGroup;
}

function logGroupName(fn: IFunction): string {
	return ownLogGroupName(fn) ?? `/aws/lambda/${underlyingFunction(fn).functionName}`;
}

// Lambda makes its default log group with the first invocation, too late for a metric filter of the same deployment.
function existingLogGroupName(fn: IFunction): string {
	if (functionResource(fn) && !ownLogGroupName(fn)) {
		throw new Error(
			`WarmupSchedule: an alarm needs a log group that exists before its metric filter: give ${fn.node.path} a logGroup`,
		);
	}
	return logGroupName(fn);
}
