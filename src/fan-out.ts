/**
 * Rounds: how many children are invoked, how long they hold, and when that is enough.
 *
 * @module
 */

import { functionVersion } from "./function.js";
import { type HoldMemory, learnedHold, learnHold, mostRounds, mostSharedRounds, repairedHold } from "./hold.js";
import { bindLines, type Line } from "./lambda-client.js";
import type { ResolvedOptions } from "./options.js";
import { createPace } from "./pace.js";
import type { Start, WarmupError, WarmupReport } from "./report.js";
import { bindRound, type Calling, type Settled } from "./round.js";

/** What to warm. */
export interface FanOut extends Calling {
	/** The initiator, where the target is its own function. */
	readonly initiator: { readonly id: string; readonly start: Start } | undefined;
	/** Why nothing is to be invoked, if so. */
	readonly skipped: string | undefined;
}

type FanOutOptions = Pick<
	ResolvedOptions,
	"flag" | "verify" | "delay" | "maxDelay" | "AwsClient" | "awsClientOptions" | "awsClientCapture"
>;

const mostErrors = 10;

/**
 * Binds fanning out to the options. The result warms a function's environments and says how many it reached; it never
 * rejects.
 *
 * @param newLine begins a way to Lambda for a ping; by default to its Invoke API
 */
export const bindFanOut = (
	options: FanOutOptions,
	holds: HoldMemory,
	newLine: () => Line = bindLines(options),
): ((plan: FanOut) => Promise<WarmupReport>) => {
	const { verify, delay, maxDelay } = options;
	const pace = createPace();
	const runRound = bindRound(options, pace);

	const fanOut = async (plan: FanOut): Promise<WarmupReport> => {
		const { concurrency, initiator, skipped } = plan;
		const deadline = plan.deadline - pace.finishing();
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
		const line = newLine();
		try {
			while (numbers.length > 0) {
				rounds++;
				const { outcomes, sentAt, waited } = await runRound({ ...plan, deadline }, numbers, { hold, byClock }, line);
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
		if (verify) {
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
		errors.set(key, { name, message, count, ...(hint !== undefined && { hint }) });
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
