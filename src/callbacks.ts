/**
 * The user's callbacks, and those of other middlewares: bounded, reported when they go wrong, never fatal to a ping.
 *
 * @module
 */

import type { Request } from "@middy/core";
import { within } from "./deadline.js";
import { type Environment, functionVersion, identityOf } from "./function.js";
import type { ResolvedOptions } from "./options.js";
import { nameAndMessage, type WarmupEntry, type WarmupReport } from "./report.js";

/** The user's callbacks made safe, bound to the options. Deadlines in epoch ms. */
export interface Callbacks {
	/** Writes an entry where the user wants it. */
	write(entry: WarmupEntry): void;
	/** Writes a warning. */
	warn(message: string): void;
	/** The correlation id of a ping that brings none. */
	correlationId(request: Request): string;
	/** Warns of what `isWarmingUp` threw, or returned in place of a boolean; once, since it sees every request. */
	complain(threw: boolean, what: unknown): void;
	onWarmup(request: Request, deadline: number): Promise<void>;
	onReport(report: WarmupReport, deadline: number): Promise<void>;
}

/** Binds the user's callbacks to the options that bring them. */
export const bindCallbacks = (
	{ log, correlationId, onWarmup, onReport }: ResolvedOptions,
	environment: Environment,
): Callbacks => {
	const write = (entry: WarmupEntry): void => {
		try {
			if (typeof log === "function") settle(log(entry));
			else if (log && entry.action === "warmer-warning") console.warn(entry);
			else if (log) console.log(entry);
		} catch {
			// There is nowhere left to say so.
		}
	};
	const warn = (message: string): void =>
		write({ action: "warmer-warning", function: functionVersion(), id: identityOf(environment), message });
	const bounded =
		<About>(name: string, callback: ((about: About) => unknown) | undefined) =>
		async (about: About, deadline: number): Promise<void> => {
			if (!callback) return;
			const call = async () => callback(about);
			try {
				if ((await within(deadline, call(), late)) === late) warn(`${name} had not finished at the deadline`);
			} catch (error) {
				warn(`${name} failed: ${nameAndMessage(error).message}`);
			}
		};
	let hasComplained = false;
	return {
		write,
		warn,
		correlationId: ({ event, context }) => {
			if (typeof correlationId !== "function") {
				return correlationId ?? identityOf(environment);
			}
			try {
				const answer: unknown = correlationId(event, context);
				if (typeof answer === "string" && answer !== "") return answer;
				settle(answer);
				warn(`correlationId ${mishap(false, answer)}`);
			} catch (error) {
				warn(`correlationId ${mishap(true, error)}`);
			}
			return identityOf(environment);
		},
		complain: (threw, what) => {
			if (!hasComplained) warn(`isWarmingUp ${mishap(threw, what)}; no ping was recognised`);
			hasComplained = true;
		},
		onWarmup: bounded("onWarmup", onWarmup),
		onReport: bounded("onReport", onReport),
	};
};

const late = Symbol("late");

const mishap = (threw: boolean, what: unknown): string =>
	threw ? `threw ${nameAndMessage(what).message}` : `returned a value of type ${typeof what}`;

/**
 * Where Powertools' middlewares leave what is to be done when a later one returns early, in the order in which they do
 * it themselves (`cleanupMiddlewares` of @aws-lambda-powertools/commons).
 */
const cleanUps = ["tracer", "metrics", "logger", "idempotency"].map((name) => `powertools-for-aws.${name}`);

/**
 * Ends what Powertools' middlewares before this one have begun: otherwise later requests get the ping's trace, and its
 * metrics wait for the next one. Says nothing of one that fails: `throwOnEmptyMetrics` would, with every ping.
 */
export const cleanUp = async (request: Request, deadline: number): Promise<void> => {
	const call = async (name: string) => {
		// Read late, since Powertools' middlewares replace the object.
		const internal = request.internal as Record<string, unknown>;
		// Where that is no function, it is one that fails.
		if (Object.hasOwn(internal, name)) await (internal[name] as (request: Request) => unknown)(request);
	};
	for (const name of cleanUps) {
		await within(deadline, call(name), undefined).catch(noop);
	}
};

const noop = () => {};

/** A rejection that nobody waits for would end the process. */
const settle = (answer: unknown): void => {
	Promise.resolve(answer).catch(noop);
};
