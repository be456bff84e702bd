/**
 * Which of the idle environments serves a request: the one that was used last, the one that was not for longest, or
 * any.
 */
export type Reuse = "most-recent" | "least-recent" | "random";

/** How a function is invoked: wait for the answer, queue it, or only check that it would be allowed. */
export type InvocationType = "RequestResponse" | "Event" | "DryRun";

/** A lognormal delay, in ms. `p99` must not be below `median`. */
export interface DelayDistribution {
	median: number;
	p99: number;
}

/** As ALPN names them. */
export type Protocol = "h2" | "http/1.1";

/** What goes wrong with a connection: the handshake never ends, or HTTP/2 begins without the server's SETTINGS. */
export type ConnectionFault = "no handshake" | "no settings";

/** How the Invoke API speaks TLS. */
export interface TlsOptions {
	/** What ALPN offers. Default both. */
	protocols?: readonly Protocol[];
	/** Streams that a connection may have open at once, as SETTINGS say. Default 128. */
	maxConcurrentStreams?: number;
	/** A connection gets GOAWAY after so many streams; later ones are not processed. Default none. */
	goawayAfter?: number;
	/** Called for each connection, with the number of those before it. Default no faults. */
	fault?: (index: number) => ConnectionFault | undefined;
}

/** How processes are kept to a share of a processor; `none` if they are not. */
export type ConfinementMethod = "control group, version 1" | "control group, version 2" | "none";

/** One Lambda function. */
export interface FunctionOptions {
	/** Absolute path or file URL of a module that exports `handler`. Its base name has no dot beside the extension's. */
	handler: string | URL;
	/** Alias to version. A version that an alias names can be invoked as a qualifier too. Default none. */
	aliases?: Record<string, string>;
	/** Function timeout in ms, from handing an invocation to the runtime. Default 3000. */
	timeoutMs?: number;
	/**
	 * Memory in MB. Where the system allows, each environment has the share of a processor that Lambda gives for it (one
	 * at 1,769 MB), after its INIT phase; `LocalLambda.confinement` says whether. Default 128, unconfined.
	 */
	memoryMb?: number;
	/** Invocations under way at once, beyond which requests get 429. Default unlimited. */
	reservedConcurrency?: number;
	/**
	 * Time in ms before the process of a new environment is started: the download and the boot of the microVM. Default 0.
	 */
	coldStartMs?: number;
	/** Environment variables, over those that Lambda sets. Default none. */
	environment?: Record<string, string>;
	/** Every invocation must name a tenant, and environments are not shared among tenants. Default false. */
	tenantIsolation?: boolean;
	/**
	 * Command of the runtime, in place of Node.js with the bundled loop. It finds the handler through `_HANDLER` and
	 * `LAMBDA_TASK_ROOT`.
	 */
	runtime?: readonly [string, ...string[]];
}

/** A request to the Invoke API, as a fault function sees it. */
export interface FaultRequest {
	functionName: string;
	qualifier: string | undefined;
	invocationType: InvocationType;
	/** The parsed payload; undefined if it is empty or not JSON. */
	payload: unknown;
	/** What it came over. */
	protocol: Protocol;
	/** Requests to the Invoke API before this one. */
	index: number;
}

/**
 * What goes wrong with a request to the Invoke API: 429, 403, 500, no answer ever, a reset connection, the environment
 * killed as soon as the (first) attempt is handed to it; another refusal, whose `body` is merged into what it says
 * (`Reason`, say); an answer without any environment; or RST_STREAM with that error code of HTTP/2, as REFUSED_STREAM
 * (7) or INTERNAL_ERROR (2) (over HTTP/1.1, a reset connection).
 */
export type Fault =
	| "throttle"
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
	| { kind: "answer"; payload: string | Buffer; functionError?: string }
	| { kind: "reset stream"; code: number };

/** Options of `startLocalLambda`. */
export interface LocalLambdaOptions {
	/** Function name to function. */
	functions: Record<string, FunctionOptions>;
	/** Seed of the delivery delays, and of random reuse. Default 1. */
	seed?: number;
	/**
	 * Which of the idle environments serves a request. Lambda does not say. Default `most-recent`, the hardest on a
	 * warmer: a request that comes a moment too late always meets an environment that has just been warmed.
	 */
	reuse?: Reuse;
	/** Delay between accepting a request and giving it to an environment. Default none. */
	delivery?: {
		RequestResponse?: DelayDistribution;
		Event?: DelayDistribution;
	};
	/** An environment that has been idle for so many ms is shut down. Default Infinity. */
	idleExpiryMs?: number;
	/** Delays in ms of the retries after a function error of an `Event`. Default `[60_000, 120_000]`. */
	eventRetryDelayMs?: readonly number[];
	/**
	 * How many processes start at the same time at most; the others wait. On a machine with few processors, many that
	 * start at once slow each other (and whoever invokes them) down, as Lambda's hosts do not. Default unlimited.
	 */
	startsAtOnce?: number;
	/** Stop the process (SIGSTOP) between invocations. Default true. */
	freeze?: boolean;
	/** The Invoke API closes a connection that has been idle for so many ms. Default 5000. */
	idleSocketMs?: number;
	/**
	 * Serves the Invoke API over TLS, for which the command `openssl` makes a certificate. Environments trust it. Default
	 * plain HTTP/1.1.
	 */
	tls?: TlsOptions;
	/** Called for each request to the Invoke API (not for `LocalLambda.invoke`). Default no faults. */
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
	/** HTTP status; absent while there is none, and for good after a hang or a reset. */
	status?: number;
	/** The environment that served the latest attempt. */
	environment?: string;
	/** Process id of that environment. */
	pid?: number;
	/** Whether the latest attempt had an environment started for it. */
	coldStart?: boolean;
	acceptedAt: number;
	/** When the first attempt was handed to a runtime. */
	startedAt?: number;
	/** When the latest attempt had ended. */
	endedAt?: number;
	/** Attempts made: more than one only for an `Event` that was retried. */
	attempts: number;
	/** From handing over to the response, rounded up to whole ms, summed over all attempts; without the INIT phase. */
	billedMs?: number;
	/** From the start of the process to its first poll, when the latest attempt was a cold start. */
	initMs?: number;
	/** Error type of a refusal or a function error, or the name of the fault. */
	error?: string;
	/** Through the Invoke API, or through `LocalLambda.invoke`. */
	via: "api" | "direct";
	/** What it came over, through the Invoke API. */
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

/** What `LocalLambda.invoke` resolves with; it never rejects on a refusal or a function error. */
export interface InvokeResult {
	/** As the Invoke API would have answered: 200, 202, 204, 4xx or 5xx. */
	status: number;
	/** Parsed JSON, or else the text as it is. */
	payload: unknown;
	rawPayload: Buffer;
	/** `Unhandled` if the function failed. */
	functionError?: string;
	/** Name of the environment that answered; empty if none did (refused, `Event`, `DryRun`). */
	environment: string;
	coldStart: boolean;
	/** From the call to the answer, in ms. */
	durationMs: number;
	/** Whole ms; 0 if no environment answered. */
	billedMs: number;
}
