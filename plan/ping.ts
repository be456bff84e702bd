/**
 * A ping in virtual time: one round of a fixed number, or the rounds that `concurrency: "auto"` asks for. Pure.
 *
 * @module
 */

import type { Demand } from "../src/demand/demand.js";
import { type ConcurrencyLimits, recommend } from "../src/demand/recommend.js";
import { demandOf, type Served, summarizeTraffic } from "../src/demand/traffic.js";
import { createServed } from "../src/environment.js";
import { wantedConcurrency } from "../src/fan-out/automatic.js";
import { createMemory, NOTHING } from "./memory.js";
import type { Pool, PooledEnvironment } from "./pool.js";

/** What a ping did. */
export interface PingResult {
	/** Environments asked for in the last round (count). */
	readonly concurrency: number;
	/** Invocations of all rounds, the initiator's own included (count). */
	readonly invocations: number;
	readonly billedMs: number;
	/** The initiator's memory in the end. */
	readonly demand: Demand;
}

/** What a ping costs. */
export interface PingAssumptions {
	readonly initMs: number;
	/** What each round is billed for each environment (ms). */
	readonly billedMs: number;
	/** How long each round keeps the environments from serving requests (ms). */
	readonly busyMs: number;
}

/** The rounds of one ping at `now` (epoch ms). All of them see the pool of this instant. */
const createRounds = (pool: Pool, now: number, { initMs, billedMs, busyMs }: PingAssumptions) => {
	let startedCount = 0;
	const takeOrStart = (): PooledEnvironment => {
		const taken = pool.take(now);
		if (!taken) startedCount++;
		return taken ?? pool.start(now);
	};
	const initiator = takeOrStart();
	const reached = new Set<PooledEnvironment>();
	let children: PooledEnvironment[] = [];
	let roundCount = 0;
	let childCount = 0;
	return {
		initiator,
		/** Runs a round. Returns what no round before has reached, and whether Lambda had to start a child. */
		run(concurrency: number) {
			// The children of the round before are idle again: Lambda may reuse them, the first one first.
			pool.release(children.reverse());
			const startedBefore = startedCount;
			children = Array.from({ length: concurrency - 1 }, takeOrStart);
			const added = [initiator, ...children].filter((environment) => !reached.has(environment));
			for (const environment of added) reached.add(environment);
			roundCount++;
			childCount += children.length;
			return { added, hasStarted: startedCount > startedBefore };
		},
		/** Lets the children of the last round remember what the initiator knew before it. */
		tell(demand: Demand) {
			for (const child of children) remember(child, merge(demand, memoryOf(child), now));
		},
		/** Keeps the environments of the last round busy until the ping ends. Returns what the ping cost. */
		end() {
			const endsAt = (environment: PooledEnvironment) => Math.max(environment.freeAt, now) + roundCount * busyMs;
			for (const child of children) pool.occupy(child, endsAt(child));
			// The initiator answers last, and so is the one used last.
			pool.occupy(initiator, Math.max(...[...children, initiator].map(endsAt)) + 1);
			return {
				invocations: 1 + childCount,
				billedMs: (roundCount + childCount) * billedMs + startedCount * initMs,
			};
		},
	};
};

/** A ping that asks for a number of environments. */
export const pingFixed = (pool: Pool, now: number, concurrency: number, assumptions: PingAssumptions): PingResult => {
	const rounds = createRounds(pool, now, assumptions);
	rounds.run(concurrency);
	return { concurrency, demand: NOTHING, ...rounds.end() };
};

/** Takes what an environment has recorded since its last ping, as its answer to a ping does. */
const takeServed = ({ recording }: PooledEnvironment, now: number): Served => {
	const { requests, coldStart, sinceAt, busySeconds } = recording.served;
	recording.served = createServed(now);
	recording.isPinged = true;
	return { requests, coldStart, sinceMs: now - sinceAt, busySeconds: [...busySeconds] };
};

/**
 * An automatic ping.
 *
 * @param now epoch ms
 * @param handedOver the demand that the ping carries
 */
export const pingAutomatically = (
	pool: Pool,
	now: number,
	limits: ConcurrencyLimits,
	assumptions: PingAssumptions,
	handedOver: Demand = NOTHING,
): PingResult => {
	const rounds = createRounds(pool, now, assumptions);
	const records: Served[] = [];
	let demand = merge(memoryOf(rounds.initiator), handedOver, now);
	let { concurrency } = recommend(demand, limits);
	/** Runs a round; returns the number for the next one. */
	const runRound = (): number | undefined => {
		const told = demand;
		const { added, hasStarted } = rounds.run(concurrency);
		const served = added.map((environment) => takeServed(environment, now));
		records.push(...served);
		for (const memory of [...new Set(added.map(memoryOf)), demandOf(records, now)]) {
			demand = merge(demand, memory, now);
		}
		rounds.tell(told);
		const { peak } = summarizeTraffic(records);
		const foundUnpinged = served.some(({ coldStart }) => coldStart);
		return wantedConcurrency(
			concurrency,
			told,
			demand,
			{ reached: records.length, peak, foundUnpinged, hasStarted },
			limits,
		);
	};
	for (let wanted = runRound(); wanted !== undefined; wanted = runRound()) concurrency = wanted;
	remember(rounds.initiator, demand);
	return { concurrency, demand, ...rounds.end() };
};

/** The function's own memory in `Environment.demands`. */
const OWN = "";

const { merge } = createMemory();

const memoryOf = ({ recording }: PooledEnvironment): Demand => recording.demands?.get(OWN) ?? NOTHING;

const remember = ({ recording }: PooledEnvironment, demand: Demand): void => {
	recording.demands ??= new Map();
	recording.demands.set(OWN, demand);
};
