/**
 * What is said of a ping: a record of every one, the initiator's report, and warnings.
 *
 * @module
 */

/** How an invocation found its environment. */
export type Start = "cold" | "warm" | "proactive";

/** How the children were invoked. */
export type Protocol = "h2" | "http/1.1";

/** One per ping and environment: lambda-warmer's fields and types, and `start`. */
export interface WarmupRecord {
	action: "warmer";
	/** `name:version` of the function. */
	function: string;
	/** This environment's id. */
	id: string;
	correlationId: string;
	/** Number of this invocation within the ping; the initiator's is 1. */
	count: number;
	/** Environments asked for (count). */
	concurrency: number;
	/** Whether this environment had served any invocation before, a business request included. */
	warm: boolean;
	/** When the last business request came (epoch ms), or null. */
	lastAccessed: number | null;
	/** How long ago that was, in seconds with one decimal, or null. */
	lastAccessedSeconds: string | null;
	/** `proactive`: first invocation, but Lambda had initialised the environment more than 10 s before it. */
	start: Start;
}

/** One per target of a ping that fans out, from its initiator. */
export interface WarmupReport {
	action: "warmer-report";
	/** `name:version` of the initiator. */
	function: string;
	/** The function that was invoked, as it was named. */
	target: string;
	correlationId: string;
	/** Environments asked for (count). */
	requested: number;
	/**
	 * Distinct environments known to be warm now, the initiator included where the target is its own function (count).
	 */
	warmed: number;
	/** How many of `warmed` had to start for this ping (count). */
	cold: number;
	/**
	 * Answers without an identity: lambda-warmer, an older version, or another handler; with `verify: false`, all
	 * (count).
	 */
	unverified: number;
	/** Invocations that Lambda refused for want of concurrency, or of patience with the rate, over all rounds (count). */
	throttled: number;
	/** Invocations that failed otherwise, over all rounds (count). */
	failed: number;
	/** Invocations that had not answered by the deadline, or could not be sent before it, over all rounds (count). */
	timedOut: number;
	/** Rounds (count): 1, or more where a shortfall was repaired; 0 where nothing was invoked. */
	rounds: number;
	/** The hold of the last round (ms). */
	delay: number;
	/** From the first invocation to the last answer (ms). */
	durationMs: number;
	/** How the last round's children were invoked; absent where none was. */
	protocol?: Protocol;
	/** Why nothing was invoked, if so. */
	skipped?: string;
	/** What went wrong, most frequent first; ten kinds at most. */
	errors: WarmupError[];
}

/** A kind of failure, and how often it came. */
export interface WarmupError {
	name: string;
	message: string;
	count: number;
	/** What to do about it, for the known ones. */
	hint?: string;
}

/** Something that the user should know of, while the environment stays warm all the same. */
export interface WarmupWarning {
	action: "warmer-warning";
	/** `name:version` of the function. */
	function: string;
	/** This environment's id. */
	id: string;
	message: string;
}

/** Everything that the option `log` gets. */
export type WarmupEntry = WarmupRecord | WarmupReport | WarmupWarning;

/** Why fewer environments are known to be warm than were asked for, or undefined where none is missing. */
export const explainShortfall = (report: WarmupReport): string | undefined => {
	const { warmed, requested, skipped, target, rounds } = report;
	if (warmed >= requested || skipped !== undefined) return undefined;
	const reasons = (["throttled", "failed", "timedOut", "unverified"] as const)
		.filter((reason) => report[reason] > 0)
		.map((reason) => `${report[reason]} ${reason}`);
	return `${warmed} of ${requested} environments of ${target} are known to be warm: ${
		reasons.join(", ") || `invocations shared environments in each of ${rounds} rounds`
	}`;
};

/** Characters of a message that a log entry gets. */
export const longestMessage = 256;

/** The name and message of whatever was thrown, short enough for a log. */
export const nameAndMessage = (error: unknown): { name: string; message: string } => {
	if (!(error instanceof Error)) {
		const message = typeof error === "string" ? error.slice(0, longestMessage) : `a value of type ${typeof error}`;
		return { name: "Error", message };
	}
	try {
		// Errors of the network differ by their code alone.
		const { code } = error as NodeJS.ErrnoException;
		return {
			name: String(code ?? error.name).slice(0, longestMessage),
			message: String(error.message).slice(0, longestMessage),
		};
	} catch {
		return { name: "Error", message: "an error that cannot be read" };
	}
};
