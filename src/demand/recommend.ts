/**
 * The rule of `concurrency: "auto"`: how many environments the demand calls for, and whether a ping should look for more
 * than it has reached. Pure.
 *
 * @module
 */

import { type Demand, formatHour, largestPeak } from "./demand.js";

/** What bounds the rule: the options of the same names (count). */
export interface ConcurrencyLimits {
	readonly minConcurrency: number;
	readonly maxConcurrency: number;
}

/** A number of environments, and why. */
export interface Recommendation {
	/** Environments (count), from `minConcurrency` to `maxConcurrency`. */
	readonly concurrency: number;
	/** Why, as text: `peak of 6 at 2026-11-28T14Z, plus 1`. */
	readonly basis: string;
}

/** The largest peak of the last 24 hours, plus one, within the limits. */
export function recommend(demand: Demand, { minConcurrency, maxConcurrency }: ConcurrencyLimits): Recommendation {
	const largest = largestPeak(demand);
	const wanted = largest ? largest.peak + 1 : 1;
	const basis = largest ? `peak of ${largest.peak} at ${formatHour(largest.hour)}, plus 1` : "no requests seen yet";
	if (wanted > maxConcurrency) return { concurrency: maxConcurrency, basis: `${basis}, limited by maxConcurrency` };
	if (wanted < minConcurrency) return { concurrency: minConcurrency, basis: `${basis}, raised to minConcurrency` };
	return { concurrency: wanted, basis };
}

/** What an automatic ping has found so far. */
export interface PoolObservation {
	/** Distinct environments reached (count). */
	readonly reached: number;
	/** The largest number of them that were busy with requests in the same second (count). */
	readonly peak: number;
	/** Whether the last round reached an environment that a request had to start and no ping had reached before. */
	readonly foundUnpinged: boolean;
	/** Whether a child had to start an environment: then the ping has seen every idle one. */
	readonly hasStarted: boolean;
}

/**
 * The number of environments (count) for the next round of an automatic ping, or undefined if it has seen the pool: twice
 * as many while there may be environments that it has not reached.
 *
 * @param concurrency environments of the last round (count)
 */
export function growConcurrency(
	concurrency: number,
	{ reached, peak, foundUnpinged, hasStarted }: PoolObservation,
	{ maxConcurrency }: ConcurrencyLimits,
): number | undefined {
	const mayHaveMore = foundUnpinged || (reached > 0 && peak >= reached);
	if (hasStarted || !mayHaveMore || concurrency >= maxConcurrency) return undefined;
	return Math.min(2 * concurrency, maxConcurrency);
}
