import type { Fault, FaultRequest } from "./fault.js";
import type { FunctionOptions } from "./function-options.js";
import type { DelayDistribution, Reuse, TlsOptions } from "./types.js";

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
