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
