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
