/**
 * Whether an automatic ping runs another round, and for how many environments. Pure.
 *
 * @module
 */

import { type Demand, isNews } from "../demand/demand.js";
import { type ConcurrencyLimits, growConcurrency, type PoolObservation, recommend } from "../demand/recommend.js";

/**
 * Environments for another round (count); undefined if none is needed. It is the same number again if there is news
 * for the children: otherwise it would be forgotten with the initiator.
 *
 * @param concurrency environments of the last round (count)
 * @param told the peaks that its children were told
 * @param known the peaks known now
 */
export function wantedConcurrency(
	concurrency: number,
	told: Demand,
	known: Demand,
	pool: PoolObservation,
	limits: ConcurrencyLimits,
): number | undefined {
	const wanted = Math.max(recommend(known, limits).concurrency, growConcurrency(concurrency, pool, limits) ?? 0);
	if (wanted > concurrency) return wanted;
	return isNews(known, told) ? concurrency : undefined;
}
