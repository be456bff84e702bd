import { Annotations, Token } from "aws-cdk-lib";
import { CfnAlias, type CfnFunction, CfnVersion, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { pingIntervals } from "./ping-interval.js";
import { functionResource } from "./underlying-function.js";

function warn(scope: Construct, id: string, message: string): void {
	Annotations.of(scope).addWarningV2(`middy-lambda-warmer:${id}`, message);
}

export function warnAboutRate(scope: Construct, expression: string): void {
	const { shortest } = pingIntervals(expression);
	if (!(shortest < 5)) return;
	warn(
		scope,
		"rateUnderFiveMinutes",
		`${expression} pings every ${shortest} minute(s). Lambda keeps an idle environment longer than that: pings less than 5 minutes apart cost more and warm no more.`,
	);
}

/** The middleware's default `maxConcurrency`. */
const DEFAULT_MAXIMUM = 50;

/** Environments that can never be reached, as far as the app tells. */
export function warnAboutConcurrency(scope: Construct, fn: IFunction, concurrency: number): void {
	if (isProvisioned(fn)) {
		warn(
			scope,
			"provisionedConcurrency",
			`${fn.node.path} has provisioned concurrency: Lambda keeps those environments warm, and the middleware does not fan out in them.`,
		);
	}
	// Stryker disable next-line ConditionalExpression: a token's number happens to be below any limit
	if (Token.isUnresolved(concurrency)) return;
	if (concurrency > DEFAULT_MAXIMUM) {
		warn(
			scope,
			"concurrencyAboveMaximum",
			`concurrency is ${concurrency}, but the middleware takes no more than ${DEFAULT_MAXIMUM} unless its option maxConcurrency is raised. If it is, acknowledge this warning.`,
		);
	}
	const resource = functionResource(fn);
	if (!resource) return;
	const { reservedConcurrentExecutions: reserved = Number.POSITIVE_INFINITY, timeout = 3, memorySize = 128 } = resource;
	if (!Token.isUnresolved(reserved) && concurrency > reserved) {
		warn(
			scope,
			"concurrencyAboveReserved",
			`concurrency is ${concurrency}, but ${fn.node.path} has a reserved concurrency of ${reserved}: pings beyond it are throttled, and while they run they take the place of requests.`,
		);
	}
	const needed = secondsOfAPing(concurrency, memorySize);
	const isKnown = ![timeout, memorySize].some(Token.isUnresolved);
	if (!isKnown || needed <= timeout) return;
	warn(
		scope,
		"functionTooSmall",
		`A ping of ${concurrency} takes ${fn.node.path} about ${needed} s with ${memorySize} MB, and its timeout is ${timeout} s: give it more memory or time, or some environments are not reached.`,
	);
}

// docs/verified-warming.md: what a ping costs of a whole core, and how memory buys a share of one.
function secondsOfAPing(concurrency: number, memorySize: number): number {
	if (concurrency === 1) return 0;
	const share = Math.min(memorySize / 1769, 1);
	const loadingTheSdk = 100;
	const eachChild = 1;
	const reserve = 250;
	return Math.ceil(((loadingTheSdk + eachChild * (concurrency - 1)) / share + reserve) / 1000);
}

function isProvisioned(fn: IFunction): boolean {
	const resource = fn.node.defaultChild;
	return (
		(resource instanceof CfnAlias || resource instanceof CfnVersion) &&
		resource.provisionedConcurrencyConfig !== undefined
	);
}

export function warnAboutSilence(scope: Construct): void {
	warn(
		scope,
		"silenceUnwatched",
		"The schedule does not tell how long no ping may come, so nobody is told if pings stop: give maximumSilence.",
	);
}

export function warnAboutMissingPermission(scope: Construct, fn: IFunction): void {
	warn(
		scope,
		"selfInvokeNotGranted",
		`The role of ${fn.node.path} is unknown or may not be changed here. Grant it lambda:InvokeFunction on the ARN that the schedule pings, or a ping reaches one environment only.`,
	);
}

/** Logs that neither a dashboard nor an alarm can read. */
export function warnAboutLogs(scope: Construct, fn: IFunction): void {
	const resource = functionResource(fn);
	// An imported function's log format is unknown, and not ours to complain about.
	if (!resource) return;
	const { logFormat, applicationLogLevel }: CfnFunction.LoggingConfigProperty = Object(resource.loggingConfig);
	if (logFormat !== "JSON") {
		warn(
			scope,
			"logFormatNotJson",
			`${fn.node.path} does not log in JSON, so neither dashboard nor alarm can read the warmer's records: set loggingFormat: LoggingFormat.JSON on the function.`,
		);
	}
	if (["WARN", "ERROR", "FATAL"].includes(`${applicationLogLevel}`)) {
		warn(
			scope,
			"logLevelAboveInfo",
			`${fn.node.path} has the log level ${applicationLogLevel}, which drops the warmer's records, so that neither dashboard nor alarm can read them: set applicationLogLevelV2: ApplicationLogLevel.INFO on the function, or lower.`,
		);
	}
}
