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

type Hint = string | ((target: string, message: string) => string | undefined);

const noRoute = "from a VPC, reach Lambda through a NAT gateway or an interface endpoint";
const noConcurrency = "the account has no concurrency left for as many environments";
const noReserved = "reserved concurrency is lower than asked for";
const noSdk = "install @aws-sdk/client-lambda, or leave it out of the bundle: Lambda's Node.js runtimes bring it";
const tooFast = "the rate of invocations is limited; ping fewer functions at the same moment";
const credentials = "check the credentials of the Lambda client: in a function, leave them to its role";
const fileSystem = "check the file system that the function mounts";
const key = "check the KMS key that encrypts the function's environment variables";
const vpc = "check the VPC configuration of the function";
const code = "the function cannot be started; check its configuration and code";
const slow = "give the function more memory, which buys processor time, or a longer timeout";

const lasting = (hint?: Hint) => ({ transient: false, hint });
const passing = (hint?: Hint) => ({ transient: true, hint });
const limit = (hint: Hint) => ({
	...lasting(hint),
	reason: "throttled" as const,
});
const rate = (hint: Hint) => ({
	...passing(hint),
	reason: "throttled" as const,
});
const late = (hint: Hint) => ({
	...lasting(hint),
	reason: "timedOut" as const,
});
const wire = (known: { transient: boolean; hint: Hint | undefined }) => ({
	...known,
	transport: true,
});

/**
 * The failures that are known by name, by a 429's `Reason`, or by an error code of Node.js. The names are those of
 * Lambda's Invoke API (API reference, "Invoke", Errors; common errors). One that is not listed passes if it is the
 * service's (5xx).
 */
const knownFailures: Readonly<
	Record<
		string,
		{
			transient: boolean;
			hint: Hint | undefined;
			reason?: Failure["reason"];
			transport?: boolean;
		}
	>
> = {
	TooManyRequestsException: limit(noConcurrency),
	ConcurrentInvocationLimitExceeded: limit(noConcurrency),
	ReservedFunctionConcurrentInvocationLimitExceeded: limit(noReserved),
	ConcurrentSnapshotCreateLimitExceeded: limit("the account creates as many snapshots at once as it may"),
	FunctionInvocationRateLimitExceeded: rate(tooFast),
	ReservedFunctionInvocationRateLimitExceeded: rate(`${tooFast}, or raise reserved concurrency, which sets the rate`),
	CallerRateLimitExceeded: rate(tooFast),
	ThrottlingException: rate(tooFast),
	EC2ThrottledException: passing(vpc),

	AccessDeniedException: lasting((target) => `grant lambda:InvokeFunction on ${target} to the role of this function`),
	ResourceNotFoundException: lasting(
		(target) => `${target} is no function, version or alias in this account and region`,
	),
	InvalidParameterValueException: lasting((_target, message) =>
		/tenant/i.test(message)
			? "a function with tenant isolation is invoked with a tenant id, any other without"
			: /durable|execution ?timeout/i.test(message)
				? "a durable function that may run for more than 15 minutes cannot be invoked synchronously: lower its execution timeout, or warm it with verify: false"
				: undefined,
	),
	RecursiveInvocationException: lasting(
		"something that a ping starts invokes this function again; Lambda stops such a loop after about 16 invocations",
	),
	ModeNotSupportedException: lasting("the function takes asynchronous invocations only: it cannot be verified"),

	ExpiredTokenException: lasting(credentials),
	UnrecognizedClientException: lasting(credentials),
	CredentialsProviderError: lasting(credentials),
	InvalidSignatureException: wire(
		lasting("the signature was refused: check the clock, and what may change a request on its way"),
	),
	SignatureDoesNotMatch: wire(lasting(credentials)),
	IncompleteSignatureException: wire(lasting(credentials)),
	MissingAuthenticationTokenException: wire(lasting(credentials)),

	ServiceException: passing(),
	ResourceConflictException: passing("another operation on the function is in progress"),
	ResourceNotReadyException: passing("the function is not active yet"),
	CodeArtifactUserPendingException: passing("the function is not active yet"),
	SnapStartNotReadyException: passing("the function is not active yet"),
	SnapStartTimeoutException: passing("the snapshot could not be restored in time"),
	SnapStartException: lasting("the function's afterRestore hook failed"),
	SnapStartRegenerationFailureException: lasting(code),
	ENINotReadyException: passing("the function's network interface is not ready yet"),
	EC2UnexpectedException: passing(vpc),
	EC2AccessDeniedException: lasting(vpc),
	ENILimitReachedException: lasting(vpc),
	SubnetIPAddressLimitReachedException: lasting("the function's subnets have no IP address left"),
	InvalidSecurityGroupIDException: lasting(vpc),
	InvalidSubnetIDException: lasting(vpc),
	EFSMountConnectivityException: passing(fileSystem),
	EFSMountTimeoutException: passing(fileSystem),
	EFSMountFailureException: lasting(fileSystem),
	EFSIOException: lasting(fileSystem),
	S3FilesMountConnectivityException: passing(fileSystem),
	S3FilesMountTimeoutException: passing(fileSystem),
	S3FilesMountFailureException: lasting(fileSystem),
	KMSAccessDeniedException: lasting(key),
	KMSDisabledException: lasting(key),
	KMSInvalidStateException: lasting(key),
	KMSNotFoundException: lasting(key),
	InvalidRuntimeException: lasting(code),
	InvalidZipFileException: lasting(code),

	MODULE_NOT_FOUND: lasting(noSdk),
	ERR_MODULE_NOT_FOUND: lasting(noSdk),

	ECONNRESET: wire(passing()),
	EPIPE: wire(passing()),
	ECONNREFUSED: wire(passing(noRoute)),
	EAI_AGAIN: wire(passing(noRoute)),
	ENOTFOUND: wire(lasting(noRoute)),
	ENETUNREACH: wire(lasting(noRoute)),
	EHOSTUNREACH: wire(lasting(noRoute)),
	ETIMEDOUT: wire(late(noRoute)),
	TimeoutError: wire(late(noRoute)),
};

/** Failures that are this package's to name. */
export const noAnswer: Failure = {
	reason: "timedOut",
	name: "TimeoutError",
	message: "no answer before the deadline",
	transient: false,
	transport: false,
	hint: `${noRoute}; for children that are slow to start, raise the timeout`,
};
export const notSent: Failure = {
	reason: "timedOut",
	name: "NotSentInTime",
	message: "could not be sent, and answered, before the deadline",
	transient: false,
	transport: false,
	hint: slow,
};

/** Reads what the SDK, the network or Node.js threw. */
export const explainFailure = (error: unknown, target: string): Failure => {
	const { name, message } = nameAndMessage(error);
	const { Reason, $metadata } = (error ?? {}) as {
		Reason?: unknown;
		$metadata?: { httpStatusCode?: number };
	};
	const known = [String(Reason), name].find((cause) => Object.hasOwn(knownFailures, cause));
	const isHttp2 = name.startsWith("ERR_HTTP2_");
	const {
		reason = "failed",
		transient = isHttp2 || ($metadata?.httpStatusCode ?? 0) >= 500,
		transport = isHttp2,
		hint,
	} = (known !== undefined && knownFailures[known]) || {};
	const text = typeof hint === "function" ? hint(target, message) : hint;
	return {
		reason,
		name,
		message,
		transient,
		transport,
		...(text !== undefined && { hint: text }),
	};
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
	return {
		reason: "failed",
		name: "FunctionError",
		message,
		transient: false,
		transport: false,
	};
};
