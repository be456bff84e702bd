/**
 * What is logged: a record of every ping, the initiator's report, warnings; and how answers add up to a report.
 *
 * @module
 */

import type { Start } from "./environment.js";
import type { FanOut } from "./fan-out.js";

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
	/** Distinct environments known to be warm now, the initiator included where the target is its own function (count). */
	warmed: number;
	/** How many of `warmed` had to start for this ping (count). */
	cold: number;
	/** Answers without an identity: lambda-warmer, an older version, or another handler; with `verify: false`, all (count). */
	unverified: number;
	/** Invocations that Lambda refused for want of concurrency, over all rounds (count). */
	throttled: number;
	/** Invocations that failed otherwise, over all rounds (count). */
	failed: number;
	/** Invocations that had not answered by the deadline, over all rounds (count). */
	timedOut: number;
	/** Rounds (count): 1, or more where a shortfall was repaired. */
	rounds: number;
	/** The hold of the last round (ms). */
	delay: number;
	/** From the first invocation to the last answer (ms). */
	durationMs: number;
	/** Why nothing was invoked, if so. */
	skipped?: string;
	/** What went wrong, most frequent first; ten kinds at most. */
	errors: WarmupError[];
}

/** A report, but for who reports. */
export type ReportFigures = Omit<WarmupReport, "action" | "function">;

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

/** What became of one invocation. */
export type Outcome =
	| { readonly kind: "accepted" }
	| {
			readonly kind: "answered";
			readonly payload: Uint8Array | undefined;
			/** Set if the child's handler failed; the payload is its error then. */
			readonly functionError?: string | undefined;
	  }
	| { readonly kind: "timedOut" }
	| { readonly kind: "failed"; readonly error: unknown };

/** What a child says of itself when it is asked to verify. */
export interface Identity {
	readonly id: string;
	readonly start: Start;
	/** When the child began to serve the ping (epoch ms by its own clock). */
	readonly startedAt: number;
}

/** Lambda's text for the answer of a child; a string, so that a response-streaming handler can send it too. */
export const writeIdentity = ({ id, start, startedAt }: Identity): string =>
	JSON.stringify({ action: "warmer", id, start, startedAt });

const longestIdentity = 1024;
const longestId = 128;

/** Reads a child's answer: quoted by the runtime, or raw from a stream. Anything else is `undefined`. */
export const readIdentity = (
	payload: Uint8Array | undefined,
): Identity | undefined => {
	if (!payload || payload.length > longestIdentity) return undefined;
	try {
		let answer: unknown = JSON.parse(new TextDecoder().decode(payload));
		if (typeof answer === "string") answer = JSON.parse(answer);
		const { action, id, start, startedAt } = answer as Record<string, unknown>;
		return action === "warmer" &&
			typeof id === "string" &&
			id !== "" &&
			id.length <= longestId &&
			(start === "cold" || start === "warm" || start === "proactive") &&
			Number.isFinite(startedAt)
			? { id, start, startedAt: startedAt as number }
			: undefined;
	} catch {
		return undefined;
	}
};

/** A report's figures before anything was invoked: this environment is the one that is known to be warm. */
export const emptyReport = ({
	target,
	correlationId,
	concurrency,
	initiator,
}: Pick<
	FanOut,
	"target" | "correlationId" | "concurrency" | "initiator"
>): ReportFigures => ({
	target,
	correlationId,
	requested: concurrency,
	warmed: initiator ? 1 : 0,
	cold: initiator?.start === "cold" ? 1 : 0,
	unverified: 0,
	throttled: 0,
	failed: 0,
	timedOut: 0,
	rounds: 0,
	delay: 0,
	durationMs: 0,
	errors: [],
});

/** Why fewer environments are known to be warm than were asked for, or undefined where none is missing. */
export const explainShortfall = (report: ReportFigures): string | undefined => {
	const { warmed, requested, skipped, target, rounds } = report;
	if (warmed >= requested || skipped !== undefined) return undefined;
	const reasons = (["throttled", "failed", "timedOut", "unverified"] as const)
		.filter((reason) => report[reason] > 0)
		.map((reason) => `${report[reason]} ${reason}`);
	return `${warmed} of ${requested} environments of ${target} are known to be warm: ${
		reasons.join(", ") ||
		`invocations shared environments in each of ${rounds} rounds`
	}`;
};

const longestMessage = 256;
const mostErrors = 10;

/** Adds up the outcomes of a ping's rounds. */
export class Tally {
	unverified = 0;
	throttled = 0;
	failed = 0;
	timedOut = 0;
	readonly #environments = new Map<string, Start>();
	readonly #errors = new Map<string, WarmupError>();

	constructor(readonly target: string) {}

	/** Counts an environment that is known to be warm, once. */
	reach({ id, start }: Pick<Identity, "id" | "start">): void {
		if (!this.#environments.has(id)) this.#environments.set(id, start);
	}

	/** Counts an invocation that leaves no environment to know of. */
	miss(outcome: Outcome): void {
		if (outcome.kind === "failed") {
			const { name, message } = describe(outcome.error);
			if (name === "TimeoutError") this.timedOut++;
			else if (name === "TooManyRequestsException") this.throttled++;
			else this.failed++;
			const cause = (outcome.error as { Reason?: string } | null)?.Reason;
			this.#note(name, message, cause);
		} else if (outcome.kind === "timedOut") {
			this.timedOut++;
			this.#note("TimeoutError", "no answer before the deadline");
		} else if (outcome.kind === "answered" && outcome.functionError) {
			this.failed++;
			this.#note("FunctionError", readFunctionError(outcome.payload));
		} else {
			this.unverified++;
		}
	}

	/** Distinct environments known to be warm (count). */
	get warmed(): number {
		return this.#environments.size;
	}

	/** How many of them had to start (count). */
	get cold(): number {
		let cold = 0;
		for (const start of this.#environments.values()) {
			if (start === "cold") cold++;
		}
		return cold;
	}

	/** What went wrong, most frequent first. */
	get errors(): WarmupError[] {
		return [...this.#errors.values()]
			.sort((one, other) => other.count - one.count)
			.slice(0, mostErrors);
	}

	#note(name: string, message: string, cause = name): void {
		const key = `${name}: ${message}`;
		const known = this.#errors.get(key);
		if (known) {
			known.count++;
			return;
		}
		const hint = hintFor(cause, this.target);
		this.#errors.set(key, {
			name,
			message,
			count: 1,
			...(hint === undefined ? {} : { hint }),
		});
	}
}

/** The name and message of whatever was thrown, short enough for a log. */
export const describe = (error: unknown): { name: string; message: string } => {
	if (!(error instanceof Error)) {
		return { name: "Error", message: `threw a value of type ${typeof error}` };
	}
	try {
		// Errors of the network differ by their code alone.
		const { code } = error as NodeJS.ErrnoException;
		return {
			name: String(code ?? error.name).slice(0, longestMessage),
			message: String(error.message).slice(0, longestMessage),
		};
	} catch {
		return { name: "Error", message: "threw an error that cannot be read" };
	}
};

const readFunctionError = (payload: Uint8Array | undefined): string => {
	try {
		const { errorType, errorMessage } = JSON.parse(
			new TextDecoder().decode(payload),
		) as Record<string, unknown>;
		return `${errorType}: ${errorMessage}`.slice(0, longestMessage);
	} catch {
		return "the handler failed";
	}
};

const noRoute =
	"from a VPC, reach Lambda through a NAT gateway or an interface endpoint";

const hints: Readonly<Record<string, string | ((target: string) => string)>> = {
	AccessDeniedException: (target) =>
		`grant lambda:InvokeFunction on ${target} to the role of this function`,
	ReservedFunctionConcurrentInvocationLimitExceeded:
		"reserved concurrency is lower than asked for",
	TooManyRequestsException:
		"the account has no concurrency left for as many environments",
	ResourceNotFoundException: (target) =>
		`${target} is no function, version or alias in this account and region`,
	InvalidParameterValueException:
		"a function with tenant isolation is invoked with a tenant id, any other without",
	ERR_MODULE_NOT_FOUND:
		"install @aws-sdk/client-lambda, or leave it out of the bundle: Lambda's Node.js runtimes bring it",
	ENOTFOUND: noRoute,
	EAI_AGAIN: noRoute,
	ECONNREFUSED: noRoute,
	ENETUNREACH: noRoute,
	EHOSTUNREACH: noRoute,
	ETIMEDOUT: noRoute,
	TimeoutError: `${noRoute}; for children that are slow to start, raise the timeout`,
};

const hintFor = (cause: string, target: string): string | undefined => {
	const hint = Object.hasOwn(hints, cause) ? hints[cause] : undefined;
	return typeof hint === "function" ? hint(target) : hint;
};
