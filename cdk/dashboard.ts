import { Dashboard, LogQueryVisualizationType, LogQueryWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { logGroupName } from "./function-logs.js";
import {
	COLD_START_SHARE,
	COLD_STARTS_BY_PINGS,
	COLD_STARTS_BY_REQUESTS,
	COVERAGE,
	IDLE_ENVIRONMENTS,
	UNUSED_ENVIRONMENTS,
} from "./queries.js";

/** Creates a dashboard of queries over the function's log group. */
export function warmupDashboard(scope: Construct, fn: IFunction): Dashboard {
	const { LINE, TABLE } = LogQueryVisualizationType;
	const widget = (title: string, queryLines: string[], view = LINE, width = 12) =>
		new LogQueryWidget({ title, queryLines, view, logGroupNames: [logGroupName(fn)], width });
	return new Dashboard(scope, "Dashboard", {
		widgets: [
			[
				widget("Cold starts met by requests", COLD_STARTS_BY_REQUESTS),
				widget("Share of requests, %", COLD_START_SHARE),
			],
			[widget("Cold starts taken by pings", COLD_STARTS_BY_PINGS), widget("Coverage, %", COVERAGE)],
			[widget("Unused environments", UNUSED_ENVIRONMENTS, LINE, 24)],
			[widget("Idle environments", IDLE_ENVIRONMENTS, TABLE, 24)],
		],
	});
}
