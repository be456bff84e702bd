/**
 * How long children hold: the first hold, the repair of a hold that was too short, and what a ping teaches the next one.
 * Pure, but for the estimates that it is given.
 *
 * @module
 */

import type { HoldInstruction } from "./wire.js";

/** The first hold (ms): lambda-warmer's default delay. */
export const INITIAL_HOLD_MS = 75;

/** If children still share environments in the third round, or fail, another one does not help. */
export const MAX_ROUNDS = 3;

/**
 * How much longer a hold should be than the slowest warm child's arrival, and how much longer a hold becomes that was too
 * short. In simulation, 1.4 takes 1.16 rounds with typical delivery and 1.38 with busy delivery, 2 takes 1.05 and 1.25;
 * a longer hold costs more than the rounds that it saves.
 */
const ARRIVAL_MARGIN = 2;
const REPAIR_FACTOR = 2;

/** Estimates average this many pings (count): enough to even out one slow child, few enough to follow a change. */
const AVERAGED_PINGS = 5;

/**
 * Holds by target and number of environments: the slowest of 30 children arrives later than the slower of 2, and a ping
 * of 2 must not shorten the hold of the next ping of 30.
 */
export type HoldEstimates = Map<string, { holdMs: number; pings: number; isAdopted: boolean }>;

/** What one or more rounds showed about a hold. */
export interface HoldSample {
	/** The hold of the first round. */
	readonly holdMs: number;
	/** From sending to the slowest warm child's start; 0 if unknown. */
	readonly slowestArrivalMs: number;
	/** Whether invocations shared environments. */
	readonly wasTooShort: boolean;
}

/** The hold (ms) for a number of environments of a target; `undefined` is this function. */
export function estimatedHoldMs(estimates: HoldEstimates, target: string | undefined, concurrency: number): number {
	return estimates.get(keyOf(target, concurrency))?.holdMs ?? INITIAL_HOLD_MS;
}

/** The hold (ms) of the round after one with shared environments. */
export function repairedHoldMs(
	holdMs: number,
	slowestArrivalMs: number,
	incompleteRounds: number,
	maxDelay: number,
): number {
	const isLastRepair = incompleteRounds === MAX_ROUNDS - 1;
	const longer = REPAIR_FACTOR * holdMs || INITIAL_HOLD_MS;
	return Math.min(isLastRepair ? Math.max(longer, 2 * slowestArrivalMs) : longer, maxDelay);
}

/**
 * Learns from a ping that this environment initiated: a margin more than the slowest arrival. If no arrival explains why a
 * hold was too short, twice that hold, since arrivals are measured with two hosts' clocks. The average is geometric, since
 * arrivals spread by factors.
 */
export function learnHold(
	estimates: HoldEstimates,
	target: string | undefined,
	concurrency: number,
	{ holdMs, slowestArrivalMs, wasTooShort }: HoldSample,
	maxDelay: number,
): void {
	const isUnexplained = wasTooShort && slowestArrivalMs <= holdMs;
	const targetHoldMs = Math.min(
		isUnexplained ? 2 * holdMs || INITIAL_HOLD_MS : ARRIVAL_MARGIN * slowestArrivalMs,
		maxDelay,
	);
	if (targetHoldMs === 0) return;
	const key = keyOf(target, concurrency);
	const pings = (estimates.get(key)?.pings ?? 0) + 1;
	const weight = Math.max(1 / AVERAGED_PINGS, 1 / pings);
	const known = estimatedHoldMs(estimates, target, concurrency);
	estimates.set(key, {
		// A hold of 0 would stay 0 whatever came after it.
		holdMs: known ** (1 - weight) * Math.max(1, targetHoldMs) ** weight,
		pings,
		isAdopted: false,
	});
}

/** Adopts the hold that another initiator of this function used, unless this environment has measured its own. */
export function adoptHold(estimates: HoldEstimates, concurrency: number, holdMs: number): void {
	const key = keyOf(undefined, concurrency);
	const { isAdopted = true } = estimates.get(key) ?? {};
	if (isAdopted) estimates.set(key, { holdMs: Math.max(1, holdMs), pings: 1, isAdopted });
}

/**
 * When a child's hold ends (epoch ms by its own clock): at the given instant, or after the given or its own delay; never
 * later than `maxDelay` after its start.
 */
export function holdEndsAt(
	startedAt: number,
	{ until, delay }: Partial<HoldInstruction>,
	ownDelay: number,
	maxDelay: number,
): number {
	return Math.min(until ?? startedAt + (delay ?? ownDelay), startedAt + maxDelay);
}

function keyOf(target: string | undefined, concurrency: number): string {
	return JSON.stringify([concurrency, target]);
}
