/**
 * One round: children are prepared, leave together, and are waited for.
 *
 * @module
 */

import { sleepUntil, within, yieldToLoop } from "./deadline.js";
import { explainFailure, type Failure, noAnswer, notSent } from "./errors.js";
import type { Invocation, Outcome } from "./invoke-api.js";
import type { Line, Prepared } from "./lambda-client.js";
import type { ResolvedOptions } from "./options.js";
import type { Pace } from "./pace.js";
import { type ChildEvent, type Identity, readIdentity, writeChildEvent } from "./wire.js";

/** What the children of all rounds share. */
export interface Calling {
	/** The function to invoke: a name or an ARN. */
	readonly target: string;
	readonly tenantId: string | undefined;
	/** Environments to keep warm (count), the initiator included where it is one of them. */
	readonly concurrency: number;
	readonly correlationId: string;
	/** When to give up on what has not answered (epoch ms). */
	readonly deadline: number;
}

/** How a round's children hold. */
export interface Holding {
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
export type Settled =
	| { readonly kind: "identified"; readonly identity: Identity }
	/** Served, by one that does not tell its environment. */
	| { readonly kind: "unidentified" }
	| Exclude<Outcome, { kind: "accepted" | "answered" }>;

/** What came of a round. */
export interface RoundOutcomes {
	/** One for each child. */
	readonly outcomes: readonly Settled[];
	/** From when arrivals are counted (epoch ms). */
	readonly sentAt: number;
	/** How long answers were waited for (ms). */
	readonly waited: number;
}

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

/** Binds rounds to the options; `pace` is told of the work in them. The result never rejects. */
export const bindRound = ({ flag, verify }: Pick<ResolvedOptions, "flag" | "verify">, pace: Pace) => {
	/** Connects, prepares, sends, and waits for the answers. */
	const runRound = async (
		calling: Calling,
		numbers: readonly number[],
		holding: Holding,
		line: Line,
	): Promise<RoundOutcomes> => {
		const { deadline, target } = calling;
		const all = (failure: Failure) => ({ outcomes: failed(numbers.length, failure), sentAt: Date.now(), waited: 0 });
		const opening = line.open(numbers.length, deadline - pace.loading()).then(
			(isOpen) => (isOpen ? undefined : notSent),
			(error: unknown) => explainFailure(error, target),
		);
		const failure = await within(deadline, opening, notSent);
		if (failure) return all(failure);

		const children = await prepareAll(calling, numbers, holding, line);
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
		calling: Calling,
		numbers: readonly number[],
		{ hold, byClock }: Holding,
		line: Line,
	): Promise<readonly Waiting[]> => {
		/** What is left to do for each once all are prepared (ms), and when to be prepared for so many at the latest. */
		const remaining = () => pace.sending(line.way) + pace.reading(line.way) + pace.closing(line.way);
		const latestFor = (count: number) => calling.deadline - hold - count * remaining();
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
				const child = line.prepare(invocation(calling, number, told));
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
			await within(calling.deadline, prepareEach(), undefined);
			if (tellsInstant) await sleepUntil(leaveAt);
			if (!tellsInstant || !isTooLate() || !canAgain()) break;
		}
		return children;
	};

	const invocation = (
		{ target, tenantId, concurrency, correlationId }: Calling,
		number: number,
		holding: ChildEvent["verify"],
	): Invocation => ({
		FunctionName: target,
		InvocationType: verify || number === concurrency ? "RequestResponse" : "Event",
		Payload: Buffer.from(
			writeChildEvent(flag, { number, concurrency, correlationId, verify: verify ? holding : undefined }),
		),
		...(tenantId !== undefined && { TenantId: tenantId }),
	});

	return runRound;
};

/** lambda-warmer's one synchronous child: it answers while this environment is busy, so it is in another one. */
const another: Identity = { id: "another", start: "warm", startedAt: Number.POSITIVE_INFINITY };

/** So many children (count) that share a failure. */
const failed = (count: number, failure: Failure): Settled[] => Array(count).fill({ kind: "failed", failure });
