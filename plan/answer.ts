/**
 * What a plan answers. Pure.
 *
 * @module
 */

import type { Policy } from "./simulate.js";

/** What becomes of the requests under a policy. */
export interface PlanRow {
	readonly policy: Policy | "provisioned";
	/** Environments that a ping asks for (count). */
	readonly meanConcurrency: number;
	/** Requests that meet a cold start (count). */
	readonly coldStarts: number;
	/** Of all requests, from 0 to 1. */
	readonly coldShare: number;
	/** For pings, or for provisioned concurrency; requests themselves cost the same in every row, nearly. */
	readonly dollarsPerMonth: number;
	/** Cold starts (count) if Lambda treats environments otherwise. */
	readonly range: readonly [least: number, most: number];
}

/** The answer. */
export interface Plan {
	/** Count. */
	readonly requests: number;
	readonly days: number;
	/** The largest number of requests that were being served at the same moment (count). */
	readonly peak: number;
	readonly rows: readonly PlanRow[];
	/** One or two sentences. */
	readonly advice: string;
}
