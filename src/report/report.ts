/**
 * What a ping writes to the log: a record of every environment that it reached, the initiator's report, and warnings.
 *
 * @module
 */

import type { Demand } from "../demand/demand.js";
import type { WarmupTraffic } from "../demand/traffic.js";

/**
 * How a ping found its environment: `cold` had to start for it, `warm` had served an invocation before, `proactive` had
 * been initialized by Lambda more than 10 s before its first invocation.
 */
export type StartType = "cold" | "warm" | "proactive";

/** How the children were sent: `h2` by the direct transport, `http/1.1` by the AWS SDK. */
export type Protocol = "h2" | "http/1.1";

/** The record of one environment that a ping reached: lambda-warmer's fields and types, and more. */
export interface WarmupRecord {
	action: "warmer";
	/** `name:version` of the function. */
	function: string;
	/** This environment's id. */
	id: string;
	correlationId: string;
	/** Number of this invocation within the ping (count); the initiator's is 1. */
	count: number;
	/** Environments requested (count). */
	concurrency: number;
	/** Whether this environment had served any invocation before, requests included. */
	warm: boolean;
	/** When the last request came (epoch ms), or null. */
	lastAccessed: number | null;
	/** How long ago that was, in seconds with one decimal, or null. */
	lastAccessedSeconds: string | null;
	start: StartType;
	/**
	 * Requests that this environment served since its last ping (count). Absent on Lambda Managed Instances, and for a test
	 * ping.
	 */
	requests?: number;
	/** Whether this environment's very first invocation was a request that came since its last ping. */
	coldStart?: boolean;
}

/** The initiator's report about one target of a ping. */
export interface WarmupReport {
	action: "warmer-report";
	/** `name:version` of the initiator. */
	function: string;
	/** The function that was invoked, by the name or ARN that was used. */
	target: string;
	correlationId: string;
	/** Environments requested (count); for an automatic ping, the number that it decided on. */
	requested: number;
	/** Why an automatic ping requested that many. */
	basis?: string;
	/**
	 * Distinct environments known to be warm now, including the initiator if the target is its own function (count).
	 */
	warmed: number;
	/** How many of `warmed` had to start for this ping (count). */
	cold: number;
	/**
	 * Responses without an identity: from lambda-warmer, an older version, or another handler; with `verify: false`, all
	 * but one (count).
	 */
	unverified: number;
	/** Invocations that Lambda refused because of a concurrency or rate limit (count). */
	throttled: number;
	/** Invocations that failed otherwise (count). */
	failed: number;
	/** Invocations that had not been answered by the deadline, or could not be sent before it (count). */
	timedOut: number;
	/** Rounds (count): 1, or more if the ping repaired a shortfall or looked for more environments; 0 if none. */
	rounds: number;
	/** The hold of the last round (ms). */
	delay: number;
	/** From the first invocation to the last answer (ms). */
	durationMs: number;
	/** How the last round's children were sent; absent if there was none. */
	protocol?: Protocol;
	/** Why nothing was invoked. */
	skipped?: string;
	/** What the environments that this ping reached served since their last pings. Absent with `verify: false`. */
	traffic?: WarmupTraffic;
	/** What `concurrency: "auto"` would request now (count). Absent with `verify: false`. */
	recommended?: number;
	/** The peaks of the last 24 hours; hand them over to a new version in its ping's `demand`. */
	demand?: Demand;
	/** What went wrong, the most frequent first; ten kinds at most. */
	errors: WarmupError[];
}

/** A kind of failure, and how often it happened. */
export interface WarmupError {
	name: string;
	message: string;
	count: number;
	/** What to do about it, for known errors. */
	hint?: string;
}

/** Something that needs attention; the environment is warm anyway. */
export interface WarmupWarning {
	action: "warmer-warning";
	/** `name:version` of the function. */
	function: string;
	/** This environment's id. */
	id: string;
	message: string;
}

/** Everything that the option `log` receives. */
export type WarmupEntry = WarmupRecord | WarmupReport | WarmupWarning;

/** Why fewer environments are known to be warm than were requested; undefined if none is missing. */
export function explainShortfall(report: WarmupReport): string | undefined {
	const { warmed, requested, skipped, target, rounds } = report;
	if (warmed >= requested || skipped !== undefined) return undefined;
	const reasons = (["throttled", "failed", "timedOut", "unverified"] as const)
		.filter((reason) => report[reason] > 0)
		.map((reason) => `${report[reason]} ${reason}`);
	return `${warmed} of ${requested} environments of ${target} are known to be warm: ${
		reasons.join(", ") || `invocations shared environments in each of ${rounds} rounds`
	}`;
}
