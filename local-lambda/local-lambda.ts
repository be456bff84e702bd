import type { Credentials } from "./credentials.js";
import type { Timeline } from "./event-timeline.js";
import type { FunctionOptions } from "./function-options.js";
import type { LogLine } from "./logs.js";
import type { ConfinementMethod, InitializeOptions, InvocationRecord, InvokeOptions, InvokeResult } from "./types.js";

/** A running local stand-in for the Lambda service. */
export interface LocalLambda extends AsyncDisposable {
	/** Of the Invoke API: `http://127.0.0.1:port`, with `tls` `https://localhost:port`. */
	readonly endpoint: string;
	/** Credentials for the clients of the Invoke API, which checks signatures. Environments have credentials of their own. */
	readonly credentials: Credentials;
	/**
	 * Environment variables with which a client, such as an SDK or the AWS CLI, calls the Invoke API:
	 * `AWS_ENDPOINT_URL_LAMBDA`, `AWS_REGION`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, and with `tls`
	 * `NODE_EXTRA_CA_CERTS`, the file of the certificate.
	 */
	readonly variables: Readonly<Record<string, string>>;
	/** How `memoryMb` limits processor time. */
	readonly confinement: ConfinementMethod;
	/** ARN of a function, qualified if a version or an alias is given. */
	arn(functionName: string, qualifier?: string): string;
	/**
	 * Invokes a function as a scheduler or API Gateway would: with the same scheduling as the Invoke API, but not over
	 * HTTP, without signature or faults, and by default without a delivery delay.
	 *
	 * @param functionName in any form that Lambda accepts
	 */
	invoke(functionName: string, payload?: unknown, options?: InvokeOptions): Promise<InvokeResult>;
	/**
	 * Starts environments ahead of requests, as Lambda does by itself, with provisioned concurrency, or from a snapshot.
	 * Resolves when they are idle. Throws if there is no such function or version.
	 */
	initialize(functionName: string, options?: InitializeOptions): Promise<void>;
	/**
	 * Deploys a function again, with changed options: its environments of `$LATEST` are shut down, busy ones after their
	 * invocation; `versions` that are new are published; existing versions keep their environments and options. Throws if
	 * there is no such function.
	 */
	deploy(functionName: string, changes?: Partial<FunctionOptions>): Promise<void>;
	/** Kills an environment, even in the middle of an invocation. Throws if there is none of that name. */
	kill(environment: string): Promise<void>;
	readonly timeline: Timeline;
	/** What the environments logged, in the order of reading. */
	readonly logs: LogLine[];
	/** Every request, in the order of acceptance or refusal. */
	readonly invocations: InvocationRecord[];
	/**
	 * Resolves when no invocation is running or queued (`Event` and its retries included), every environment is at rest,
	 * and everything that they logged has been read.
	 */
	settle(): Promise<void>;
	/** Empties timeline, logs and invocations. Call it when settled, or else what still runs loses its beginning. */
	reset(): void;
	/** Ends every process, port and timer. May be called more than once. */
	stop(): Promise<void>;
}
