/**
 * Whether a failed child is sent again while the others still hold. Pure.
 *
 * @module
 */

import type { Failure } from "../report/errors.js";

/** Requests of a ping for one child (count): a service that fails for every child must not be hammered. */
export const MAX_REQUESTS = 3;

/**
 * The share of the hold that must be left for a usual arrival. A hold is twice as long as the slowest of all arrivals; in
 * the models of delivery that are measured here, half of them take a seventh of that.
 */
const USUAL_ARRIVAL_SHARE = 0.14;

/** Lambda limits a rate within a fraction of a second, so a throttled child waits this long (ms), plus a random part. */
const MIN_PAUSE_MS = 10;
const RANDOM_PAUSE_MS = 30;

/**
 * How long to pause before sending the child again (ms); undefined: don't.
 *
 * @param failedRequests requests for this child that failed in this ping (count)
 * @param hasEveryChildFailed whether the transport or the service may be to blame
 * @param holdLeftMs what is left of the hold
 * @param holdMs the hold of the round
 * @param random from 0 to 1, since children that were throttled together should not return together
 */
export function planResend(
	{ isTransient, isTransport, reason }: Failure,
	failedRequests: number,
	hasEveryChildFailed: boolean,
	holdLeftMs: number,
	holdMs: number,
	random: number,
): number | undefined {
	// If the transport may be to blame, the last request is left for the other one.
	const maxFailures = isTransport && hasEveryChildFailed ? MAX_REQUESTS - 1 : MAX_REQUESTS;
	if (!isTransient || failedRequests >= maxFailures) return undefined;
	const minPauseMs = reason === "throttled" ? MIN_PAUSE_MS : 0;
	const spareMs = holdLeftMs - USUAL_ARRIVAL_SHARE * holdMs - minPauseMs;
	if (spareMs < 0) return undefined;
	return minPauseMs && minPauseMs + random * Math.min(RANDOM_PAUSE_MS, spareMs);
}
