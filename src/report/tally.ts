/**
 * Adds up the outcomes of a ping's children, and what their environments served.
 *
 * @module
 */

import { type Demand, mergeDemand } from "../demand/demand.js";
import { type ConcurrencyLimits, recommend } from "../demand/recommend.js";
import { demandOf, type Served, summarizeTraffic } from "../demand/traffic.js";
import type { Failure } from "./errors.js";
import type { StartType, WarmupError, WarmupReport } from "./report.js";

/** An environment that the ping reached. */
export interface ReachedEnvironment {
	readonly id: string;
	readonly start: StartType;
	/** Absent if its version does not record requests. */
	readonly served?: Served | undefined;
	readonly demand?: Demand | undefined;
}

/** The outcome of one request to invoke a child. */
export type ChildOutcome =
	| { readonly kind: "identified"; readonly environment: ReachedEnvironment; readonly startedAt: number }
	/** Served, but the answer has no identity. */
	| { readonly kind: "unidentified" }
	| { readonly kind: "failed"; readonly failure: Failure };

/** What is known before the first child is invoked. */
export interface TallyStart extends Pick<WarmupReport, "function" | "target" | "correlationId"> {
	/** The initiator, if the target is its own function. */
	readonly initiator: ReachedEnvironment | undefined;
	/** The peaks known so far. */
	readonly demand: Demand;
	readonly limits: ConcurrencyLimits;
	/** Whether outcomes tell environments apart; if not, there is no traffic to report. */
	readonly verify: boolean;
}

/** The sums of one ping. */
export interface Tally {
	/** Distinct environments known to be warm (count). */
	warmedCount(): number;
	/** Adds a round; returns whether it reached an environment that a request had to start. */
	add(outcomes: readonly ChildOutcome[]): boolean;
	addError(error: Omit<WarmupError, "count">): void;
	/** The largest number of environments that were busy with requests in the same second (count). */
	peak(): number;
	/** Everything known about the peaks of the last 24 hours. */
	demand(): Demand;
	/** The report, but for what concerns rounds. */
	report(requested: number): Omit<WarmupReport, "rounds" | "delay" | "durationMs">;
}

const MAX_ERRORS = 10;

/** A tally of the initiator alone, if it is one of the environments. */
export function createTally({ initiator, demand, limits, verify, ...fields }: TallyStart): Tally {
	const environments = new Map<string, ReachedEnvironment>();
	const records: Served[] = [];
	const counts = { unverified: 0, throttled: 0, failed: 0, timedOut: 0 };
	const errors = new Map<string, WarmupError>();
	let toldDemand = demand;

	/** Returns whether a request had to start the environment. One that is reached again adds nothing. */
	const addEnvironment = (environment: ReachedEnvironment): boolean => {
		if (environments.has(environment.id)) return false;
		environments.set(environment.id, environment);
		toldDemand = mergeDemand(toldDemand, environment.demand ?? {}, Date.now());
		if (environment.served) records.push(environment.served);
		return environment.served?.coldStart === true;
	};
	if (initiator) addEnvironment(initiator);

	const addError = ({ name, message, hint }: Omit<WarmupError, "count">): void => {
		const key = `${name}: ${message}`;
		const count = (errors.get(key)?.count ?? 0) + 1;
		errors.set(key, { name, message, count, ...(hint !== undefined && { hint }) });
	};

	const add = (outcome: ChildOutcome): boolean => {
		if (outcome.kind === "identified") return addEnvironment(outcome.environment);
		if (outcome.kind === "unidentified") {
			counts.unverified++;
		} else {
			counts[outcome.failure.reason]++;
			addError(outcome.failure);
		}
		return false;
	};

	const knownDemand = (): Demand => mergeDemand(toldDemand, demandOf(records, Date.now()), Date.now());

	return {
		warmedCount: () => environments.size,
		add: (outcomes) => outcomes.map(add).includes(true),
		addError,
		peak: () => summarizeTraffic(records).peak,
		demand: knownDemand,
		report: (requested) => {
			const known = knownDemand();
			return {
				action: "warmer-report",
				...fields,
				requested,
				warmed: environments.size,
				cold: [...environments.values()].filter(({ start }) => start === "cold").length,
				...counts,
				...(verify && {
					traffic: summarizeTraffic(records),
					recommended: recommend(known, limits).concurrency,
					demand: known,
				}),
				errors: [...errors.values()].sort((one, other) => other.count - one.count).slice(0, MAX_ERRORS),
			};
		},
	};
}
