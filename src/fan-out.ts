/**
 * Rounds: how many children are invoked, how long they hold, and when that is enough.
 *
 * @module
 */

import { within } from "./deadline.js";
import type { Start } from "./environment.js";
import type { Invocation, Invoke } from "./lambda-client.js";
import { initialHold, type ResolvedOptions } from "./options.js";
import type { ReportFigures } from "./report.js";
import { type Outcome, readIdentity, Tally } from "./tally.js";

/** A third shortfall has a cause that a longer hold does not cure. */
const mostRounds = 3;

/**
 * How much longer than the slowest warm child's arrival a hold should be. Between 1 and 1.25 a ping costs the same: what
 * a longer hold costs, it saves in repairs.
 */
const margin = 1.15;

/** What to warm. */
export interface FanOut {
	/** The function to invoke: a name or an ARN. */
	readonly target: string;
	readonly tenantId: string | undefined;
	/** Environments to keep warm (count), the initiator included where it is one of them. */
	readonly concurrency: number;
	/** The initiator, where the target is its own function. */
	readonly initiator:
		| { readonly id: string; readonly start: Start }
		| undefined;
	readonly correlationId: string;
	/** The hold of the first round (ms). */
	readonly hold: number;
	/** When to give up on what has not answered (epoch ms). */
	readonly deadline: number;
}

/** The report, but for who reports; and the hold (ms) to learn from it, or undefined where it teaches nothing. */
export interface FanOutResult {
	readonly report: ReportFigures;
	readonly lesson: number | undefined;
}

/** Warms a function's environments, and says how many it reached. Never throws. */
export const fanOut = async (
	plan: FanOut,
	options: ResolvedOptions,
	invoke: Invoke,
): Promise<FanOutResult> => {
	const { target, concurrency, initiator, correlationId, deadline } = plan;
	const tally = new Tally(target);
	if (initiator) tally.reach(initiator);
	const begun = Date.now();
	let { hold } = plan;
	let rounds = 0;
	let slowest = 0;
	let longest: number;
	for (;;) {
		rounds++;
		const sentAt = Date.now();
		const outcomes = await invokeAll(
			invocations(plan, options, hold, sentAt),
			invoke,
			deadline,
		);
		const { startedAt, missed } = count(outcomes, tally, options.verify);
		const arrivals = arrivalsOf(startedAt, sentAt);
		slowest = Math.max(slowest, arrivals.slowest);
		// Counted from sending, which takes a small function longer than maxDelay: what that bounds is a child's stay.
		longest = arrivals.fastest + options.maxDelay;
		const isLastChance = rounds === mostRounds - 1;
		const longer = Math.min(
			Math.max(2 * hold || initialHold, isLastChance ? 2 * slowest : 0),
			longest,
		);
		const enough =
			!options.verify ||
			concurrency - tally.warmed <= missed ||
			tally.throttled > 0 ||
			rounds === mostRounds ||
			Date.now() + 2 * longer > deadline;
		if (enough) break;
		hold = longer;
	}
	const { warmed, cold, unverified, throttled, failed, timedOut, errors } =
		tally;
	return {
		report: {
			target,
			correlationId,
			requested: concurrency,
			warmed,
			cold,
			unverified,
			throttled,
			failed,
			timedOut,
			rounds,
			delay: Math.round(hold),
			durationMs: Date.now() - begun,
			errors,
		},
		lesson: lesson(plan.hold, rounds, slowest, longest),
	};
};

/** When a round's warm children started, in ms after it was sent; 0 where none tells. */
const arrivalsOf = (startedAt: readonly number[], sentAt: number) => {
	const arrivals = startedAt.map((instant) => Math.max(0, instant - sentAt));
	return {
		fastest: arrivals.length ? Math.min(...arrivals) : 0,
		slowest: Math.max(0, ...arrivals),
	};
};

/**
 * What a ping teaches: a hold a margin longer than the slowest arrival; or twice the hold that failed, where no arrival
 * explains why it did, since arrivals are measured with two hosts' clocks and only identity is certain.
 */
const lesson = (
	hold: number,
	rounds: number,
	slowest: number,
	longest: number,
): number | undefined => {
	const learned = Math.min(
		rounds > 1 && slowest <= hold ? 2 * hold : margin * slowest,
		longest,
	);
	return learned > 0 ? learned : undefined;
};

const timedOut: Outcome = { kind: "timedOut" };

const invokeAll = (
	children: readonly Invocation[],
	invoke: Invoke,
	deadline: number,
): Promise<Outcome[]> =>
	Promise.all(
		children.map(async (child) => {
			// One for each child: Node.js warns of a signal that more than ten listen to.
			const abort = new AbortController();
			const outcome = invoke(child, abort.signal);
			const settled = await within(deadline, outcome, timedOut);
			// Closes the socket of one that has not answered.
			abort.abort();
			return settled;
		}),
	);

/** The children's invocations: lambda-warmer's fields and numbering, and what a verifying child needs. */
const invocations = (
	{ target, tenantId, concurrency, initiator, correlationId }: FanOut,
	{ flag, verify }: ResolvedOptions,
	hold: number,
	sentAt: number,
): Invocation[] => {
	const shared = JSON.stringify({
		__WARMER_CONCURRENCY__: concurrency,
		__WARMER_CORRELATIONID__: correlationId,
		...(verify && {
			__WARMER_VERIFY__: true,
			__WARMER_UNTIL__: Math.round(sentAt + hold),
			__WARMER_DELAY__: Math.round(hold),
		}),
	}).slice(1);
	const numbers: number[] = [];
	for (let number = initiator ? 2 : 1; number <= concurrency; number++) {
		numbers.push(number);
	}
	return numbers.map((number) => ({
		FunctionName: target,
		InvocationType:
			verify || number === concurrency ? "RequestResponse" : "Event",
		Payload: Buffer.from(
			`{${JSON.stringify(flag)}:true,"__WARMER_INVOCATION__":${number},${shared}`,
		),
		...(tenantId !== undefined && { TenantId: tenantId }),
	}));
};

/** Counts a round's outcomes; returns when its warm children started (epoch ms), and how many brought no identity. */
const count = (
	outcomes: readonly Outcome[],
	tally: Tally,
	verify: boolean,
): { startedAt: number[]; missed: number } => {
	const startedAt: number[] = [];
	let missed = 0;
	for (const outcome of outcomes) {
		const answer = outcome.kind === "answered" ? outcome.payload : undefined;
		const identity = verify
			? readIdentity(answer)
			: // lambda-warmer's one synchronous child answers while this environment is busy: it is another one, whatever its id.
				answer && { id: "answered", start: "warm" as const };
		if (identity) {
			tally.reach(identity);
			if ("startedAt" in identity && identity.start === "warm") {
				startedAt.push(identity.startedAt);
			}
		} else {
			tally.miss(outcome);
			missed++;
		}
	}
	return { startedAt, missed };
};
