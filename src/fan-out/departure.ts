/**
 * When children depart together, so that they can be told until when to hold. Pure.
 *
 * @module
 */

/** The work for each child (ms). */
export interface ChildCost {
	readonly prepareMs: number;
	readonly sendMs: number;
}

/** The plan of a departure. */
export interface Departure {
	/** Children that can be prepared, be sent, and hold before the deadline (count). */
	readonly count: number;
	/** Epoch ms. */
	readonly departureAt: number;
	/** When the hold of all children ends (epoch ms). */
	readonly holdsUntil: number;
}

/**
 * Preparing is planned to take this much longer than estimated, plus the time of this many children: a small function gets
 * its CPU time in slices, and waiting a little costs less than preparing again.
 */
const PREPARE_SAFETY_FACTOR = 1.1;
const PREPARE_SLACK = 3;

/**
 * The first children (count) whose sending the hold already allows for, since it was learned from it: a small function
 * sends them at once, or has to wait for its next slice of CPU time.
 */
const SEND_ALLOWANCE = 8;

/** Sending a child, reading its answer, and closing its stream, in terms of sending. */
const SEND_AND_READ_FACTOR = 1.7;

/** All work for a child (ms). */
export function childMs({ prepareMs, sendMs }: ChildCost): number {
	return PREPARE_SAFETY_FACTOR * prepareMs + SEND_AND_READ_FACTOR * sendMs;
}

/**
 * Plans the departure of as many children as there is time for.
 *
 * @param now epoch ms
 * @param deadline epoch ms
 */
export function planDeparture(
	now: number,
	childCount: number,
	holdMs: number,
	deadline: number,
	cost: ChildCost,
): Departure {
	const possible = Math.floor((deadline - holdMs - now) / childMs(cost));
	const count = Math.max(0, Math.min(childCount, possible));
	const departureAt = now + (PREPARE_SAFETY_FACTOR * count + PREPARE_SLACK) * cost.prepareMs;
	return { count, departureAt, holdsUntil: departureAt + Math.max(0, count - SEND_ALLOWANCE) * cost.sendMs + holdMs };
}

/** How late a round may depart (ms) before it is prepared again. */
export function departureToleranceMs(holdMs: number): number {
	return Math.max(20, holdMs / 5);
}
