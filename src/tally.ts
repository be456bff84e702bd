/**
 * How answers add up: identities are read and counted, failures are counted and explained.
 *
 * @module
 */

import type { Start } from "./environment.js";
import {
	describe,
	type Identity,
	longestMessage,
	type WarmupError,
} from "./report.js";

/** What became of one invocation. */
export type Outcome =
	| { readonly kind: "accepted" }
	| { readonly kind: "answered"; readonly payload: Uint8Array | undefined }
	/** The child's handler failed; the payload is its error. */
	| { readonly kind: "threw"; readonly payload: Uint8Array | undefined }
	| { readonly kind: "timedOut" }
	| { readonly kind: "failed"; readonly error: unknown };

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
		// No JSON, or none with fields. Said for the reader only: without this line the function returns the same.
		return undefined;
	}
};

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
		} else if (outcome.kind === "threw") {
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
