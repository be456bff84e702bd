/**
 * Requests, environments, pings, and deployments in virtual time, with the recording and the rule that functions run.
 * Pure.
 *
 * @module
 */

import { createRandom } from "../local-lambda/delivery.js";
import type { Demand } from "../src/demand/demand.js";
import type { ConcurrencyLimits } from "../src/demand/recommend.js";
import { beginRequest, endRequest } from "../src/environment.js";
import { type PingAssumptions, type PingResult, pingAutomatically, pingFixed } from "./ping.js";
import { createPool, type Pool, type PoolAssumptions } from "./pool.js";
import type { Requests } from "./requests.js";

/** What keeps a function warm: nothing, pings for a number of environments, or pings that find the number. */
export type Policy = "none" | "auto" | number;

/** A function, its pings, and its Lambda. All times in ms. */
export interface World extends PoolAssumptions, PingAssumptions {
	readonly pingEveryMs: number;
	readonly limits: ConcurrencyLimits;
	/** How often the function is deployed; infinity for never. */
	readonly deployEveryMs: number;
	/** Whether a deployment pings the new version immediately, with the demand that the old one knew. */
	readonly hasHandover: boolean;
}

/** Every 5 minutes, with the assumptions about Lambda that docs/choosing-concurrency.md explains. */
export const DEFAULT_WORLD: World = {
	reuse: "recent",
	idleMs: [5 * 60_000, 25 * 60_000],
	lifetimeMs: [3_600_000, 3 * 3_600_000],
	initMs: 1000,
	pingEveryMs: 5 * 60_000,
	billedMs: 100,
	busyMs: 0,
	limits: { minConcurrency: 1, maxConcurrency: 50 },
	deployEveryMs: Number.POSITIVE_INFINITY,
	hasHandover: false,
};

/** What came of it. */
export interface Simulated {
	/** Requests that waited for a cold start (count). */
	coldStarts: number;
	pings: number;
	/** Environments that pings asked for (count). */
	meanConcurrency: number;
	maxConcurrency: number;
	/** Of all pings, children included (count). */
	invocations: number;
	/** Of all pings, cold starts included. */
	billedMs: number;
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length;

/** The mean of several simulations. */
export const averageOf = (results: readonly Simulated[]): Simulated => {
	const meanOf = (field: keyof Simulated) => mean(results.map((result) => result[field]));
	return {
		coldStarts: meanOf("coldStarts"),
		pings: meanOf("pings"),
		meanConcurrency: meanOf("meanConcurrency"),
		maxConcurrency: Math.max(...results.map(({ maxConcurrency }) => maxConcurrency)),
		invocations: meanOf("invocations"),
		billedMs: meanOf("billedMs"),
	};
};

/** The pings of a policy: what to do at which instant, and what came of it. */
const createPinger = (pool: Pool, policy: number | "auto", world: World) => {
	const result = { pings: 0, meanConcurrency: 0, maxConcurrency: 0, invocations: 0, billedMs: 0 };
	let demand: Demand = {};
	let sum = 0;
	return {
		result,
		/** @param handedOver whether the ping carries what the last one learned */
		ping(now: number, handedOver = false): void {
			const done: PingResult =
				policy === "auto"
					? pingAutomatically(pool, now, world.limits, world, handedOver ? demand : {})
					: pingFixed(pool, now, policy, world);
			demand = done.demand;
			sum += done.concurrency;
			result.pings++;
			result.meanConcurrency = sum / result.pings;
			result.maxConcurrency = Math.max(result.maxConcurrency, done.concurrency);
			result.invocations += done.invocations;
			result.billedMs += done.billedMs;
		},
	};
};

/** Plays requests under a policy. The same seed gives the same result. */
export const simulate = (
	{ startedAt, durationMs }: Requests,
	policy: Policy,
	world: World,
	seed: number,
): Simulated => {
	const random = createRandom(seed);
	const pool = createPool(world, random);
	const pinger = policy === "none" ? undefined : createPinger(pool, policy, world);
	const isRecorded = policy === "auto";
	const { initMs, pingEveryMs, deployEveryMs, hasHandover } = world;
	const first = startedAt[0] ?? 0;
	let nextPingAt = first + pingEveryMs * random();
	let nextDeploymentAt = first + deployEveryMs;
	let coldStarts = 0;
	const runUntil = (until: number): void => {
		while (Math.min(nextPingAt, nextDeploymentAt) <= until) {
			if (nextDeploymentAt < nextPingAt) {
				pool.replaceAll();
				// The new version is warm before traffic shifts.
				if (hasHandover) pinger?.ping(nextDeploymentAt - initMs, true);
				nextDeploymentAt += deployEveryMs;
			} else {
				pool.sweep(nextPingAt);
				pinger?.ping(nextPingAt);
				nextPingAt += pingEveryMs;
			}
		}
	};
	for (let index = 0; index < startedAt.length; index++) {
		const now = startedAt[index] as number;
		if (nextPingAt <= now || nextDeploymentAt <= now) runUntil(now);
		let begunAt = now;
		let environment = pool.take(now);
		if (!environment) {
			coldStarts++;
			environment = pool.start(now);
			begunAt += initMs;
		}
		const endedAt = begunAt + (durationMs[index] as number);
		if (isRecorded) {
			beginRequest(environment.recording, index, begunAt, now);
			endRequest(environment.recording, index, endedAt);
		}
		pool.occupy(environment, endedAt);
	}
	runUntil((startedAt.at(-1) ?? 0) + pingEveryMs);
	const pings = pinger?.result ?? { pings: 0, meanConcurrency: 0, maxConcurrency: 0, invocations: 0, billedMs: 0 };
	return { coldStarts, ...pings };
};
