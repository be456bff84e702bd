/**
 * The state of this execution environment, and the recording of requests. Loaded by every cold start, and called with
 * every request.
 *
 * @module
 */

import type { Demand } from "./demand/demand.js";
import type { HoldEstimates } from "./fan-out/hold.js";

/** All state that lives as long as the environment. All copies of this package in a process share it. */
export interface Environment {
	/** When the package was loaded (epoch ms). */
	readonly loadedAt: number;
	/** Set by the first ping, so that no snapshot contains it. */
	id?: string;
	isPinged?: boolean;
	/** When the last request came (epoch ms). */
	lastRequestAt?: number;
	/** The request that is being served: its id, or its context if it has none. */
	activeRequest?: unknown;
	/** What was served since the last ping. */
	served: ServedSoFar;
	/** What pings have learned about holds. */
	holdEstimates?: HoldEstimates;
	/** Peaks by target; this function's own under an empty name. */
	demands?: Map<string, Demand>;
}

/** A growing record of requests; see `Served` for its fields. */
export interface ServedSoFar {
	/** When recording began (epoch ms). */
	readonly sinceAt: number;
	requests: number;
	coldStart: boolean;
	/** In order; the oldest is dropped first. */
	readonly busySeconds: Set<number>;
}

/** How many busy seconds are kept (count), and so how many a long request can add. */
const MAX_BUSY_SECONDS = 600;

/** An environment that waits longer than this (ms) for its first invocation was initialized ahead of need. */
const PROACTIVE_AFTER_MS = 10_000;

/** @param now epoch ms */
export function createServed(now: number): ServedSoFar {
	return { sinceAt: now, requests: 0, coldStart: false, busySeconds: new Set() };
}

/** @param now epoch ms */
export function createEnvironment(now: number): Environment {
	return { loadedAt: now, served: createServed(now) };
}

/**
 * Whether the first invocation, at `now` (epoch ms), waited for a cold start. What was loaded before a snapshot was taken
 * may be old; Lambda restores a snapshot only when an invocation needs it.
 */
export function isColdStart({ loadedAt }: Environment, now: number): boolean {
	return now - loadedAt <= PROACTIVE_AFTER_MS || process.env.AWS_LAMBDA_INITIALIZATION_TYPE === "snap-start";
}

/** Whether one environment serves many requests at once: on Lambda Managed Instances. */
export function isManagedInstance(): boolean {
	return (
		process.env.AWS_LAMBDA_INITIALIZATION_TYPE === "lambda-managed-instances" ||
		process.env.AWS_LAMBDA_MAX_CONCURRENCY !== undefined
	);
}

/**
 * Records that a request began. A request that started the environment counts from the start of the process, since its
 * user waited that long.
 *
 * @param request identifies it, since several middlewares may report the same request
 * @param now epoch ms
 * @param processStartedAt epoch ms
 */
export function beginRequest(environment: Environment, request: unknown, now: number, processStartedAt?: number): void {
	if (request !== undefined && request === environment.activeRequest) return;
	const { served } = environment;
	let busyFrom = now;
	if (environment.lastRequestAt === undefined && !environment.isPinged && isColdStart(environment, now)) {
		served.coldStart = true;
		// `performance.timeOrigin` would load a module, for 1 to 4 ms of the cold start.
		const startedAt = processStartedAt ?? now - 1000 * process.uptime();
		if (now - startedAt <= PROACTIVE_AFTER_MS) busyFrom = startedAt;
	}
	environment.activeRequest = request;
	environment.lastRequestAt = now;
	served.requests++;
	addBusySeconds(served.busySeconds, busyFrom, now);
}

/**
 * Records that a request ended. A request whose end nobody reports counts for the second in which it began.
 *
 * @param now epoch ms
 */
export function endRequest(environment: Environment, request: unknown, now: number): void {
	const { activeRequest, lastRequestAt = now, served } = environment;
	if (request !== activeRequest) return;
	environment.activeRequest = undefined;
	addBusySeconds(served.busySeconds, lastRequestAt, now);
}

function addBusySeconds(busySeconds: Set<number>, from: number, to: number): void {
	const last = Math.floor(to / 1000);
	for (let second = Math.max(Math.floor(from / 1000), last - MAX_BUSY_SECONDS); second <= last; second++) {
		busySeconds.add(second);
		if (busySeconds.size > MAX_BUSY_SECONDS) busySeconds.delete(busySeconds.values().next().value as number);
	}
}
