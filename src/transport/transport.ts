/**
 * The interface of both transports.
 *
 * @module
 */

import type { Invocation, InvokeOutcome } from "./invoke-api.js";

/** From a VPC without a route to Lambda, connecting would hang for as long as the function may run (ms). */
export const CONNECTION_TIMEOUT_MS = 2000;

/** Sends a request that was prepared. */
export type SendRequest = () => Promise<InvokeOutcome>;

/** A way to Lambda's Invoke API, for one ping. */
export interface Transport {
	/**
	 * Connects for a number of children. Resolves to false if the transport is not available here; rejects if connecting
	 * or loading fails.
	 */
	open(children: number): Promise<boolean>;
	/**
	 * Prepares a request. The result sends it, and may be called later, or never. Its promise never rejects, and never
	 * settles after `close`.
	 */
	prepare(invocation: Invocation): Promise<SendRequest>;
	/** Closes every connection, and gives up on every answer. */
	close(): void;
}
