/**
 * Rounds: how many children are invoked, how long they hold, and when that is enough.
 *
 * @module
 */

import { sleepUntil, within, yieldToLoop } from "./deadline.js";
import { functionVersion } from "./environment.js";
import { explainFailure, type Failure, noAnswer, notSent } from "./errors.js";
import { type HoldMemory, learnedHold, learnHold, mostRounds, mostSharedRounds, repairedHold } from "./hold.js";
import {
	bindLambdaCalls,
	type Invocation,
	type LambdaCalls,
	type Line,
	type Outcome,
	type Prepared,
} from "./lambda-client.js";
import type { ResolvedOptions } from "./options.js";
import { createPace } from "./pace.js";
import type { Start, WarmupError, WarmupReport } from "./report.js";
import { type ChildEvent, readIdentity, writeChildEvent } from "./wire.js";

/** What to warm. */
export interface FanOut {
	/** The function to invoke: a name or an ARN. */
	readonly target: string;
	readonly tenantId: string | undefined;
	/** Environments to keep warm (count), the initiator included where it is one of them. */
	readonly concurrency: number;
	/** The initiator, where the target is its own function. */
	readonly initiator: { readonly id: string; readonly start: Start } | undefined;
	readonly correlationId: string;
	/** When to give up on what has not answered (epoch ms). */
	readonly deadline: number;
	/** Why nothing is to be invoked, if so. */
	readonly skipped: string | undefined;
}

type FanOutOptions = Pick<
	ResolvedOptions,
	"flag" | "verify" | "delay" | "maxDelay" | "AwsClient" | "awsClientOptions" | "awsClientCapture"
>;

/** How a round's children hold. */
interface Holding {
	/** In ms. */
	readonly hold: number;
	/** Whether until an instant; else from each child's own start. */
	readonly byClock: boolean;
}

/** What came of a child, and when (epoch ms). */
type Settled = Outcome & { readonly at: number };

/**
 * A child whose hold would end by more than this (ms) too early, since all leave later than foreseen, is prepared
 * again.
 */
const tolerance = 20;

/** So often (count) is a child prepared at most: what makes the processor late once may do so again. */
const mostAttempts = 4;

/** Preparing is foreseen to take by so much longer than it took before. */
const foresight = 1.1;

const mostErrors = 10;

/**
 * Binds fanning out to the options. The result warms a function's environments and says how many it reached; it never
 * rejects.
 *
 * @param calls by default the SDK's
 */
export const bindFanOut = (
	options: FanOutOptions,
	holds: HoldMemory,
	calls: LambdaCalls = bindLambdaCalls(options),
): ((plan: FanOut) => Promise<WarmupReport>) => {
	const { flag, verify, delay, maxDelay } = options;
	const pace = createPace();

	const fanOut = async (plan: FanOut): Promise<WarmupReport> => {
		const { concurrency, initiator, deadline, skipped } = plan;
		const target = initiator ? undefined : plan.target;
		const begun = Date.now();
		const tally = tallyOf(plan);
		const numbers = skipped === undefined ? childNumbers(plan) : [];
		let hold = delay ?? Math.min(learnedHold(holds, target, concurrency), maxDelay);
		const experience = { hold, slowest: 0, tooShort: false };
		let rounds = 0;
		let sharedRounds = 0;
		/** Once an instant was in vain, and no late arrival says why, clocks may disagree about it. */
		let byClock = true;
		const line = calls.line();
		try {
			while (numbers.length > 0) {
				rounds++;
				const { outcomes, sentAt } = await runRound(plan, numbers, { hold, byClock }, line);
				const round = tally.count(outcomes, sentAt, verify);
				experience.slowest = Math.max(experience.slowest, round.slowest);
				experience.tooShort ||= round.shared;
				const verdict = line.judge(round.answered, round.transport);
				if (verdict === "switched") tally.note(switched);
				const curable = verdict === "retry" || (!round.refused && concurrency - tally.warmed() > round.spoiled);
				if (round.shared) sharedRounds++;
				if (!verify || !curable || rounds === mostRounds || sharedRounds === mostSharedRounds) {
					break;
				}
				const repaired = repairedHold(hold, { ...experience, tooShort: round.shared }, sharedRounds, maxDelay);
				const work = pace.preparing() + pace.answering(line.protocol);
				if (Date.now() + numbers.length * work + 2 * repaired > deadline) break;
				byClock &&= !(round.shared && (round.slowest <= hold || sharedRounds === mostSharedRounds - 1));
				hold = repaired;
			}
		} finally {
			line.close();
		}
		if (verify && rounds > 0) {
			learnHold(holds, target, concurrency, experience, maxDelay);
		}
		return {
			...tally.report(),
			rounds,
			delay: rounds > 0 ? Math.round(hold) : 0,
			durationMs: Date.now() - begun,
			...(rounds > 0 && { protocol: line.protocol }),
			...(skipped !== undefined && { skipped }),
		};
	};

	/** Connects, prepares, sends, and waits for the answers. */
	const runRound = async (
		plan: FanOut,
		numbers: readonly number[],
		holding: Holding,
		line: Line,
	): Promise<{ outcomes: Settled[]; sentAt: number }> => {
		const { deadline, target } = plan;
		const all = (failure: Failure) => {
			const at = Date.now();
			return {
				outcomes: numbers.map((): Settled => ({ kind: "failed", failure, at })),
				sentAt: at,
			};
		};
		if (!calls.isLoaded() && Date.now() + pace.loading() > deadline) {
			return all(notSent);
		}
		const opening = line.open(numbers.length).then(
			() => undefined,
			(error: unknown) => explainFailure(error, target),
		);
		const failure = await within(deadline, opening, notSent);
		if (failure) return all(failure);

		const children = await prepareAll(plan, numbers, holding, line);
		// Arrivals are counted from the instant that the earliest hold counts from, unless something exceptional came
		// between.
		const sentAt = Math.max(Date.now() - tolerance, Math.min(...children.map(({ until }) => until)) - holding.hold);
		const measure = pace.measure();
		const settled: Settled[] = [];
		const answers = children.map(async ({ outcome }) => {
			settled.push({ ...(await outcome), at: Date.now() });
		});
		line.send();
		await within(deadline, Promise.all(answers), undefined);
		if (children.length > 0) measure.answered(children.length, line.protocol);
		const outcomes = [...settled];
		const rest = (count: number, failure: Failure) => {
			for (let number = 0; number < count; number++) {
				outcomes.push({ kind: "failed", failure, at: Date.now() });
			}
		};
		rest(children.length - settled.length, noAnswer);
		rest(numbers.length - children.length, notSent);
		return { outcomes, sentAt };
	};

	/**
	 * Prepares as many children as can be sent, and answer, before the deadline; returns when they are to leave. Each is
	 * told until when to hold, so when all will leave has to be foreseen: rather late, since only the initiator pays for
	 * waiting, and what comes too late finds its hold gone.
	 */
	const prepareAll = async (
		plan: FanOut,
		numbers: readonly number[],
		{ hold, byClock }: Holding,
		line: Line,
	): Promise<(Prepared & { until: number })[]> => {
		let leaveAt = 0;
		const latestFor = (children: number) => plan.deadline - hold - children * pace.answering(line.protocol);
		const prepare = async (number: number, remaining: number) => {
			const foreseen = Date.now() + foresight * remaining * pace.preparing();
			leaveAt = Math.max(leaveAt, Math.min(foreseen, latestFor(numbers.length)));
			const until = leaveAt + hold;
			const wait = line.sendsAtOnce ? until - Date.now() : hold;
			const child = line.prepare(
				invocation(
					plan,
					number,
					byClock
						? { until: Math.round(until), delay: Math.round(hold) }
						: { until: undefined, delay: Math.round(wait) },
				),
			);
			await within(plan.deadline, child.ready, undefined);
			await yieldToLoop();
			return { ...child, number, until };
		};

		const children: Awaited<ReturnType<typeof prepare>>[] = [];
		let measure = pace.measure();
		for (const [index, number] of numbers.entries()) {
			if (Date.now() > latestFor(index + 1)) break;
			children.push(await prepare(number, numbers.length - index));
			// The first is not counted: it may have waited for credentials, or for the connection.
			if (index === 0) measure = pace.measure();
			else measure.prepared(index);
		}
		for (let attempt = 1; attempt < mostAttempts; attempt++) {
			await sleepUntil(leaveAt);
			const early = children.filter(
				({ until, discard }) =>
					verify &&
					byClock &&
					until < Date.now() + hold - tolerance &&
					Date.now() < latestFor(children.length) &&
					discard(),
			);
			if (early.length === 0) break;
			for (const [index, child] of early.entries()) {
				children[children.indexOf(child)] = await prepare(child.number, early.length - index);
			}
		}
		return children;
	};

	const invocation = (
		{ target, tenantId, concurrency, correlationId }: FanOut,
		number: number,
		holding: ChildEvent["verify"],
	): Invocation => ({
		FunctionName: target,
		InvocationType: verify || number === concurrency ? "RequestResponse" : "Event",
		Payload: Buffer.from(
			writeChildEvent(flag, {
				number,
				concurrency,
				correlationId,
				verify: verify ? holding : undefined,
			}),
		),
		...(tenantId !== undefined && { TenantId: tenantId }),
	});

	return fanOut;
};

const switched = {
	name: "Http2Unusable",
	message: "no child was answered over HTTP/2, and HTTP/1.1 worked",
	hint: "this environment stays with HTTP/1.1; to begin with it, set awsClientOptions: { requestHandler: {} }",
};

/** lambda-warmer's numbering: the initiator is 1 where it is one of the environments asked for. */
const childNumbers = ({ concurrency, initiator }: FanOut): number[] => {
	const first = initiator ? 2 : 1;
	return Array.from({ length: concurrency - first + 1 }, (_, index) => first + index);
};

/** Adds up what becomes of a ping's children. */
const tallyOf = ({ target, correlationId, concurrency, initiator }: FanOut) => {
	const environments = new Map<string, Start>();
	if (initiator) environments.set(initiator.id, initiator.start);
	const counts = { unverified: 0, throttled: 0, failed: 0, timedOut: 0 };
	const errors = new Map<string, WarmupError>();

	const note = ({ name, message, hint }: Omit<WarmupError, "count">) => {
		const key = `${name}: ${message}`;
		const count = (errors.get(key)?.count ?? 0) + 1;
		errors.set(key, {
			name,
			message,
			count,
			...(hint !== undefined && { hint }),
		});
	};

	return {
		note,
		/** Distinct environments known to be warm (count). */
		warmed: () => environments.size,
		/** Adds a round's outcomes, and says what they mean for the next one. */
		count: (outcomes: readonly Settled[], sentAt: number, verify: boolean) => {
			const seen = new Set<string>();
			const round = {
				/** Whether any child was answered, be it with a refusal. */
				answered: false,
				/** Whether every child failed for a reason of transport, protocol or signature. */
				transport: outcomes.every((outcome) => outcome.kind === "failed" && outcome.failure.transport),
				/** Whether invocations shared an environment: the hold was too short. */
				shared: false,
				/** Whether something was refused that holds for every child. */
				refused: false,
				/** Children that were served, but not warmed as far as one knows (count). */
				spoiled: 0,
				/** From sending to the start of the slowest warm child (ms); 0 where none tells. */
				slowest: 0,
			};
			for (const outcome of outcomes) {
				if (outcome.kind === "failed" || outcome.kind === "threw") {
					const { failure } = outcome;
					counts[failure.reason]++;
					note(failure);
					if (outcome.kind === "threw") round.spoiled++;
					else if (!failure.transient) round.refused = true;
					round.answered ||= outcome.kind === "threw";
					continue;
				}
				round.answered = true;
				const identity = outcome.kind === "answered" && verify ? readIdentity(outcome.payload) : undefined;
				if (identity) {
					const { id, start, startedAt } = identity;
					round.shared ||= seen.has(id);
					seen.add(id);
					if (!environments.has(id)) environments.set(id, start);
					// Clocks differ, but no child starts after it has answered.
					const arrival = Math.min(startedAt, outcome.at) - sentAt;
					if (start === "warm") round.slowest = Math.max(round.slowest, arrival);
				} else if (outcome.kind === "answered" && !verify) {
					// lambda-warmer's one synchronous child answers while this environment is busy: it is another one.
					environments.set("answered", "warm");
				} else {
					counts.unverified++;
					round.spoiled++;
				}
			}
			return round;
		},
		report: () => ({
			action: "warmer-report" as const,
			function: functionVersion(),
			target,
			correlationId,
			requested: concurrency,
			warmed: environments.size,
			cold: [...environments.values()].filter((start) => start === "cold").length,
			...counts,
			errors: [...errors.values()].sort((one, other) => other.count - one.count).slice(0, mostErrors),
		}),
	};
};
