/**
 * Whether this environment uses the direct transport: a circuit breaker, driven by the health of rounds. Pure.
 *
 * @module
 */

/** `direct`: HTTP/2, signed by this package. `sdk`: the AWS SDK over HTTP/1.1. */
export type TransportKind = "direct" | "sdk";

/**
 * What a round showed about its transport. `answered`: a response was Lambda's own. `failed`: every child failed because of
 * the network, the protocol, or the signature. `silent`: nothing came for a second.
 */
export type RoundHealth = "answered" | "failed" | "silent" | "unknown";

/** `retry`: try the other transport. `disabled`: that worked, and this environment stays with it. */
export type BreakerDecision = "retry" | "disabled" | undefined;

/** Allows, or does not allow, the direct transport. */
export interface Breaker {
	isAllowed(): boolean;
	/** The direct transport is not available here. */
	disable(): void;
	/** Takes a round into account. */
	recordRound(kind: TransportKind, health: RoundHealth): BreakerDecision;
}

/** Rounds that fail, or stay silent on a connection that never worked, before the breaker opens for good (count). */
const MAX_FAILED_ROUNDS = 2;

/** @param isAvailable whether the direct transport can be used at all, as far as is known */
export function createBreaker(isAvailable: boolean): Breaker {
	let isDisabled = !isAvailable;
	let isOpen = false;
	let failedRounds = 0;
	let hasWorked = false;
	return {
		isAllowed: () => !isDisabled && !isOpen,
		disable: () => {
			isDisabled = true;
		},
		recordRound: (kind, health) => {
			if (kind === "sdk") {
				if (!isOpen) return undefined;
				isOpen = false;
				// A transport that has worked before may fail once.
				isDisabled = health === "answered" && (!hasWorked || failedRounds >= MAX_FAILED_ROUNDS);
				// Both transports failed: neither is to blame.
				if (health !== "answered") failedRounds = 0;
				return isDisabled ? "disabled" : undefined;
			}
			if (health === "answered") {
				hasWorked = true;
				failedRounds = 0;
				return undefined;
			}
			if (health === "failed" || (health === "silent" && !hasWorked)) failedRounds++;
			if (health !== "failed" && failedRounds < MAX_FAILED_ROUNDS) return undefined;
			isOpen = true;
			return "retry";
		},
	};
}
