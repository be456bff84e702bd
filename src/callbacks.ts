/**
 * The user's callbacks: each bounded by the invocation's deadline, reported when it goes wrong, never fatal to the ping
 * or to a business request.
 *
 * @module
 */

import type { Request } from "@middy/core";
import { within } from "./deadline.js";
import { functionVersion, id } from "./environment.js";
import type { ResolvedOptions } from "./options.js";
import { describe, type WarmupEntry } from "./report.js";

const noop = () => {};

/** Writes an entry where the user wants it. */
export const write = ({ log }: ResolvedOptions, entry: WarmupEntry): void => {
	try {
		if (typeof log === "function") settle(log(entry));
		else if (log && entry.action === "warmer-warning") console.warn(entry);
		else if (log) console.log(entry);
	} catch {
		// There is nowhere left to say so.
	}
};

/** Writes a warning. */
export const warn = (options: ResolvedOptions, message: string): void =>
	write(options, {
		action: "warmer-warning",
		function: functionVersion(),
		id,
		message,
	});

/** The user's `isWarmingUp`, made safe. It sees every business request, so what is wrong with it is said once. */
export const recogniser = (
	options: ResolvedOptions,
): ((request: Request) => boolean) => {
	const { isWarmingUp } = options;
	if (!isWarmingUp) return () => false;
	let warned = false;
	const complain = (problem: string): false => {
		if (!warned)
			warn(options, `isWarmingUp ${problem}; no ping was recognised`);
		warned = true;
		return false;
	};
	return ({ event, context }) => {
		try {
			const answer: unknown = isWarmingUp(event, context);
			if (typeof answer === "boolean") return answer;
			settle(answer);
			return complain(`returned a value of type ${typeof answer}`);
		} catch (error) {
			return complain(`threw ${describe(error).message}`);
		}
	};
};

/** The correlation id of a ping that brings none. */
export const correlate = (
	{ event, context }: Request,
	options: ResolvedOptions,
): string => {
	const { correlationId } = options;
	if (typeof correlationId !== "function") return correlationId ?? id;
	try {
		const answer: unknown = correlationId(event, context);
		if (typeof answer === "string" && answer !== "") return answer;
		settle(answer);
		warn(options, `correlationId returned a value of type ${typeof answer}`);
	} catch (error) {
		warn(options, `correlationId threw ${describe(error).message}`);
	}
	return id;
};

/** Calls `onWarmup` or `onReport`, and waits for it until the deadline (epoch ms). */
export const callBounded = async (
	options: ResolvedOptions,
	name: "onWarmup" | "onReport",
	callback: () => unknown,
	deadline: number,
): Promise<void> => {
	try {
		const late = Symbol("late");
		if ((await within(deadline, run(callback), late)) === late) {
			warn(options, `${name} had not finished at the deadline`);
		}
	} catch (error) {
		warn(options, `${name} failed: ${describe(error).message}`);
	}
};

const run = async (callback: () => unknown): Promise<unknown> => callback();

/** A rejection that nobody waits for would end the process. */
const settle = (answer: unknown): void => {
	Promise.resolve(answer).catch(noop);
};
