/**
 * Rounds: how many children are invoked, how long they hold, and when that is enough.
 *
 * @module
 */

import { sleepUntil, within, yieldToLoop } from "./deadline.js";
import { functionVersion } from "./environment.js";
import { explainFailure, type Failure, noAnswer, notSent } from "./errors.js";
import { type HoldMemory, learnedHold, learnHold, mostRounds, mostSharedRounds, repairedHold } from "./hold.js";
import type { Invocation, Outcome } from "./invoke-api.js";
import { bindLambdaCalls, type LambdaCalls, type Line, type Prepared } from "./lambda-client.js";
import type { ResolvedOptions } from "./options.js";
import { createPace, type Pace } from "./pace.js";
import type { Start, WarmupError, WarmupReport } from "./report.js";
import { type ChildEvent, type Identity, readIdentity, writeChildEvent } from "./wire.js";

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

/** A child that is to leave with the others. */
interface Waiting extends Prepared {
	/** Until when it is to hold (epoch ms). */
	readonly until: number;
}

/** What came of a child. */
type Settled =
	| { readonly kind: "identified"; readonly identity: Identity }
	/** Served, by one that does not tell its environment. */
	| { readonly kind: "unidentified" }
	| Exclude<Outcome, { kind: "accepted" | "answered" }>;

/** So often (count) are children prepared at most: what makes the processor late once may do so again. */
const mostAttempts = 4;

/**
 * Preparing is foreseen to take by so much longer than it took before, and so many children (count) longer: a small
 * function gets its processor time in portions, and to wait a little costs less than to prepare all again.
 */
const foresight = 1.1;
const slack = 3;

/**
 * What sending the first few (count) takes is left to the hold, which has learned it: a small function may send them at
 * once, or has to wait for its next portion.
 */
const leftToHold = 8;

/** How much of the time that sending takes is foreseen when children are told until when to hold. */
const foreseenShare = (children: number): number => Math.max(0, 1 - leftToHold / children);

/** By so much (ms) may a hold become shorter, since all leave later than foreseen, before all are prepared again. */
const toleranceOf = (hold: number): number => Math.max(20, hold / 5);

const mostErrors = 10;

/**
 * Binds fanning out to the options. The result warms a function's environments and says how many it reached; it never
 * rejects.
 *
 * @param calls by default those of Lambda's Invoke API
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
				const { outcomes, sentAt, waited } = await runRound(plan, numbers, { hold, byClock }, line);
				const round = judge(outcomes, sentAt);
				tally.add(outcomes);
				experience.slowest = Math.max(experience.slowest, round.slowest);
				experience.tooShort ||= round.shared;
				const verdict = line.judge({ ...round, waited });
				if (verdict === "switched") tally.note(switched);
				const curable = verdict === "retry" || (!round.refused && concurrency - tally.warmed() > round.spoiled);
				if (round.shared) sharedRounds++;
				if (!verify || !curable || rounds === mostRounds || sharedRounds === mostSharedRounds) {
					break;
				}
				const repaired = repairedHold(hold, { ...experience, tooShort: round.shared }, sharedRounds, maxDelay);
				const work = pace.preparing(line.way) + pace.sending(line.way) + pace.reading(line.way);
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
			...(rounds > 0 && { protocol: line.way === "http/1.1" ? line.way : "h2" }),
			...(skipped !== undefined && { skipped }),
		};
	};

	/** Connects, prepares, sends, and waits for the answers. */
	const runRound = async (
		plan: FanOut,
		numbers: readonly number[],
		holding: Holding,
		line: Line,
	): Promise<{ outcomes: Settled[]; sentAt: number; waited: number }> => {
		const { deadline, target } = plan;
		const all = (failure: Failure) => ({ outcomes: failed(numbers.length, failure), sentAt: Date.now(), waited: 0 });
		const opening = line.open(numbers.length, deadline - pace.loading()).then(
			(isOpen) => (isOpen ? undefined : notSent),
			(error: unknown) => explainFailure(error, target),
		);
		const failure = await within(deadline, opening, notSent);
		if (failure) return all(failure);

		const children = await prepareAll(plan, numbers, holding, line);
		const settled: Settled[] = [];
		const answers = children.map(async ({ outcome }) => {
			settled.push(read(await outcome));
		});
		const giveUpAt = deadline - children.length * pace.closing(line.way);
		const begun = Date.now();
		await sendAll(children, giveUpAt, line);
		// Arrivals are counted from the instant that the earliest hold counts from, unless something exceptional came
		// between.
		const left = begun + foreseenShare(children.length) * (Date.now() - begun);
		const told = Math.min(left, ...children.map(({ until }) => until - holding.hold));
		const sentAt = Math.max(left - toleranceOf(holding.hold), told);
		await within(giveUpAt, Promise.all(answers), undefined);
		const outcomes = [
			...settled,
			...failed(children.length - settled.length, noAnswer),
			...failed(numbers.length - children.length, notSent),
		];
		return { outcomes, sentAt, waited: Date.now() - begun };
	};

	/** Lets children go; none after the deadline, since a small function takes long to send a hundred. */
	const sendAll = async (children: readonly Waiting[], deadline: number, line: Line): Promise<void> => {
		const noteSent = pace.measure("sending", line.way);
		for (const { send } of children) {
			if (Date.now() > deadline) return;
			send();
			// Whatever waits for it goes on at once; a turn of the loop would let the first arrive long before the last.
			await undefined;
		}
		await yieldToLoop();
		noteSent(children.length);
	};

	/** What a child's outcome says of its environment. */
	const read = (outcome: Outcome): Settled => {
		if (outcome.kind === "threw" || outcome.kind === "failed") return outcome;
		const identity = outcome.kind === "accepted" ? undefined : verify ? readIdentity(outcome.payload) : another;
		if (!identity) return { kind: "unidentified" };
		// Clocks differ, but no child starts after it has answered.
		return { kind: "identified", identity: { ...identity, startedAt: Math.min(identity.startedAt, Date.now()) } };
	};

	/**
	 * Prepares as many children as can be sent, and hold, before the deadline; returns when they are to leave. Each is told
	 * until when to hold, so when that will be has to be foreseen: rather late, since only the initiator pays for
	 * waiting, and what comes too late finds its hold gone. What was foreseen wrongly is foreseen again, where that leaves
	 * no trace.
	 */
	const prepareAll = async (
		plan: FanOut,
		numbers: readonly number[],
		{ hold, byClock }: Holding,
		line: Line,
	): Promise<readonly Waiting[]> => {
		/** What is left to do for each once all are prepared (ms), and when to be prepared for so many at the latest. */
		const remaining = () => pace.sending(line.way) + pace.reading(line.way) + pace.closing(line.way);
		const latestFor = (count: number) => plan.deadline - hold - count * remaining();
		const tellsInstant = verify && byClock;
		let children: Waiting[] = [];
		let leaveAt = 0;
		/** How many are foreseen to leave. */
		let count = 0;
		const sending = (many: number) => foreseenShare(many) * many * pace.sending(line.way);

		const foresee = (): void => {
			const each = foresight * pace.preparing(line.way);
			const time = latestFor(children.length) - Date.now();
			const rest = Math.min(numbers.length - children.length, time / (each + remaining()));
			const readyAt = Date.now() + rest * each;
			if (readyAt <= leaveAt) return;
			count = children.length + rest;
			leaveAt = Math.min(readyAt + slack * pace.preparing(line.way), latestFor(count));
		};

		const prepareEach = async (): Promise<void> => {
			let notePrepared: ReturnType<Pace["measure"]> | undefined;
			for (const number of numbers) {
				if (Date.now() > latestFor(children.length + 1)) break;
				foresee();
				const until = leaveAt + sending(count) + hold;
				const wait = line.sendsAtOnce ? until - Date.now() : hold;
				const told = byClock
					? { until: Math.round(until), delay: Math.round(hold) }
					: { until: undefined, delay: Math.round(wait) };
				const child = line.prepare(invocation(plan, number, told));
				children.push({ ...child, until });
				await child.ready;
				// A few signatures are soon made. With the SDK, each child is a longer piece of work.
				if (children.length % 8 === 0 || line.way !== "direct") await yieldToLoop();
				// The first one does not count: it may have waited for credentials, or for the connection.
				if (notePrepared) notePrepared(children.length - 1);
				else notePrepared = pace.measure("preparing", line.way);
			}
		};

		/** Whether the first, who was told the earliest instant, would have too little left of its hold. */
		const isTooLate = () =>
			children[0] !== undefined && Date.now() + sending(children.length) + hold > children[0].until + toleranceOf(hold);
		const canAgain = () =>
			line.way === "direct" && Date.now() + numbers.length * pace.preparing(line.way) < latestFor(numbers.length);

		for (let attempt = 1; attempt <= mostAttempts; attempt++) {
			children = [];
			leaveAt = 0;
			await within(plan.deadline, prepareEach(), undefined);
			if (tellsInstant) await sleepUntil(leaveAt);
			if (!tellsInstant || !isTooLate() || !canAgain()) break;
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

/** lambda-warmer's one synchronous child: it answers while this environment is busy, so it is in another one. */
const another: Identity = { id: "another", start: "warm", startedAt: Number.POSITIVE_INFINITY };

/** So many children (count) that share a failure. */
const failed = (count: number, failure: Failure): Settled[] => Array(count).fill({ kind: "failed", failure });

/** What a round's outcomes mean for the next one. */
const judge = (outcomes: readonly Settled[], sentAt: number) => {
	const known = outcomes.flatMap((outcome) => (outcome.kind === "identified" ? outcome.identity : []));
	const failures = outcomes.flatMap((outcome) => (outcome.kind === "failed" ? outcome.failure : []));
	return {
		/** Whether any child was served. */
		answered: failures.length < outcomes.length,
		/** Whether every child failed for a reason of transport, protocol or signature. */
		transport: failures.filter(({ transport }) => transport).length === outcomes.length,
		/** Whether invocations shared an environment: the hold was too short. */
		shared: new Set(known.map(({ id }) => id)).size < known.length,
		/** Whether something was refused that holds for every child. */
		refused: failures.some(({ transient }) => !transient),
		/** Children that were served, but not warmed as far as one knows (count). */
		spoiled: outcomes.length - failures.length - known.length,
		/** From sending to the arrival of the slowest warm child (ms); 0 where none tells. */
		slowest: known
			.filter(({ start }) => start === "warm")
			.reduce((slowest, { startedAt }) => Math.max(slowest, startedAt - sentAt), 0),
	};
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
		add: (outcomes: readonly Settled[]): void => {
			for (const outcome of outcomes) {
				if (outcome.kind === "identified") {
					const { id, start } = outcome.identity;
					if (!environments.has(id)) environments.set(id, start);
				} else if (outcome.kind === "unidentified") {
					counts.unverified++;
				} else {
					counts[outcome.failure.reason]++;
					note(outcome.failure);
				}
			}
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
