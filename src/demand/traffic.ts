/**
 * What environments served: recorded by each of them, added up by the initiator. Pure.
 *
 * @module
 */

import { createDemand, type Demand } from "./demand.js";

/** What one environment served since its last ping. */
export interface Served {
	/** Requests (count). */
	readonly requests: number;
	/** Whether the environment's very first invocation was a request: a user waited for a cold start. */
	readonly coldStart: boolean;
	/** How long ago recording began, at the last ping or at the start of the environment (ms). */
	readonly sinceMs: number;
	/** The epoch seconds in which the environment was busy with requests, of the 600 up to the last one. */
	readonly busySeconds: readonly number[];
}

/** What all environments that a ping reached served since their last pings. */
export interface WarmupTraffic {
	/** Requests (count). */
	requests: number;
	/**
	 * Requests that waited for a cold start (count). A lower bound: environments that expire before the next ping can't
	 * report.
	 */
	coldStarts: number;
	/** The largest number of environments that were busy with requests in the same second (count). */
	peak: number;
	/** How long ago the earliest of the records began (ms). */
	sinceMs: number;
}

/** The records of all environments as one. */
export function summarizeTraffic(records: readonly Served[]): WarmupTraffic {
	return {
		requests: records.reduce((sum, { requests }) => sum + requests, 0),
		coldStarts: records.filter(({ coldStart }) => coldStart).length,
		peak: Math.max(0, ...countBusy(records).values()),
		sinceMs: Math.max(0, ...records.map(({ sinceMs }) => sinceMs)),
	};
}

/**
 * The peak of each hour in the records.
 *
 * @param now epoch ms
 */
export function demandOf(records: readonly Served[], now: number): Demand {
	const peaks = new Map<string, number>();
	for (const [second, count] of countBusy(records)) {
		const hour = `${Math.floor(second / 3600)}`;
		peaks.set(hour, Math.max(peaks.get(hour) ?? 0, count));
	}
	return createDemand(now, (hour) => peaks.get(hour));
}

/** Epoch second → environments that were busy in it (count). */
function countBusy(records: readonly Served[]): Map<number, number> {
	const counts = new Map<number, number>();
	for (const { busySeconds } of records) {
		for (const second of busySeconds) counts.set(second, (counts.get(second) ?? 0) + 1);
	}
	return counts;
}
