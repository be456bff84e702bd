import { Annotations, Token } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { minutesBetweenPings } from "./ping-interval.js";
import { functionResource } from "./underlying-function.js";

function warn(scope: Construct, id: string, message: string): void {
	Annotations.of(scope).addWarningV2(`middy-lambda-warmer:${id}`, message);
}

export function warnAboutRate(scope: Construct, expression: string): void {
	if (Token.isUnresolved(expression)) return;
	const minutes = minutesBetweenPings(expression);
	if (!(minutes < 5)) return;
	warn(
		scope,
		"rateUnderFiveMinutes",
		`${expression} pings every ${minutes} minute(s). Lambda keeps an idle environment longer than that: pings less than 5 minutes apart cost more and warm no more.`,
	);
}

export function warnAboutConcurrency(
	scope: Construct,
	fn: IFunction,
	concurrency: number,
): void {
	const reserved = functionResource(fn)?.reservedConcurrentExecutions;
	if (reserved === undefined || Token.isUnresolved(reserved)) return;
	if (Token.isUnresolved(concurrency) || concurrency <= reserved) return;
	warn(
		scope,
		"concurrencyAboveReserved",
		`concurrency is ${concurrency}, but ${fn.node.path} has a reserved concurrency of ${reserved}: pings beyond it are throttled, and while they run they take the place of requests.`,
	);
}

export function warnAboutMissingPermission(
	scope: Construct,
	fn: IFunction,
): void {
	warn(
		scope,
		"selfInvokeNotGranted",
		`The role of ${fn.node.path} is unknown or may not be changed here. Grant it lambda:InvokeFunction on the ARN that the schedule pings, or a ping reaches one environment only.`,
	);
}

export function warnAboutLogFormat(scope: Construct, fn: IFunction): void {
	const resource = functionResource(fn);
	// An imported function's log format is unknown, and not ours to complain about.
	if (!resource) return;
	const { loggingConfig } = resource;
	if (
		loggingConfig &&
		"logFormat" in loggingConfig &&
		loggingConfig.logFormat === "JSON"
	)
		return;
	warn(
		scope,
		"logFormatNotJson",
		`${fn.node.path} does not log in JSON, so neither dashboard nor alarm can read the warmer's records: set loggingFormat: LoggingFormat.JSON on the function.`,
	);
}
