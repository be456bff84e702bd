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
import { warnAboutLogFormat } from "./warnings.js";

/** Coverage, cold starts taken by pings and idle environments, from the function's log group. */
export function warmupDashboard(scope: Construct, fn: IFunction): Dashboard {
	warnAboutLogFormat(scope, fn);
	const widget = (
		title: string,
		queryLines: string[],
		view: LogQueryVisualizationType,
	) =>
		new LogQueryWidget({
			title,
			queryLines,
			view,
			logGroupNames: [logGroupName(fn)],
			width: 24,
		});
	return new Dashboard(scope, "Dashboard", {
		widgets: [
			[widget("Coverage, %", COVERAGE, LogQueryVisualizationType.LINE)],
			[
				widget(
					"Cold starts taken by pings",
					COLD_STARTS,
					LogQueryVisualizationType.LINE,
				),
			],
			[
				widget(
					"Idle environments",
					IDLE_ENVIRONMENTS,
					LogQueryVisualizationType.TABLE,
				),
			],
		],
	});
}

/** An alarm on the share of environments reached in an hour. One short ping among twelve is no reason to wake anybody. */
export function coverageAlarm(
	scope: Construct,
	fn: IFunction,
	minimum: number,
): Alarm {
	warnAboutLogFormat(scope, fn);
	const { warmed, requested } = reportMetrics(fn);
	return new Alarm(scope, "CoverageAlarm", {
		alarmDescription: `Pings reach too few execution environments of ${fn.node.path}`,
		metric: new MathExpression({
			label: "coverage",
			expression: "warmed / requested",
			usingMetrics: { warmed, requested },
			period: Duration.hours(1),
		}),
		threshold: minimum,
		comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
		evaluationPeriods: 1,
		treatMissingData: TreatMissingData.NOT_BREACHING,
	});
}

const FILTERS = "WarmerReports";
const NAMESPACE = "middy-lambda-warmer";

// The metric filters belong to the function: a second pair over the same log group would count every report twice.
function reportMetrics(pinged: IFunction): {
	warmed: Metric;
	requested: Metric;
} {
	const fn = underlyingFunction(pinged);
	const metric = (field: string) =>
		new Metric({
			namespace: NAMESPACE,
			metricName: `${fn.functionName}-${field}`,
			statistic: "Sum",
			period: Duration.hours(1),
		});
	const metrics = { warmed: metric("warmed"), requested: metric("requested") };
	if (fn.node.tryFindChild(FILTERS) || !Construct.isConstruct(fn))
		return metrics;

	const scope = new Construct(fn, FILTERS);
	const logGroup = LogGroup.fromLogGroupName(
		scope,
		"LogGroup",
		existingLogGroupName(fn),
	);
	for (const [field, { metricName }] of Object.entries(metrics)) {
		new MetricFilter(scope, field, {
			logGroup,
			filterPattern: FilterPattern.all(
				FilterPattern.stringValue("$.message.action", "=", "warmer-report"),
				FilterPattern.notExists("$.message.skipped"),
				// A field can only become the metric's value if the pattern names it.
				FilterPattern.exists(`$.message.${field}`),
			),
			metricNamespace: NAMESPACE,
			metricName,
			metricValue: `$.message.${field}`,
		});
	}
	return metrics;
}

function ownLogGroupName(fn: IFunction): string | undefined {
	const loggingConfig = functionResource(fn)?.loggingConfig;
	return loggingConfig && "logGroup" in loggingConfig
		? loggingConfig.logGroup
		: undefined;
}

function logGroupName(fn: IFunction): string {
	return (
		ownLogGroupName(fn) ?? `/aws/lambda/${underlyingFunction(fn).functionName}`
	);
}

// Lambda makes its default log group with the first invocation, too late for a metric filter of the same deployment.
function existingLogGroupName(fn: IFunction): string {
	if (functionResource(fn) && !ownLogGroupName(fn)) {
		throw new Error(
			`WarmupSchedule: minimumCoverage needs a log group that exists before its metric filter: give ${fn.node.path} a logGroup`,
		);
	}
	return logGroupName(fn);
}
