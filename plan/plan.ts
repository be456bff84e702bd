/**
 * Should a function be warmed, and how many environments does it need? Plays its requests under each policy. Pure.
 *
 * @module
 */

import { advise } from "./advice.js";
import type { Plan, PlanRow } from "./answer.js";
import { costOfPings, costOfProvisioned, DEFAULT_PRICES, type Prices } from "./prices.js";
import { peakOf, type Requests } from "./requests.js";
import { averageOf, DEFAULT_WORLD, type Policy, type Simulated, simulate, type World } from "./simulate.js";

/** What is compared, in the order of the table. */
export const POLICIES: readonly Policy[] = ["none", 1, 2, 5, 10, "auto"];

/** What is assumed. */
export interface PlanOptions {
	readonly world: World;
	readonly memoryGb: number;
	readonly prices: Prices;
	/** Called after each of the simulations. */
	readonly onProgress?: (done: number, total: number) => Promise<void> | void;
}

/** 512 MB, and what `DEFAULT_WORLD` and `DEFAULT_PRICES` say. */
export const DEFAULT_PLAN_OPTIONS: PlanOptions = { world: DEFAULT_WORLD, memoryGb: 0.5, prices: DEFAULT_PRICES };

const MS_PER_DAY = 86_400_000;

/** How else Lambda may treat environments. */
const ALTERNATIVES: readonly Partial<World>[] = [
	{ reuse: "any" },
	{ idleMs: [DEFAULT_WORLD.idleMs[0], DEFAULT_WORLD.idleMs[0]] },
	{ idleMs: [DEFAULT_WORLD.idleMs[1], DEFAULT_WORLD.idleMs[1]], lifetimeMs: [MS_PER_DAY, MS_PER_DAY] },
];

/** Simulations are repeated, with other random numbers, until they add up to this many requests. */
const ENOUGH_REQUESTS = 30_000;

/** A single simulation of more requests takes seconds, and so alternatives are left out. */
const MANY_REQUESTS = 2_000_000;

/** Compares the policies on requests, of which there is at least one. */
export const createPlan = async (requests: Requests, options: PlanOptions): Promise<Plan> => {
	const { world, memoryGb, prices, onProgress } = options;
	const count = requests.startedAt.length;
	const spanMs = (requests.startedAt.at(-1) ?? 0) - (requests.startedAt[0] ?? 0);
	const days = Math.max(spanMs, world.pingEveryMs) / MS_PER_DAY;
	const peak = peakOf(requests);
	const seeds = Array.from({ length: Math.min(3, Math.ceil(ENOUGH_REQUESTS / count)) }, (_, index) => index + 1);
	const alternatives = count > MANY_REQUESTS ? [] : ALTERNATIVES;
	const total = POLICIES.length * (seeds.length + alternatives.length);
	let done = 0;
	const play = async (policy: Policy, world: World, seed: number): Promise<Simulated> => {
		const result = simulate(requests, policy, world, seed);
		await onProgress?.(++done, total);
		return result;
	};
	const rows: PlanRow[] = [];
	for (const policy of POLICIES) {
		const results: Simulated[] = [];
		for (const seed of seeds) results.push(await play(policy, world, seed));
		const result = averageOf(results);
		const range = [result.coldStarts];
		for (const alternative of alternatives)
			range.push((await play(policy, { ...world, ...alternative }, 1)).coldStarts);
		const coldStarts = Math.round(result.coldStarts);
		rows.push({
			policy,
			meanConcurrency: result.meanConcurrency,
			coldStarts,
			coldShare: coldStarts / count,
			dollarsPerMonth: costOfPings(result, world.pingEveryMs, memoryGb, prices),
			range: [Math.round(Math.min(...range)), Math.round(Math.max(...range))],
		});
	}
	rows.push({
		policy: "provisioned",
		meanConcurrency: peak,
		coldStarts: 0,
		coldShare: 0,
		dollarsPerMonth: costOfProvisioned(peak, memoryGb, prices),
		range: [0, 0],
	});
	const answer = { requests: count, days, peak, rows };
	return { ...answer, advice: advise(answer) };
};
