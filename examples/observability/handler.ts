import { Logger } from "@aws-lambda-powertools/logger";
import { Metrics, MetricUnit } from "@aws-lambda-powertools/metrics";
import middy from "@middy/core";
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import warmup, { type WarmupEntry, type WarmupReport } from "middy-lambda-warmer";

const logger = new Logger({ serviceName: "orders" });
// Of its own: a ping must not publish what a request has stored, nor the other way round.
const metrics = new Metrics({ namespace: "Orders", serviceName: "warmer" });

const log = (entry: WarmupEntry): void => {
	if (entry.action === "warmer-warning") {
		logger.warn(entry.message, { warmer: entry });
	} else {
		logger.info(entry.action, { warmer: entry });
	}
};

const publish = (report: WarmupReport): void => {
	// Under provisioned concurrency nothing is invoked; that is no lack of coverage.
	if (report.skipped !== undefined) return;
	metrics.addMetric("EnvironmentsRequested", MetricUnit.Count, report.requested);
	metrics.addMetric(
		"EnvironmentsWarmed",
		MetricUnit.Count,
		Math.min(report.warmed, report.requested), // a repair may reach more
	);
	metrics.addMetric("ColdStartsTakenByPings", MetricUnit.Count, report.cold);
	metrics.addMetric("PingDuration", MetricUnit.Milliseconds, report.durationMs);
	metrics.addMetadata("target", report.target);
	// A ping ends before any later middleware, so `logMetrics` would not publish these.
	metrics.publishStoredMetrics();
};

export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
	.use(warmup({ concurrency: 5, log, onReport: publish }))
	.handler(async (event) => ({
		statusCode: 200,
		headers: { "content-type": "application/json" },
		body: JSON.stringify({ path: event.rawPath }),
	}));
