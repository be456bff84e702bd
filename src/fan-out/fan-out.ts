/**
 * A ping's fan-out: rounds, until enough distinct environments are known to be warm.
 *
 * @module
 */

import type { ConcurrencyLimits } from "../demand/recommend.js";
import type { ResolvedOptions } from "../options.js";
import type { WarmupReport } from "../report/report.js";
import type { Tally } from "../report/tally.js";
import { createTransports, type TransportSession } from "../transport/session.js";
import { wantedConcurrency } from "./automatic.js";
import { debug } from "./debug.js";
import { childMs } from "./departure.js";
import { estimatedHoldMs, type HoldEstimates, learnHold } from "./hold.js";
import { planRepair, type RoundPlan, summarizeRound } from "./next-round.js";
import { createRounds, type RoundTarget } from "./round.js";
import { createWorkEstimator } from "./work-estimator.js";

/** What to warm. */
export interface FanOutPlan extends RoundTarget {
	/** Environments requested, including the initiator if it is one of them (count). */
	readonly concurrency: number;
	/** Whether to request more if the ping finds that there may be more. */
	readonly isAutomatic: boolean;
}

/** The report's fields that concern rounds. */
export type RoundFields = Pick<WarmupReport, "requested" | "rounds" | "delay" | "durationMs" | "protocol">;

type FanOutOptions = ConcurrencyLimits &
	Pick<
		ResolvedOptions,
		"flag" | "verify" | "delay" | "maxDelay" | "AwsClient" | "awsClientOptions" | "awsClientCapture"
	>;

const HTTP2_DISABLED = {
	name: "Http2Unusable",
	message: "no child was answered over HTTP/2, and HTTP/1.1 worked",
	hint: "this environment stays with the AWS SDK over HTTP/1.1; to begin with it, set awsClientOptions: {}",
};

/**
 * Returns a function that warms a function's environments. It adds every outcome to the tally, and never rejects.
 *
 * @param createSession begins a ping's way to Lambda
 */
export function createFanOut(
	options: FanOutOptions,
	estimates: HoldEstimates,
	createSession: () => TransportSession = createTransports(options),
) {
	const { verify, delay, maxDelay } = options;
	const estimator = createWorkEstimator();

	/** The state of one ping's rounds. */
	const createRun = (ping: FanOutPlan, tally: Tally, session: TransportSession) => {
		const beganAt = Date.now();
		const target = ping.firstNumber > 1 ? undefined : ping.target;
		const { runRound, canSendAgain } = createRounds(options, estimator, ping, session);
		const planFor = (concurrency: number): RoundPlan => {
			const holdMs = delay ?? Math.min(estimatedHoldMs(estimates, target, concurrency), maxDelay);
			return { concurrency, holdMs, holdsUntilInstant: true };
		};
		let plan = planFor(ping.concurrency);
		let sample = { holdMs: plan.holdMs, slowestArrivalMs: 0, wasTooShort: false };
		let rounds = 0;
		let incompleteRounds = 0;

		/** Runs a round; returns the next one. */
		const runNext = async (): Promise<RoundPlan | undefined> => {
			const told = tally.demand();
			const result = await runRound(plan, told);
			const summary = summarizeRound(result.outcomes, result.sentAt, result.waitedMs);
			const foundUnpinged = tally.add(result.outcomes);
			rounds++;
			debug("round %d over %s: %j %j", rounds, session.kind, plan, summary);
			const { hasSharedEnvironment, hasStarted, slowestArrivalMs } = summary;
			sample.slowestArrivalMs = Math.max(sample.slowestArrivalMs, slowestArrivalMs);
			sample.wasTooShort ||= hasSharedEnvironment;
			const decision = session.recordRound(summary.health);
			if (decision === "disabled") tally.addError(HTTP2_DISABLED);
			if (decision === "retry") return plan;
			if (!verify || summary.hasPermanentFailure) return undefined;
			const isMissing = plan.concurrency - tally.warmedCount() > summary.unverifiedCount;
			if (isMissing && (hasSharedEnvironment || canSendAgain())) {
				return planRepair(plan, summary, ++incompleteRounds, maxDelay);
			}
			if (!ping.isAutomatic) return undefined;
			const pool = { reached: tally.warmedCount(), peak: tally.peak(), foundUnpinged, hasStarted };
			const wanted = wantedConcurrency(plan.concurrency, told, tally.demand(), pool, options);
			if (wanted === undefined) return undefined;
			return wanted === plan.concurrency ? plan : planFor(wanted);
		};

		/** Goes on with a round, if there is time for it. */
		const advanceTo = (next: RoundPlan): boolean => {
			const neededMs = next.concurrency * childMs(estimator.costOf(session.kind)) + 2 * next.holdMs;
			if (Date.now() + neededMs > ping.deadline) return false;
			if (next.concurrency > plan.concurrency) {
				sample = { holdMs: next.holdMs, slowestArrivalMs: 0, wasTooShort: false };
				incompleteRounds = 0;
			}
			plan = next;
			return true;
		};

		const finish = (): RoundFields => {
			learnHold(estimates, target, plan.concurrency, sample, maxDelay);
			return {
				requested: plan.concurrency,
				rounds,
				delay: Math.round(plan.holdMs),
				durationMs: Date.now() - beganAt,
				protocol: session.kind === "direct" ? "h2" : "http/1.1",
			};
		};

		return { runNext, advanceTo, finish };
	};

	return async (ping: FanOutPlan, tally: Tally): Promise<RoundFields> => {
		const session = createSession();
		const { runNext, advanceTo, finish } = createRun(ping, tally, session);
		try {
			let next = await runNext();
			while (next && advanceTo(next)) next = await runNext();
		} finally {
			session.close();
		}
		return finish();
	};
}
