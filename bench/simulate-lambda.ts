/** Simulates Lambda in virtual time: its environments, and their clocks. */

import { DELIVERY_MODELS } from "../cli/delivery-models.js";
import { createRandom, lognormal } from "../local-lambda/delivery.js";
import type { createFanOut } from "../src/fan-out/fan-out.js";
import { adoptHold, type HoldEstimates, holdEndsAt, INITIAL_HOLD_MS } from "../src/fan-out/hold.js";
import { readChildEvent, writeIdentity } from "../src/fan-out/wire.js";
import { cpuFactorOf } from "../src/fan-out/work-estimator.js";
import { explainFailure } from "../src/report/errors.js";
import type { StartType } from "../src/report/report.js";
import type { Invocation, InvokeOutcome } from "../src/transport/invoke-api.js";
import type { TransportSession } from "../src/transport/session.js";
import { poissonGaps } from "./poisson.js";

/** How a request fails for a transient reason. */
export type TransientFailure = "reset before arrival" | "reset after service" | "500" | "rate throttle";

/** Resets happen as often before the child is served as after it. */
const allFailures: readonly TransientFailure[] = [
	...(["reset before arrival", "reset after service"] as const),
	...(["500", "500", "rate throttle", "rate throttle"] as const),
];

/** Properties of the function and of Lambda. Times in ms. */
export interface World {
	/** From sending a child to its arrival; lognormal. */
	delivery: { median: number; p99: number };
	/** Which idle environment Lambda reuses: the one used last, or any. */
	reuse: "recent" | "any";
	memoryMb: number;
	/** The function's timeout. */
	timeout: number;
	/** Maximum clock error of an environment when it starts. */
	skew: number;
	/** Maximum change of that error, in ms per ping. */
	drift: number;
	/** Share of requests that fail for a transient reason. */
	failing: number;
	/** How they fail: each of these is equally likely. */
	failures: readonly TransientFailure[];
	/** Requests per second while a ping runs; each takes 5 to 200 ms. */
	traffic: number;
	/** Maximum lifetime of an environment, in pings. */
	lifetime: number;
}

/** A world without faults, except for the given ones. */
export const worldOf = (given: Partial<World>): World => ({
	delivery: DELIVERY_MODELS.typical.RequestResponse,
	reuse: "recent",
	memoryMb: 1769,
	timeout: 30_000,
	skew: 0,
	drift: 0,
	failing: 0,
	failures: allFailures,
	traffic: 0,
	lifetime: 1000,
	...given,
});

export const maxDelay = 1000;

/** The initiator's work in ms on a full core. src/fan-out/work-estimator.ts starts with more, because it estimates first runs. */
const processorTime = { open: 20, prepare: 0.2, send: 0.3, answer: 0.15 };

/** An environment. */
export interface Environment {
	readonly id: string;
	/** The holds that its middleware has learned. */
	readonly holds: HoldEstimates;
	readonly drift: number;
	/** The last ping that it can serve (number). */
	readonly lastPing: number;
	/** Its clock minus the true time, in ms. */
	offset: number;
	usedAt: number;
	usedBy: number;
	isBusy: boolean;
	start: StartType;
	hasConnected: boolean;
	fanOut: ReturnType<typeof createFanOut> | undefined;
}

/** Lambda's account of a ping. Times in ms. */
export interface Ledger {
	/** Billed time of all its invocations. */
	billed: number;
	longestHoldMs: number;
	/** Ids of environments that served it. */
	readonly reached: Set<string>;
}

/** Creates a function on a simulated Lambda. It uses the global timers, which may be fake. */
export const createSimulatedLambda = (world: World, seed: number) => {
	const random = createRandom(seed);
	const between = (low: number, high: number) => low + (high - low) * random();
	const deliveryDelay = lognormal(world.delivery, random);
	const requestGap = poissonGaps(world.traffic, random);
	const cpuFactor = cpuFactorOf(world.memoryMb);
	let pool: Environment[] = [];
	let started = 0;
	let ping = 0;
	let ledger: Ledger = createLedger();

	const startEnvironment = (): Environment => {
		const environment: Environment = {
			id: `environment-${++started}`,
			holds: new Map(),
			drift: between(-world.drift, world.drift),
			lastPing: ping + 1 + Math.floor(between(0.2, 1) * world.lifetime),
			offset: between(-world.skew, world.skew),
			usedAt: 0,
			usedBy: ping,
			isBusy: false,
			start: "cold",
			hasConnected: false,
			fanOut: undefined,
		};
		pool.push(environment);
		return environment;
	};

	/** Assigns an environment to a request, after a cold start if none is idle. */
	const admit = async (reuse: World["reuse"]): Promise<Environment> => {
		const idle = pool.filter(({ isBusy }) => !isBusy);
		const chosen =
			reuse === "recent"
				? idle.reduce<Environment | undefined>(
						(last, each) => (last && last.usedAt > each.usedAt ? last : each),
						undefined,
					)
				: idle[Math.floor(random() * idle.length)];
		const environment = chosen ?? startEnvironment();
		environment.isBusy = true;
		environment.usedBy = ping;
		if (!chosen) await sleep(between(150, 600));
		return environment;
	};

	const free = (environment: Environment): void => {
		environment.isBusy = false;
		environment.usedAt = Date.now();
		environment.start = "warm";
	};

	/** Serves a child as src/ping/handle.ts does, by this environment's clock. */
	const serveChild = async ({ Payload }: Invocation, initiator: Environment): Promise<InvokeOutcome> => {
		const environment = await admit(world.reuse);
		const arrival = Date.now();
		// While its ping runs, the initiator's clock counts as the true time.
		const ahead = environment.offset - initiator.offset;
		const startedAt = arrival + ahead;
		const child = readChildEvent(JSON.parse(String(Payload)));
		if (!child?.verify) throw new Error("A child of another protocol");
		const { delay } = child.verify;
		if (delay !== undefined) {
			adoptHold(environment.holds, child.concurrency, Math.min(delay, maxDelay));
		}
		const end = holdEndsAt(startedAt, child.verify, INITIAL_HOLD_MS, maxDelay);
		const hold = Math.max(0, Math.min(end - startedAt, world.timeout - 250));
		const { start, id } = environment;
		await sleep(hold + 1);
		ledger.billed += Math.ceil(Date.now() - arrival);
		ledger.longestHoldMs = Math.max(ledger.longestHoldMs, hold);
		ledger.reached.add(id);
		free(environment);
		return {
			kind: "answered",
			payload: Buffer.from(writeIdentity({ id, start, startedAt, served: undefined, demand: {} })),
		};
	};

	const errorFields: Readonly<Record<TransientFailure, object>> = {
		"reset before arrival": { code: "ECONNRESET" },
		"reset after service": { code: "ECONNRESET" },
		"500": { name: "ServiceException", $metadata: { httpStatusCode: 500 } },
		"rate throttle": { name: "TooManyRequestsException", Reason: "CallerRateLimitExceeded" },
	};

	const deliver = async (invocation: Invocation, initiator: Environment): Promise<InvokeOutcome> => {
		const failure = random() < world.failing ? world.failures[Math.floor(random() * world.failures.length)] : undefined;
		await sleep(deliveryDelay());
		const isServed = !failure || failure === "reset after service";
		const outcome = isServed ? await serveChild(invocation, initiator) : undefined;
		if (outcome && !failure) return outcome;
		const error = Object.assign(new Error("simulated"), failure && errorFields[failure]);
		return { kind: "failed", failure: explainFailure(error, "api") };
	};

	/** Creates sessions that send children with the initiator's share of a core. */
	const createSessions = (initiator: Environment): (() => TransportSession) => {
		let cpuFreeAt = 0;
		const work = (full: number): Promise<void> => {
			const needed = full * between(0.8, 1.3);
			cpuFreeAt = Math.max(cpuFreeAt, Date.now()) + needed * cpuFactor;
			return sleep(cpuFreeAt - Date.now());
		};
		return () => ({
			kind: "direct",
			open: async () => {
				if (!initiator.hasConnected) await work(processorTime.open);
				initiator.hasConnected = true;
				return true;
			},
			prepare: async (invocation) => {
				await work(processorTime.prepare);
				return async () => {
					await work(processorTime.send);
					const outcome = await deliver(invocation, initiator);
					await work(processorTime.answer);
					return outcome;
				};
			},
			recordRound: () => undefined,
			close: () => {},
		});
	};

	const serveRequest = async (): Promise<void> => {
		const environment = await admit(world.reuse);
		await sleep(between(5, 200));
		free(environment);
	};

	return {
		createSessions,
		/** Begins a ping: ages the environments, and assigns one of them to the scheduler's event. */
		begin: async (): Promise<Environment> => {
			ping++;
			pool = pool.filter(({ lastPing, usedBy }) => lastPing >= ping && usedBy >= ping - 3);
			for (const environment of pool) environment.offset += environment.drift;
			ledger = createLedger();
			return admit("any");
		},
		/** Sends requests until `isOver` returns true. */
		disturb: async (isOver: () => boolean): Promise<void> => {
			if (world.traffic === 0) return;
			for (;;) {
				await sleep(requestGap());
				if (isOver()) return;
				void serveRequest();
			}
		},
		/** Ends the initiator's invocation, which began at `startedAt`. */
		end: (initiator: Environment, startedAt: number): Ledger => {
			ledger.billed += Math.ceil(Date.now() - startedAt);
			ledger.reached.add(initiator.id);
			free(initiator);
			return ledger;
		},
	};
};

const createLedger = (): Ledger => ({ billed: 0, longestHoldMs: 0, reached: new Set() });

const sleep = (ms: number): Promise<void> =>
	new Promise((resolve) => {
		setTimeout(resolve, ms);
	});
