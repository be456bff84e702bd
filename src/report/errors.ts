/**
 * Failures: their names, whether sending the child again can help, and what to do about them. Pure.
 *
 * @module
 */

/** One failed invocation. */
export interface Failure extends FailureKind {
	readonly name: string;
	readonly message: string;
	/** What to do about it. */
	readonly hint?: string;
}

interface FailureKind {
	/** The report's field that counts the failure. */
	readonly reason: "throttled" | "failed" | "timedOut";
	/** Whether the same invocation may succeed in a moment. Other causes hold for every child of the ping. */
	readonly isTransient: boolean;
	/** Whether the network, the protocol, or the signature is to blame, and so the other transport may succeed. */
	readonly isTransport: boolean;
}

function kind(reason: FailureKind["reason"], isTransient: boolean, isTransport = false): FailureKind {
	return {
		reason,
		isTransient,
		isTransport,
	};
}

const quotaExceeded = kind("throttled", false);
const rateLimited = kind("throttled", true);
const permanent = kind("failed", false);
const transient = kind("failed", true);
const deadlineExceeded = kind("timedOut", false);
const transportPermanent = kind("failed", false, true);
const transportTransient = kind("failed", true, true);
const transportTimeout = kind("timedOut", false, true);

/** What to do about known failures. `TARGET` stands for the function that was invoked. */
const HINTS = {
	reserved: "reserved concurrency is lower than the number of environments requested: raise it, or lower `concurrency`",
	account: "the account's concurrency limit is too low for this many environments: raise it, or lower `concurrency`",
	rate: "the invocation rate is limited: ping fewer functions at the same moment, or raise reserved concurrency, which sets the rate",
	denied: "grant lambda:InvokeFunction on TARGET to the role of this function",
	notFound: "no function, version or alias TARGET exists in this account and region",
	tenant: "send a tenant id to functions with tenant isolation, and only to those",
	durable:
		"a durable function that may run for more than 15 minutes cannot be invoked synchronously: lower its execution timeout, or warm it with verify: false",
	recursive:
		"something that a ping starts invokes this function again: remove it. Lambda stops such a loop after about 16 invocations",
	mode: "the function accepts asynchronous invocations only: warm it with verify: false",
	credentials: "check the credentials of the Lambda client: in a function, leave them to its role",
	signature: "the signature was refused: check the clock, the credentials, and what may change a request on its way",
	notReady: "the function is not active yet, or is being updated",
	sdk: "install @aws-sdk/client-lambda or add it to the image, or leave it out of the bundle: Lambda's Node.js runtimes include it",
	route: "from a VPC, reach Lambda through a NAT gateway or an interface endpoint",
	slow: "from a VPC, reach Lambda through a NAT gateway or an interface endpoint; for children that are slow to start, raise the timeout",
	small: "give the function more memory, which buys CPU time, or a longer timeout",
} as const;

/**
 * Failures known by the `Reason` of a 429, by name and message, or by an error code of Node.js. The names are those of
 * Lambda's Invoke API (API reference, "Invoke", Errors; "Common errors"). Other errors of the service are transient if
 * their status is 5xx, and need no hint: their messages say what to check.
 */
const KNOWN_FAILURES: readonly (readonly [RegExp, FailureKind, hint?: keyof typeof HINTS])[] = [
	[/^ReservedFunctionConcurrentInvocationLimit/, quotaExceeded, "reserved"],
	[/^ConcurrentSnapshotCreateLimit/, quotaExceeded, "rate"],
	[/RateLimitExceeded|^ThrottlingException/, rateLimited, "rate"],
	[/^TooManyRequests|^ConcurrentInvocationLimit/, quotaExceeded, "account"],
	[/^AccessDenied/, permanent, "denied"],
	[/^ResourceNotFound/, permanent, "notFound"],
	[/^InvalidParameterValue.*tenant/i, permanent, "tenant"],
	[/^InvalidParameterValue.*(durable|execution ?timeout)/i, permanent, "durable"],
	[/^RecursiveInvocation/, permanent, "recursive"],
	[/^ModeNotSupported/, permanent, "mode"],
	[/^ExpiredToken|^UnrecognizedClient|^CredentialsProviderError/, permanent, "credentials"],
	[/^\w*Signature|^MissingAuthenticationToken/, transportPermanent, "signature"],
	[/^UnsupportedMediaType|^InvalidRequestContent|^SerializationException/, transportPermanent],
	[/NotReadyException|UserPendingException|^ResourceConflict/, transient, "notReady"],
	[/^SnapStart(E|Regen)|^Invalid(Runtime|Zip|S)|^KMS|LimitReached|^EC2Access/, permanent],
	[/^EFS(MountF|IO)|^S3FilesMountF/, permanent],
	[/^EFS|^S3Files|^SnapStart/, transient],
	[/MODULE_NOT_FOUND/, permanent, "sdk"],
	[/^ECONNREFUSED|^EAI_AGAIN/, transportTransient, "route"],
	[/^ECONNRESET|^EPIPE|^ERR_HTTP2_/, transportTransient],
	[/^ENOTFOUND|^ENETUNREACH|^EHOSTUNREACH/, transportPermanent, "route"],
	[/^ETIMEDOUT|^TimeoutError/, transportTimeout, "route"],
];

/** A child that had not answered when the ping had to end. */
export const NO_ANSWER: Failure = {
	...deadlineExceeded,
	name: "TimeoutError",
	message: "no answer before the deadline",
	hint: HINTS.slow,
};

/** A child that would not have been answered in time. */
export const NOT_SENT: Failure = {
	...deadlineExceeded,
	name: "NotSentInTime",
	message: "could not be sent early enough to be answered before the deadline",
	hint: HINTS.small,
};

/** What errors of the Invoke API have besides a name and a message. */
interface ServiceError {
	readonly Reason?: unknown;
	readonly $metadata?: { readonly httpStatusCode?: number };
	/** Whether something between this function and Lambda answered in Lambda's place. */
	readonly isForeign?: boolean;
}

/** Reads what the SDK, the network, or Node.js threw. */
export function explainFailure(error: unknown, target: string): Failure {
	const { name, message } = describeError(error);
	const { Reason, $metadata, isForeign } = (error ?? {}) as ServiceError;
	const isServerError = ($metadata?.httpStatusCode ?? 0) >= 500;
	if (isForeign) return { ...(isServerError ? transportTransient : transportPermanent), name, message };
	const find = (text: string) => KNOWN_FAILURES.find(([names]) => names.test(text));
	const [, known = isServerError ? transient : permanent, hint] =
		find(String(Reason)) ?? find(`${name} ${message}`) ?? [];
	return { ...known, name, message, ...(hint && { hint: HINTS[hint].replace("TARGET", target) }) };
}

/** Reads the error that a child's handler ended with, from the Invoke API's payload. */
export function explainFunctionError(payload: Uint8Array | undefined): Failure {
	let message = "the handler failed";
	try {
		const { errorType, errorMessage } = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
		message = `${errorType}: ${errorMessage}`.slice(0, MAX_MESSAGE_LENGTH);
	} catch {
		// The payload is not an error of Lambda's form.
	}
	return { ...permanent, name: "FunctionError", message };
}

/** The longest message in a log entry, in characters. */
export const MAX_MESSAGE_LENGTH = 256;

/** The name and message of anything thrown, short enough for a log entry. */
export function describeError(error: unknown): { name: string; message: string } {
	if (!(error instanceof Error)) {
		const message = typeof error === "string" ? error.slice(0, MAX_MESSAGE_LENGTH) : `a value of type ${typeof error}`;
		return { name: "Error", message };
	}
	try {
		// Network errors differ in their code alone.
		const { code } = error as NodeJS.ErrnoException;
		return {
			name: String(code ?? error.name).slice(0, MAX_MESSAGE_LENGTH),
			message: String(error.message).slice(0, MAX_MESSAGE_LENGTH),
		};
	} catch {
		return { name: "Error", message: "an error that cannot be read" };
	}
}
