/**
 * One round: the children are prepared, depart together, and are waited for.
 *
 * @module
 */

import type { Demand } from "../demand/demand.js";
import type { ResolvedOptions } from "../options.js";
import { explainFailure, type Failure, NO_ANSWER, NOT_SENT } from "../report/errors.js";
import type { ChildOutcome } from "../report/tally.js";
import type { InvokeOutcome } from "../transport/invoke-api.js";
import type { TransportSession } from "../transport/session.js";
import type { SendRequest } from "../transport/transport.js";
import { childMs, departureToleranceMs, planDeparture } from "./departure.js";
import type { RoundPlan } from "./next-round.js";
import { MAX_REQUESTS, planResend } from "./resend.js";
import { sleepUntil, withDeadline, yieldToLoop } from "./wait.js";
import { readIdentity, writeChildEvent } from "./wire.js";
import type { WorkEstimator } from "./work-estimator.js";

/** What all rounds of a ping have in common. */
export interface RoundTarget {
	/** The function to invoke: a name or an ARN. */
	readonly target: string;
	readonly tenantId: string | undefined;
	readonly correlationId: string;
	/** When to give up on answers (epoch ms). */
	readonly deadline: number;
	/** Number of the first child: 2 if the initiator is one of the environments requested, else 1. */
	readonly firstNumber: number;
}

/** The outcome of a round. */
export interface RoundResult {
	/** One for each request. */
	readonly outcomes: readonly ChildOutcome[];
	/** From when arrivals are counted (epoch ms). */
	readonly sentAt: number;
	readonly waitedMs: number;
}

/** How often a round is prepared at most (count): what made the CPU late once may do so again. */
const MAX_PREPARATIONS = 4;

/** Children that are prepared in one turn of the event loop (count). */
const PREPARED_PER_TURN = 8;

/** Runs the rounds of a ping, none of which rejects. The estimator learns from them. */
export function createRounds(
	{ flag, verify }: Pick<ResolvedOptions, "flag" | "verify">,
	estimator: WorkEstimator,
	{ target, tenantId, correlationId, deadline, firstNumber }: RoundTarget,
	session: TransportSession,
) {
	/** Requests that failed in this ping, by number of the child (count). */
	const failedRequests = new Map<number, number>();

	/** @param demand the peaks that children are told */
	const runRound = async (plan: RoundPlan, demand: Demand): Promise<RoundResult> => {
		const numbers: number[] = [];
		for (let number = firstNumber; number <= plan.concurrency; number++) {
			if ((failedRequests.get(number) ?? 0) < MAX_REQUESTS) numbers.push(number);
		}
		const opening = session.open(numbers.length, deadline - estimator.loadSdkMs).then(
			(isOpen) => (isOpen ? undefined : NOT_SENT),
			(error: unknown) => explainFailure(error, target),
		);
		const failure = await withDeadline(deadline, opening, NOT_SENT);
		if (failure) return { outcomes: fail(numbers.length, failure), sentAt: 0, waitedMs: 0 };

		/** `holdsUntil` in epoch ms. */
		const prepareChild = (number: number, holdsUntil: number): Promise<SendRequest> => {
			const { concurrency, holdMs, holdsUntilInstant } = plan;
			// The SDK sends one child after another, so all hold for longer if there is no common instant.
			const delay = holdsUntilInstant || session.kind === "direct" ? holdMs : holdsUntil - Date.now();
			const until = holdsUntilInstant ? Math.round(holdsUntil) : undefined;
			const instruction = verify ? { until, delay: Math.round(delay), demand } : undefined;
			return session.prepare({
				FunctionName: target,
				InvocationType: verify || number === concurrency ? "RequestResponse" : "Event",
				Payload: Buffer.from(writeChildEvent(flag, { number, concurrency, correlationId, verify: instruction })),
				...(tenantId !== undefined && { TenantId: tenantId }),
			});
		};
		const { children, holdsUntil } = await prepareChildren(numbers, plan.holdMs, prepareChild);
		const result = await sendChildren(children, plan, holdsUntil, prepareChild);
		return { ...result, outcomes: [...result.outcomes, ...fail(numbers.length - children.size, NOT_SENT)] };
	};

	/**
	 * Prepares the children and waits for their departure. Each is told until when to hold, so the departure is planned,
	 * rather late than early: only the initiator pays for waiting, and a child that arrives late finds its hold over. If
	 * preparing takes much longer than planned, they are prepared again.
	 */
	const prepareChildren = async (
		numbers: readonly number[],
		holdMs: number,
		prepareChild: (number: number, holdsUntil: number) => Promise<SendRequest>,
	) => {
		const cost = estimator.costOf(session.kind);
		for (let attempt = 1; ; attempt++) {
			const { count, departureAt, holdsUntil } = planDeparture(Date.now(), numbers.length, holdMs, deadline, cost);
			const recordPrepared = estimator.measure("prepareMs", session.kind);
			const children = new Map<number, SendRequest>();
			for (const number of numbers.slice(0, count)) {
				children.set(number, await prepareChild(number, holdsUntil));
				if (children.size % PREPARED_PER_TURN === 0) await yieldToLoop();
			}
			recordPrepared(count);
			const isLate = Date.now() > departureAt + departureToleranceMs(holdMs);
			const hasTime = Date.now() + holdMs + numbers.length * childMs(cost) < deadline;
			if (isLate && hasTime && verify && attempt < MAX_PREPARATIONS) continue;
			if (verify) await sleepUntil(departureAt);
			return { children, holdsUntil };
		}
	};

	/** Sends the children, and those that fail again, and waits for the answers. */
	const sendChildren = async (
		children: ReadonlyMap<number, SendRequest>,
		{ holdMs, holdsUntilInstant }: RoundPlan,
		holdsUntil: number,
		prepareChild: (number: number, holdsUntil: number) => Promise<SendRequest>,
	): Promise<RoundResult> => {
		const outcomes: ChildOutcome[] = [];
		const failedNumbers = new Set<number>();
		let settledCount = 0;
		const invokeChild = async (number: number, send: SendRequest): Promise<void> => {
			for (let request = send, isResent = false; ; isResent = true) {
				const outcome = toChildOutcome(await request(), isResent);
				outcomes.push(outcome);
				if (outcome.kind !== "failed") break;
				const failures = (failedRequests.get(number) ?? 0) + 1;
				failedRequests.set(number, failures);
				const hasEveryChildFailed = failedNumbers.add(number).size === children.size;
				const holdLeftMs = holdsUntil - Date.now();
				const pauseMs = planResend(outcome.failure, failures, hasEveryChildFailed, holdLeftMs, holdMs, Math.random());
				if (pauseMs === undefined) break;
				await sleepUntil(Date.now() + pauseMs);
				request = await prepareChild(number, holdsUntil);
			}
			settledCount++;
		};

		const beganAt = Date.now();
		const recordSent = estimator.measure("sendMs", session.kind);
		const answers: Promise<void>[] = [];
		for (const [number, send] of children) {
			if (Date.now() > deadline) break;
			answers.push(invokeChild(number, send));
			// The SDK opens a socket for each. A turn of the event loop would let the direct transport's first child arrive
			// long before the last.
			await (session.kind === "sdk" ? yieldToLoop() : undefined);
		}
		await yieldToLoop();
		recordSent(answers.length);
		await withDeadline(deadline, Promise.all(answers), undefined);
		outcomes.push(...fail(answers.length - settledCount, NO_ANSWER), ...fail(children.size - answers.length, NOT_SENT));
		// Arrivals are counted from the instant from which the hold counts, unless something exceptional came between.
		const sentAt = holdsUntilInstant ? Math.max(beganAt - departureToleranceMs(holdMs), holdsUntil - holdMs) : beganAt;
		return { outcomes, sentAt, waitedMs: Date.now() - beganAt };
	};

	const toChildOutcome = (outcome: InvokeOutcome, isResent: boolean): ChildOutcome => {
		if (outcome.kind === "failed") return outcome;
		const isAnswered = outcome.kind === "answered";
		const environment = verify ? readIdentity(isAnswered ? outcome.payload : undefined) : isAnswered && ANONYMOUS_CHILD;
		if (!environment) return { kind: "unidentified" };
		// Clocks differ, but no child starts after it has answered. A child that was sent again says nothing about arrivals.
		return { kind: "identified", environment, startedAt: isResent ? 0 : Math.min(environment.startedAt, Date.now()) };
	};

	return {
		runRound,
		/** Whether a child failed that may be sent again. */
		canSendAgain: (): boolean => [...failedRequests.values()].some((failures) => failures < MAX_REQUESTS),
	};
}

/** lambda-warmer's one synchronous child: it answers while this environment is busy, so it ran in another one. */
const ANONYMOUS_CHILD = { id: "another", start: "warm", startedAt: 0 } as const;

/** As many children that share a failure. */
function fail(count: number, failure: Failure): ChildOutcome[] {
	return Array(count).fill({ kind: "failed", failure });
}
