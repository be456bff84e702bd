/**
 * What is known about an invocation by a ping when it begins.
 *
 * @module
 */

import type { Request } from "@middy/core";
import type { Served } from "../demand/traffic.js";
import { type Environment, isManagedInstance } from "../environment.js";
import type { StartType } from "../report/report.js";
import { answerDeadlineOf, REPORT_RESERVE_MS } from "./deadline.js";
import { identify, markPinged } from "./function.js";

/** An invocation by a ping. Instants in epoch ms. */
export interface PingContext {
	readonly request: Request;
	/** Whether the flag marks the ping; otherwise `isWarmingUp` recognized it. */
	readonly isFlagged: boolean;
	/** This environment's id. */
	readonly id: string;
	readonly start: StartType;
	/** What this environment served since its last ping; undefined if it does not record requests. */
	readonly served: Served | undefined;
	readonly startedAt: number;
	/** When to give up on children. */
	readonly deadline: number;
	/** When to end a hold, and to give up on `onWarmup`. */
	readonly holdDeadline: number;
	/** When to give up on `onReport` and clean-ups: children that hang leave them a moment beyond `maxDuration`. */
	callbacksDeadline(): number;
}

/** Marks the environment as pinged. `startedAt` in epoch ms. */
export function createPingContext(
	request: Request,
	isFlagged: boolean,
	startedAt: number,
	environment: Environment,
	maxDuration: number,
): PingContext {
	const answerBy = answerDeadlineOf(request.context);
	const { requests, coldStart, sinceAt, busySeconds } = environment.served;
	const served = { requests, coldStart, sinceMs: startedAt - sinceAt, busySeconds: [...busySeconds] };
	return {
		request,
		isFlagged,
		id: identify(environment, request.context),
		start: markPinged(environment, startedAt),
		served: isManagedInstance() ? undefined : served,
		startedAt,
		deadline: Math.min(answerBy - REPORT_RESERVE_MS, startedAt + maxDuration),
		holdDeadline: Math.min(answerBy, startedAt + maxDuration),
		callbacksDeadline: () => Math.min(answerBy, Math.max(startedAt + maxDuration, Date.now() + REPORT_RESERVE_MS)),
	};
}
