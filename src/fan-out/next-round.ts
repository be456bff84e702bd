/**
 * Whether another round is worth it, and which. Pure.
 *
 * @module
 */

import type { ChildOutcome } from "../report/tally.js";
import type { RoundHealth } from "../transport/breaker.js";
import { MAX_ROUNDS, repairedHoldMs } from "./hold.js";

/** What a round does. */
export interface RoundPlan {
	/** Environments to reach, including the initiator if it is one of them (count). */
	readonly concurrency: number;
	readonly holdMs: number;
	/** Whether children hold until a common instant; otherwise, from their own start. */
	readonly holdsUntilInstant: boolean;
}

/** What a round's outcomes mean. */
export interface RoundSummary {
	readonly health: RoundHealth;
	/** Whether invocations shared an environment: the hold was too short. */
	readonly hasSharedEnvironment: boolean;
	/** Whether a child failed for a reason that holds for every child. */
	readonly hasPermanentFailure: boolean;
	/** Whether a child had to start its environment: the round has seen every idle one. */
	readonly hasStarted: boolean;
	/** Answers without an identity (count). */
	readonly unverifiedCount: number;
	/** From sending to the slowest warm child's start (ms); 0 if unknown. */
	readonly slowestArrivalMs: number;
}

/** A connection that is silent for so long (ms) may be one on which the server does not understand the requests. */
const SILENCE_MS = 1000;

/**
 * @param sentAt from when arrivals are counted (epoch ms)
 * @param waitedMs how long the round waited for answers
 */
export function summarizeRound(outcomes: readonly ChildOutcome[], sentAt: number, waitedMs: number): RoundSummary {
	const children = outcomes.flatMap((outcome) => (outcome.kind === "identified" ? outcome : []));
	const failures = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? outcome.failure : []));
	const isUnanswered = failures.length === outcomes.length;
	const hasResponse =
		!isUnanswered || failures.some(({ isTransport, reason }) => !isTransport && reason !== "timedOut");
	const hasFailed = isUnanswered && failures.every(({ isTransport }) => isTransport);
	return {
		health: hasResponse ? "answered" : hasFailed ? "failed" : waitedMs >= SILENCE_MS ? "silent" : "unknown",
		hasSharedEnvironment: new Set(children.map(({ environment }) => environment.id)).size < children.length,
		hasPermanentFailure: failures.some(({ isTransient }) => !isTransient),
		hasStarted: children.some(({ environment }) => environment.start === "cold"),
		unverifiedCount: outcomes.length - failures.length - children.length,
		slowestArrivalMs: Math.max(
			0,
			...children.map(({ environment, startedAt }) => (environment.start === "warm" ? startedAt - sentAt : 0)),
		),
	};
}

/**
 * The round after one that left environments out: with a longer hold, if invocations shared environments. Undefined if it
 * is not worth it.
 *
 * @param incompleteRounds rounds so far that left environments out (count)
 */
export function planRepair(
	plan: RoundPlan,
	{ hasSharedEnvironment, slowestArrivalMs }: RoundSummary,
	incompleteRounds: number,
	maxDelay: number,
): RoundPlan | undefined {
	if (incompleteRounds >= MAX_ROUNDS) return undefined;
	if (!hasSharedEnvironment) return plan;
	const { concurrency, holdMs, holdsUntilInstant } = plan;
	// If no late arrival explains a shared environment, clocks may disagree about the instant.
	const mayBeClockSkew = slowestArrivalMs <= holdMs || incompleteRounds === MAX_ROUNDS - 1;
	return {
		concurrency,
		holdMs: repairedHoldMs(holdMs, slowestArrivalMs, incompleteRounds, maxDelay),
		holdsUntilInstant: holdsUntilInstant && !mayBeClockSkew,
	};
}
