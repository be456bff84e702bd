/**
 * What a failure is called, whether another round can cure it, and what to do about it.
 *
 * @module
 */

import { longestMessage, nameAndMessage } from "./report.js";

/** A failure, read. */
export interface Failure {
	/** Where it counts in the report. */
	readonly reason: "throttled" | "failed" | "timedOut";
	readonly name: string;
	readonly message: string;
	/** Whether another round may cure it. What cannot be cured holds for every child of the ping. */
	readonly transient: boolean;
	/** Whether the way to Lambda is at fault (the network, the protocol, the signature) and not the invocation. */
	readonly transport: boolean;
	readonly hint?: string;
}

type Kind = Pick<Failure, "reason" | "transient" | "transport">;
type Hint = string | ((target: string, message: string) => string | undefined);

const kind = (reason: Kind["reason"], transient: boolean, transport = false): Kind => ({
	reason,
	transient,
	transport,
});

const limit = kind("throttled", false);
const rate = kind("throttled", true);
const lasting = kind("failed", false);
const passing = kind("failed", true);
const late = kind("timedOut", false);
const blocked = kind("failed", false, true);
const cut = kind("failed", true, true);
const lost = kind("timedOut", false, true);

const noRoute = "from a VPC, reach Lambda through a NAT gateway or an interface endpoint";
const tooFast = "the rate of invocations is limited; ping fewer functions at the same moment";
const credentials = "check the credentials of the Lambda client: in a function, leave them to its role";
const fileSystem = "check the file system that the function mounts";
const vpc = "check the VPC configuration of the function";
const notActive = "the function is not active yet";

const denied: Hint = (target) => `grant lambda:InvokeFunction on ${target} to the role of this function`;
const notFound: Hint = (target) => `${target} is no function, version or alias in this account and region`;
const invalidParameter: Hint = (_target, message) => {
	if (/tenant/i.test(message)) return "a function with tenant isolation is invoked with a tenant id, any other without";
	return /durable|execution ?timeout/i.test(message)
		? "a durable function that may run for more than 15 minutes cannot be invoked synchronously: lower its execution timeout, or warm it with verify: false"
		: undefined;
};

/**
 * The failures that are known by name, by a 429's `Reason`, or by an error code of Node.js. The names are those of
 * Lambda's Invoke API (API reference, "Invoke", Errors; common errors). One that is not listed passes if it is the
 * service's (5xx).
 */
const table: readonly (readonly [names: string, kind: Kind, hint?: Hint])[] = [
	[
		"TooManyRequestsException ConcurrentInvocationLimitExceeded",
		limit,
		"the account has no concurrency left for as many environments",
	],
	["ReservedFunctionConcurrentInvocationLimitExceeded", limit, "reserved concurrency is lower than asked for"],
	["ConcurrentSnapshotCreateLimitExceeded", limit, "the account creates as many snapshots at once as it may"],
	["FunctionInvocationRateLimitExceeded CallerRateLimitExceeded ThrottlingException", rate, tooFast],
	[
		"ReservedFunctionInvocationRateLimitExceeded",
		rate,
		`${tooFast}, or raise reserved concurrency, which sets the rate`,
	],

	["AccessDeniedException", lasting, denied],
	["ResourceNotFoundException", lasting, notFound],
	["InvalidParameterValueException", lasting, invalidParameter],
	[
		"RecursiveInvocationException",
		lasting,
		"something that a ping starts invokes this function again; Lambda stops such a loop after about 16 invocations",
	],
	["ModeNotSupportedException", lasting, "the function takes asynchronous invocations only: it cannot be verified"],
	["ExpiredTokenException UnrecognizedClientException CredentialsProviderError", lasting, credentials],
	["SignatureDoesNotMatch IncompleteSignatureException MissingAuthenticationTokenException", blocked, credentials],
	[
		"InvalidSignatureException",
		blocked,
		"the signature was refused: check the clock, and what may change a request on its way",
	],

	["ServiceException", passing],
	["ResourceConflictException", passing, "another operation on the function is in progress"],
	["ResourceNotReadyException CodeArtifactUserPendingException SnapStartNotReadyException", passing, notActive],
	["SnapStartTimeoutException", passing, "the snapshot could not be restored in time"],
	["SnapStartException", lasting, "the function's afterRestore hook failed"],
	[
		"SnapStartRegenerationFailureException InvalidRuntimeException InvalidZipFileException",
		lasting,
		"the function cannot be started; check its configuration and code",
	],
	["ENINotReadyException", passing, "the function's network interface is not ready yet"],
	["EC2ThrottledException EC2UnexpectedException", passing, vpc],
	["EC2AccessDeniedException ENILimitReachedException", lasting, vpc],
	["InvalidSecurityGroupIDException InvalidSubnetIDException", lasting, vpc],
	["SubnetIPAddressLimitReachedException", lasting, "the function's subnets have no IP address left"],
	["EFSMountConnectivityException EFSMountTimeoutException", passing, fileSystem],
	["S3FilesMountConnectivityException S3FilesMountTimeoutException", passing, fileSystem],
	["EFSMountFailureException EFSIOException S3FilesMountFailureException", lasting, fileSystem],
	[
		"KMSAccessDeniedException KMSDisabledException KMSInvalidStateException KMSNotFoundException",
		lasting,
		"check the KMS key that encrypts the function's environment variables",
	],

	[
		"MODULE_NOT_FOUND ERR_MODULE_NOT_FOUND",
		lasting,
		"install @aws-sdk/client-lambda, or leave it out of the bundle: Lambda's Node.js runtimes bring it",
	],
	["ECONNRESET EPIPE", cut],
	["ECONNREFUSED EAI_AGAIN", cut, noRoute],
	["ENOTFOUND ENETUNREACH EHOSTUNREACH", blocked, noRoute],
	["ETIMEDOUT TimeoutError", lost, noRoute],
];

const knownFailures = new Map(
	table.flatMap(([names, kind, hint]) => names.split(" ").map((name) => [name, { kind, hint }] as const)),
);

/** Failures that are this package's to name. */
export const noAnswer: Failure = {
	...late,
	name: "TimeoutError",
	message: "no answer before the deadline",
	hint: `${noRoute}; for children that are slow to start, raise the timeout`,
};
export const notSent: Failure = {
	...late,
	name: "NotSentInTime",
	message: "could not be sent early enough to be answered before the deadline",
	hint: "give the function more memory, which buys processor time, or a longer timeout",
};

/** Reads what the SDK, the network or Node.js threw. */
export const explainFailure = (error: unknown, target: string): Failure => {
	const { name, message } = nameAndMessage(error);
	const { Reason, $metadata } = (error ?? {}) as { Reason?: unknown; $metadata?: { httpStatusCode?: number } };
	const known = knownFailures.get(String(Reason)) ?? knownFailures.get(name);
	const hint = typeof known?.hint === "function" ? known.hint(target, message) : known?.hint;
	return {
		...(known?.kind ?? kindOfUnknown(name, $metadata?.httpStatusCode)),
		name,
		message,
		...(hint !== undefined && { hint }),
	};
};

const kindOfUnknown = (name: string, status = 0): Kind => {
	if (name.startsWith("ERR_HTTP2_")) return cut;
	return status >= 500 ? passing : lasting;
};

/** Reads the error that a child's handler ended with, from the Invoke API's payload. */
export const explainFunctionError = (payload: Uint8Array | undefined): Failure => {
	let message = "the handler failed";
	try {
		const { errorType, errorMessage } = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
		message = `${errorType}: ${errorMessage}`.slice(0, longestMessage);
	} catch {
		// No JSON, or none with fields.
	}
	return { ...lasting, name: "FunctionError", message };
};
