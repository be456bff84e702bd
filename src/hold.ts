/**
 * How long children hold: the first guess, the repair of one that was too short, and what a ping teaches the next one.
 * Pure, but for the memory that it is given.
 *
 * @module
 */

import type { ChildEvent } from "./wire.js";

/** The hold, in ms, where nothing was learned yet; lambda-warmer's default delay. */
export const initialHold = 75;

/** A third round whose children share environments has a cause that a longer hold does not cure. */
export const mostSharedRounds = 3;

/**
 * Of all kinds. With 2 % of passing failures one of 20 children is left out of every third round, and where Lambda
 * reuses the environment used last, it is the same environment each time: in simulation three rounds complete 97 % of
 * pings.
 */
export const mostRounds = 5;

/**
 * How much longer than the slowest warm child's arrival a hold should be, and how much longer one becomes that was too
 * short. In simulation it hardly matters between 1.15 and 1.5, and between 1.4 and 2.
 */
const margin = 1.3;
const repair = 2;

/** A hold is averaged over about so many pings: enough to even out one slow child, few enough to follow a change. */
const averagedPings = 5;

/**
 * What was learned, by target and number of environments: the slowest of 30 arrives later than the slower of 2, and a
 * ping of 2 must not shorten the hold of the next ping of 30.
 */
export type HoldMemory = Map<string, { hold: number; pings: number; told: boolean }>;

/** What the children of one or more rounds tell about the hold they had. Times in ms. */
export interface Experience {
	/** The hold of the first round. */
	readonly hold: number;
	/** From sending to the start of the slowest warm child; 0 where none tells. */
	readonly slowest: number;
	/** Whether invocations shared environments. */
	readonly tooShort: boolean;
}

/**
 * The hold, in ms, that pings have taught for so many environments of a target (`undefined`: this function); 75 to
 * begin with.
 */
export const learnedHold = (memory: HoldMemory, target: string | undefined, concurrency: number): number =>
	memory.get(keyOf(target, concurrency))?.hold ?? initialHold;

/**
 * The hold, in ms, of the round after one that had `hold`. Only one that was too short is changed; `sharedRounds` were.
 */
export const repairedHold = (
	hold: number,
	{ slowest, tooShort }: Experience,
	sharedRounds: number,
	maxDelay: number,
): number => {
	if (!tooShort) return hold;
	const isLastChance = sharedRounds === mostSharedRounds - 1;
	return Math.min(Math.max(repair * hold || initialHold, isLastChance ? 2 * slowest : 0), maxDelay);
};

/**
 * Learns from a ping that this environment initiated: a hold a margin longer than the slowest arrival; or twice the
 * hold that failed, where no arrival explains why it did, since arrivals are measured with two hosts' clocks and only
 * identity is certain. A geometric average, since arrivals spread by factors and not by amounts.
 */
export const learnHold = (
	memory: HoldMemory,
	target: string | undefined,
	concurrency: number,
	{ hold, slowest, tooShort }: Experience,
	maxDelay: number,
): void => {
	const lesson = Math.min(tooShort && slowest <= hold ? 2 * hold || initialHold : margin * slowest, maxDelay);
	if (lesson === 0) return;
	const key = keyOf(target, concurrency);
	const pings = (memory.get(key)?.pings ?? 0) + 1;
	const weight = Math.max(1 / averagedPings, 1 / pings);
	const known = learnedHold(memory, target, concurrency);
	memory.set(key, {
		// A hold of 0 would stay 0, whatever came after it.
		hold: known ** (1 - weight) * Math.max(1, lesson) ** weight,
		pings,
		told: false,
	});
};

/**
 * Takes over the hold that another initiator of this function used, unless this environment has experience of its own:
 * what it is told was decided before the ping, and what it measured came after one.
 */
export const adoptHold = (memory: HoldMemory, concurrency: number, hold: number): void => {
	const key = keyOf(undefined, concurrency);
	const { told = true } = memory.get(key) ?? {};
	if (told) memory.set(key, { hold: Math.max(1, hold), pings: 1, told });
};

/**
 * When the hold of a child is over (epoch ms by its own clock): at the instant that it was told, else after the time
 * that it was told, or after its `own`; never later than `maxDelay` after its start.
 */
export const endOfHold = (
	startedAt: number,
	{ until, delay }: NonNullable<ChildEvent["verify"]>,
	own: number,
	maxDelay: number,
): number => Math.min(until ?? startedAt + (delay ?? own), startedAt + maxDelay);

// Stryker disable next-line StringLiteral: no function has a name with blanks
const keyOf = (target: string | undefined, concurrency: number): string => `${concurrency} ${target ?? ""}`;
