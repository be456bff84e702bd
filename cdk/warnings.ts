import { Annotations, Token } from "aws-cdk-lib";
import { CfnAlias, type CfnFunction, CfnVersion, type IFunction } from "aws-cdk-lib/aws-lambda";
import type { Construct } from "constructs";
import { reachableEnvironments } from "./ping-capacity.js";
import { functionResource, isUnqualified } from "./pinged-function.js";
import { scheduleIntervals } from "./schedule-interval.js";

function warn(scope: Construct, id: string, message: string): void {
	Annotations.of(scope).addWarningV2(`middy-lambda-warmer:${id}`, message);
}

export function warnAboutRate(scope: Construct, expression: string): void {
	const { shortestMinutes } = scheduleIntervals(expression);
	if (!(shortestMinutes < 5)) return;
	warn(
		scope,
		"rateUnderFiveMinutes",
		`${expression} pings every ${shortestMinutes} minute(s). Lambda keeps idle environments longer than that, so these pings cost more and warm no more: ping every 5 minutes or less often.`,
	);
}

/** The middleware's default for its option `maxConcurrency`. */
const DEFAULT_MAX_CONCURRENCY = 50;

interface RequestedConcurrency {
	readonly concurrency?: number | "auto";
	readonly maxConcurrency?: number;
}

/** Warns of environments that a ping can never reach, as far as synthesis can tell. */
export function warnAboutConcurrency(scope: Construct, fn: IFunction, requested: RequestedConcurrency): void {
	if (hasProvisionedConcurrency(fn)) {
		warn(
			scope,
			"provisionedConcurrency",
			`${fn.node.path} has provisioned concurrency: Lambda keeps its environments warm, and the middleware does not fan out in them. Remove one of the two.`,
		);
	}
	const largest = largestConcurrency(scope, requested);
	if (largest === undefined) return;
	warnAboutReservedConcurrency(scope, fn, largest);
	warnAboutSmallFunction(scope, fn, largest);
}

/**
 * The largest number of environments that a ping may ask for; undefined if synthesis does not know it. Warns if the
 * middleware lowers the number.
 */
function largestConcurrency(
	scope: Construct,
	{ concurrency = "auto", maxConcurrency }: RequestedConcurrency,
): number | undefined {
	if (concurrency === "auto") return isKnown(maxConcurrency) ? maxConcurrency : undefined;
	if (!isKnown(concurrency)) return undefined;
	const limit = maxConcurrency ?? DEFAULT_MAX_CONCURRENCY;
	if (!isKnown(limit) || concurrency <= limit) return concurrency;
	const isDefault = maxConcurrency === undefined;
	warn(
		scope,
		"concurrencyAboveMaximum",
		`concurrency is ${concurrency}, but the middleware's maxConcurrency is ${limit}${isDefault ? " unless it is set" : ""}: raise that option${isDefault ? " and pass its value as maxConcurrency" : ""}, or lower concurrency.`,
	);
	return isDefault ? concurrency : limit;
}

function isKnown(value: number | undefined): value is number {
	return value !== undefined && !Token.isUnresolved(value);
}

function warnAboutReservedConcurrency(scope: Construct, fn: IFunction, concurrency: number): void {
	const reserved = functionResource(fn)?.reservedConcurrentExecutions;
	if (!isKnown(reserved) || concurrency <= reserved) return;
	warn(
		scope,
		"concurrencyAboveReserved",
		`reserved concurrency of ${fn.node.path} (${reserved}) is lower than the ${concurrency} environments that a ping may ask for: raise it, or lower concurrency. The rest of the ping is throttled, and while it runs, so are requests.`,
	);
}

function warnAboutSmallFunction(scope: Construct, fn: IFunction, concurrency: number): void {
	const resource = functionResource(fn);
	if (!resource) return;
	const { timeout = 3, memorySize = 128 } = resource;
	if (!isKnown(timeout) || !isKnown(memorySize)) return;
	const reachable = reachableEnvironments(concurrency, memorySize, timeout);
	if (reachable === concurrency) return;
	warn(
		scope,
		"functionTooSmall",
		`With ${memorySize} MB and a timeout of ${timeout} s, ${fn.node.path} has time to reach about ${reachable} of ${concurrency} environments in its first ping: give it more memory or time, or lower concurrency.`,
	);
}

function hasProvisionedConcurrency(fn: IFunction): boolean {
	const resource = fn.node.defaultChild;
	return (
		(resource instanceof CfnAlias || resource instanceof CfnVersion) &&
		resource.provisionedConcurrencyConfig !== undefined
	);
}

/** Synchronous invocations of a durable function are limited to its execution timeout, and that to this (s). */
const MAX_SYNCHRONOUS_SECONDS = 15 * 60;

/** Warns of a durable function that Lambda refuses to invoke as a ping does. */
export function warnAboutDurableFunction(scope: Construct, fn: IFunction): void {
	const config = functionResource(fn)?.durableConfig;
	if (config === undefined) return;
	if (isUnqualified(fn)) {
		warn(
			scope,
			"durableFunctionUnqualified",
			`${fn.node.path} is a durable function, which Lambda does not invoke by an unqualified ARN: pass an alias, or its currentVersion.`,
		);
	}
	const { executionTimeout }: Partial<CfnFunction.DurableConfigProperty> = Object(config);
	if (!isKnown(executionTimeout) || executionTimeout <= MAX_SYNCHRONOUS_SECONDS) return;
	warn(
		scope,
		"durableFunctionTooLong",
		`${fn.node.path} is a durable function with an execution timeout of ${executionTimeout} s. Lambda invokes it synchronously, as a ping does, only up to ${MAX_SYNCHRONOUS_SECONDS} s: lower its execution timeout, or set the middleware's verify to false.`,
	);
}

/** Warns of a tenant id that is missing, or that Lambda does not take. */
export function warnAboutTenant(scope: Construct, fn: IFunction, tenantId: string | undefined): void {
	const resource = functionResource(fn);
	if (!resource) return;
	const isIsolated = resource.tenancyConfig !== undefined;
	if (isIsolated === (tenantId !== undefined)) return;
	warn(
		scope,
		isIsolated ? "tenantIdMissing" : "tenantIdUnexpected",
		isIsolated
			? `${fn.node.path} has tenant isolation, and an environment serves one tenant: pass the tenantId whose environments to warm.`
			: `${fn.node.path} has no tenant isolation, so Lambda refuses a ping with a tenant id: remove tenantId.`,
	);
}

/** Warns of a schedule for a function with tenant isolation: EventBridge Scheduler sends no tenant id. */
export function warnAboutScheduledTenant(scope: Construct, fn: IFunction): void {
	if (functionResource(fn)?.tenancyConfig === undefined) return;
	warn(
		scope,
		"tenantIsolation",
		`${fn.node.path} has tenant isolation, and the Lambda target of EventBridge Scheduler sends no tenant id: schedule a function that sends a ping for each tenant.`,
	);
}

export function warnAboutSilence(scope: Construct): void {
	warn(
		scope,
		"silenceUnwatched",
		"The schedule does not determine the longest time between two pings, so nobody is alerted when pings stop: set maximumSilence.",
	);
}

export function warnAboutMissingPermission(scope: Construct, fn: IFunction): void {
	warn(
		scope,
		"selfInvokeNotGranted",
		`The role of ${fn.node.path} is unknown or cannot be changed here: grant it lambda:InvokeFunction on the pinged ARN, or a ping reaches one environment only.`,
	);
}

/** Warns of logs that neither a dashboard nor an alarm can read. */
export function warnAboutLogs(scope: Construct, fn: IFunction): void {
	const resource = functionResource(fn);
	// The log format of an imported function is unknown.
	if (!resource) return;
	const { logFormat, applicationLogLevel }: CfnFunction.LoggingConfigProperty = Object(resource.loggingConfig);
	if (logFormat !== "JSON") {
		warn(
			scope,
			"logFormatNotJson",
			`${fn.node.path} does not log in JSON, so neither the dashboard nor an alarm can read the middleware's entries: set loggingFormat: LoggingFormat.JSON on the function.`,
		);
	}
	if (["WARN", "ERROR", "FATAL"].includes(`${applicationLogLevel}`)) {
		warn(
			scope,
			"logLevelAboveInfo",
			`${fn.node.path} has the log level ${applicationLogLevel}, which drops the middleware's entries, so neither the dashboard nor an alarm can read them: set applicationLogLevelV2: ApplicationLogLevel.INFO or lower on the function.`,
		);
	}
}
