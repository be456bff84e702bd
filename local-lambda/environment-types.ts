import type { Confinement } from "./confinement.js";
import type { Timeline } from "./event-timeline.js";
import type { Gate } from "./gate.js";
import type { LogLine } from "./logs.js";
import type { SignatureVerifier } from "./signature-verifier.js";
import type { Watchdog } from "./watchdog.js";

/** What the environments of one local Lambda share. */
export interface Host {
	readonly timeline: Timeline;
	readonly logs: LogLine[];
	readonly watchdog: Watchdog;
	readonly confinement: Confinement;
	readonly verifier: SignatureVerifier;
	readonly freeze: boolean;
	readonly idleExpiryMs: number;
	/** Limits how many processes start at the same time. */
	readonly starts: Gate;
	/** Variables that lead an environment to the Invoke API. */
	readonly endpointVariables: () => Readonly<Record<string, string>>;
	/** Called when an environment has come to rest (idle, frozen or gone). */
	readonly onRest: () => void;
}

/** What an environment is, for as long as it lives. */
export interface EnvironmentIdentity {
	readonly name: string;
	readonly functionName: string;
	readonly version: string;
	/** The tenant that it belongs to, under tenant isolation. */
	readonly tenantId: string | undefined;
}

/** An invocation, as an environment needs it. */
export interface Job {
	requestId: string;
	arn: string;
	payload: Buffer;
	tenantId: string | undefined;
	/** Whether to kill the process as soon as the invocation is handed to it. */
	kill: boolean;
}

/** How an invocation ended. Times in ms since the start of the local Lambda. */
export interface Outcome {
	payload: Buffer;
	failed: boolean;
	/** Absent if the invocation never reached the handler, because the environment failed to start. */
	startedAt?: number;
	endedAt: number;
}
