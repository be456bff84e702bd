/** Which of several idle environments serves a request. */
export type Reuse = "most-recent" | "least-recent" | "random";

/** How a function is invoked: wait for the response, queue the event, or only check that the call would be allowed. */
export type InvocationType = "RequestResponse" | "Event" | "DryRun";

/** A lognormal delay, in ms. `p99` must not be below `median`. */
export interface DelayDistribution {
	median: number;
	p99: number;
}

/** A protocol, as ALPN names it. */
export type Protocol = "h2" | "http/1.1";

/** What goes wrong with a connection: the handshake never ends, or the server never sends the SETTINGS of HTTP/2. */
export type ConnectionFault = "no handshake" | "no settings";

/** How the Invoke API speaks TLS. */
export interface TlsOptions {
	/** What ALPN offers. Default both. */
	protocols?: readonly Protocol[];
	/** Streams that a connection may have open at the same time, as SETTINGS say. May be 0. Default 128. */
	maxConcurrentStreams?: number;
	/** A connection gets GOAWAY after so many streams; later ones are refused. Default none. */
	goawayAfter?: number;
	/** Called for each connection, with the number of connections before it. Default no faults. */
	fault?: (index: number) => ConnectionFault | undefined;
}

/** How processes are limited to a share of a core; `none` if they are not. */
export type ConfinementMethod = "control group, version 1" | "control group, version 2" | "none";

/** How an environment came to be, as `AWS_LAMBDA_INITIALIZATION_TYPE` says it. */
export type InitializationType = "on-demand" | "provisioned-concurrency" | "snap-start";

/** What a version of a function may have for itself. */
export interface VersionOptions {
	/** Absolute path or file URL of a module that exports `handler`. Its base name has no dot except the extension's. */
	handler: string | URL;
	/** Function timeout in ms, from the moment when the runtime gets the invocation. Default 3000. */
	timeoutMs?: number;
	/**
	 * Memory in MB. Where the system allows it, each environment gets Lambda's share of a core (one at 1,769 MB) after
	 * its INIT phase; `LocalLambda.confinement` says whether it does. Default 128, without a limit on processor time.
	 */
	memoryMb?: number;
	/** Time in ms before a new environment's process is started: download, and boot of the microVM. Default 0. */
	coldStartMs?: number;
	/** Environment variables, in addition to (or in place of) those that Lambda sets. Default none. */
	environment?: Record<string, string>;
	/**
	 * What `AWS_LAMBDA_INITIALIZATION_TYPE` says. With `snap-start`, credentials come from the container endpoint, as on
	 * Lambda, and not from variables; no snapshot is taken, see `LocalLambda.initialize`. Default `on-demand`.
	 */
	initializationType?: InitializationType;
	/**
	 * Command of the runtime, in place of Node.js with the bundled one. It finds the handler by `_HANDLER` and
	 * `LAMBDA_TASK_ROOT`.
	 */
	runtime?: readonly [string, ...string[]];
}

/** A version, or two versions with their shares of the invocations, which add up to 1. */
export type AliasTarget = string | Readonly<Record<string, number>>;

/** One Lambda function. */
export interface FunctionOptions extends VersionOptions {
	/** Alias to version, or to two versions: `{ live: { 1: 0.9, 2: 0.1 } }`. Default none. */
	aliases?: Record<string, AliasTarget>;
	/**
	 * Published versions, with what they have in place of the function's own options. A version that an alias names is
	 * published without being named here. Default none.
	 */
	versions?: Record<string, Partial<VersionOptions>>;
	/** How many invocations may run at once; further requests get 429. Default unlimited. */
	reservedConcurrency?: number;
	/** Whether every invocation must name a tenant; tenants do not share environments. Default false. */
	tenantIsolation?: boolean;
}

/** A request to the Invoke API, as a fault function sees it. */
export interface FaultRequest {
	functionName: string;
	qualifier: string | undefined;
	invocationType: InvocationType;
	/** The parsed payload; undefined if it is empty or not JSON. */
	payload: unknown;
	protocol: Protocol;
	/** How many requests the Invoke API got before this one. */
	index: number;
}

/**
 * What goes wrong with a request to the Invoke API.
 *
 * - `throttle`: 429, the reserved concurrency is used up. `rate limit`: 429, too many requests in this second.
 * - `deny`: 403. `error`: 500.
 * - `hang`: no answer ever. `reset`: the connection is reset.
 * - `kill`: the environment is killed as soon as the (first) attempt is handed to it.
 * - `{ status, … }`: another error of Lambda's own; `body` is merged into it (`Reason`, for instance).
 * - `page`: an error that is not Lambda's own: an HTML page, without `x-amzn-errortype`.
 * - `answer`: a response without any environment.
 * - `cut`: the function runs, but its response ends after the headers and `afterBytes` of the body (default half), by
 *   RST_STREAM with an error code other than 0 (8 is CANCEL), or by a closed connection. Over HTTP/1.1 always the latter.
 * - `reset stream`: RST_STREAM with an error code, such as REFUSED_STREAM (7), and no response. Over HTTP/1.1, the
 *   connection is reset.
 */
export type Fault =
	| "throttle"
	| "rate limit"
	| "deny"
	| "error"
	| "hang"
	| "reset"
	| "kill"
	| {
			status: number;
			errorType?: string;
			message?: string;
			body?: Record<string, unknown>;
			headers?: Record<string, string>;
	  }
	| { kind: "page"; status: number; body?: string }
	| { kind: "answer"; payload: string | Buffer; functionError?: string }
	| { kind: "cut"; by: "close" | number; afterBytes?: number }
	| { kind: "reset stream"; code: number };

/** Options of `startLocalLambda`. */
export interface LocalLambdaOptions {
	/** Function name to function. */
	functions: Record<string, FunctionOptions>;
	/** Seed of the delivery delays, of random reuse, and of aliases with two versions. Default 1. */
	seed?: number;
	/**
	 * Which of several idle environments serves a request. Lambda does not document it. Default `most-recent`, which is
	 * the hardest for a warmer: a request that arrives a moment too late always gets the environment that was just warmed.
	 */
	reuse?: Reuse;
	/** Delay between accepting a request and giving it to an environment. Default none. */
	delivery?: {
		RequestResponse?: DelayDistribution;
		Event?: DelayDistribution;
	};
	/** An environment is shut down after so many ms of idleness. Default Infinity. */
	idleExpiryMs?: number;
	/** Delays in ms of the retries after a function error of an `Event`. Default `[60_000, 120_000]`. */
	eventRetryDelayMs?: readonly number[];
	/**
	 * How many processes may start at the same time; the others wait. On a machine with few cores, many processes that
	 * start together slow each other (and their callers) down, which Lambda's hosts avoid. Default unlimited.
	 */
	startsAtOnce?: number;
	/** Whether to stop the process (SIGSTOP) between invocations. Default true. */
	freeze?: boolean;
	/** The Invoke API closes a connection after so many ms of idleness. Default 5000. */
	idleSocketMs?: number;
	/**
	 * Serves the Invoke API over TLS, with a certificate that the command `openssl` makes. Environments trust it. Default
	 * plain HTTP/1.1.
	 */
	tls?: TlsOptions;
	/** Called for each authenticated request to the Invoke API (not for `LocalLambda.invoke`). Default no faults. */
	fault?: (request: FaultRequest) => Fault | undefined;
}

/** One request, from acceptance to its end. Times in ms since the start of the local Lambda. */
export interface InvocationRecord {
	requestId: string;
	functionName: string;
	qualifier: string | undefined;
	/** As the handler sees it in `context.invokedFunctionArn`. */
	arn: string;
	invocationType: InvocationType;
	/** The parsed payload; undefined if it is empty or not JSON. */
	payload: unknown;
	/** HTTP status; absent until there is one, and after a hang or a reset. */
	status?: number;
	/** The environment that served the latest attempt. */
	environment?: string;
	/** Process id of that environment. */
	pid?: number;
	/** Whether an environment was started for the latest attempt. */
	coldStart?: boolean;
	acceptedAt: number;
	/** When a runtime got the first attempt. */
	startedAt?: number;
	/** When the latest attempt had ended. */
	endedAt?: number;
	/** Attempts made: more than one only for an `Event` that was retried. */
	attempts: number;
	/** From the handover to the response, rounded up to whole ms, summed over all attempts; without the INIT phase. */
	billedMs?: number;
	/** From the start of the process to its first poll, if the latest attempt was a cold start. */
	initMs?: number;
	/** Error type of a refusal or a function error, or the name of the fault. */
	error?: string;
	/** Whether it came through the Invoke API, or through `LocalLambda.invoke`. */
	via: "api" | "direct";
	/** The protocol of a request to the Invoke API. */
	protocol?: Protocol;
}

/** Options of `LocalLambda.invoke`. */
export interface InvokeOptions {
	/** Version or alias. Default none: `$LATEST`, through the unqualified ARN. */
	qualifier?: string;
	/** Required under tenant isolation. */
	tenantId?: string;
	/** Default `RequestResponse`. */
	invocationType?: InvocationType;
	/** Whether the request waits for a delivery delay. Default false. */
	delivery?: boolean;
}

/** Options of `LocalLambda.initialize`. */
export interface InitializeOptions {
	/** How many environments to start. Default 1. */
	count?: number;
	/** Version or alias. Default none: `$LATEST`. */
	qualifier?: string;
	/** Required under tenant isolation. */
	tenantId?: string;
}

/** What `LocalLambda.invoke` resolves with; it never rejects because of a refusal or a function error. */
export interface InvokeResult {
	/** As the Invoke API would have answered: 200, 202, 204, 4xx or 5xx. */
	status: number;
	/** Parsed JSON, or else the text. */
	payload: unknown;
	rawPayload: Buffer;
	/** `Unhandled` if the function failed. */
	functionError?: string;
	/** Name of the environment that answered; empty if none did (refused, `Event`, `DryRun`). */
	environment: string;
	coldStart: boolean;
	/** From the call to the answer. */
	durationMs: number;
	/** Whole ms; 0 if no environment answered. */
	billedMs: number;
}
