/**
 * Event → pings. Pure: reads own properties of an event that anybody may have sent, and never throws.
 *
 * @module
 */

import type { ResolvedOptions } from "./options.js";
import { type ChildEvent, longestCorrelationId, own, readChildEvent, readCount } from "./wire.js";

/**
 * A number of environments beyond this, and beyond `maxConcurrency`, is a mistake and not a wish: a function scales by
 * at most 1,000 environments every 10 s.
 */
const mostEnvironments = 1000;

/** The ping that a schedule sends, with the default field names. */
export interface WarmupPing {
	/** Marks the event as a ping. */
	warmer: true;
	/** Environments (count) to keep warm. The option `concurrency` where it is left out. */
	concurrency?: number;
	/** Another function to warm in place of this one; it must be listed in the option `targets`. */
	target?: string;
	/** Asks for a record and nothing else. */
	test?: boolean;
	/** Asks for the report as the answer, a JSON string, in place of `'warmed'`. */
	report?: boolean;
}

/** A ping, read and checked. */
export interface Ping {
	/** Environments asked for; between 1 and `maxConcurrency`. */
	readonly concurrency: number;
	/** Set if an initiator sent it. */
	readonly child: ChildEvent | undefined;
	/** The function to warm, or undefined: this one. */
	readonly target: string | undefined;
	/** Whether nothing is to be invoked: the target is one that the options do not list. */
	readonly refused: boolean;
	readonly test: boolean;
	/** Whether the answer is to be the report. */
	readonly report: boolean;
	/** What was wrong with it, for the log. */
	readonly warnings: readonly string[];
}

type PingOptions = Pick<
	ResolvedOptions,
	"concurrency" | "maxConcurrency" | "concurrencyField" | "targetField" | "testField" | "targets"
>;

/**
 * Reads a ping, or an array of them, one per target: where two ask for the same target, the larger number counts, so
 * that no event multiplies the invocations.
 *
 * @param event one that the flag or the user's `isWarmingUp` recognised
 * @param flagged whether the flag did: a ping that only `isWarmingUp` recognises is one of as many as its scheduler
 * sends, so the option `concurrency` would multiply them
 * @param isThisFunction whether a target means the function that reads it
 */
export const readPings = (
	event: unknown,
	options: PingOptions,
	flagged: boolean,
	isThisFunction: (target: string) => boolean,
): readonly Ping[] => {
	const { concurrency, ...others } = options;
	const read = (element: unknown) =>
		readPing(element, { ...others, concurrency: flagged ? concurrency : 1 }, isThisFunction);
	if (!Array.isArray(event)) return [read(event)];
	const pings = new Map<string, Ping>();
	for (const element of event as unknown[]) {
		const ping = read(element);
		const { target, refused, test, child } = ping;
		const job = JSON.stringify([target, refused, test, Boolean(child)]);
		const known = pings.get(job);
		if (!known || known.concurrency < ping.concurrency) pings.set(job, ping);
	}
	return [...pings.values()];
};

const readPing = (event: unknown, options: PingOptions, isThisFunction: (target: string) => boolean): Ping => {
	const warnings: string[] = [];
	const child = readChildEvent(event);
	const named = child ? undefined : own(event, options.targetField);
	// Stryker disable next-line ConditionalExpression: what is no text is refused all the same
	const target = typeof named === "string" && !isThisFunction(named) ? named : undefined;
	const refused =
		target === undefined ? named !== undefined && typeof named !== "string" : !options.targets.includes(target);
	if (refused) {
		warnings.push(`target ${quote(named)} is not listed in the option targets; it was not invoked`);
	}
	return {
		concurrency: child?.concurrency ?? readConcurrency(own(event, options.concurrencyField), options, warnings),
		child,
		target: refused ? undefined : target,
		refused,
		test: own(event, options.testField) === true,
		report: !child && own(event, "report") === true,
		warnings,
	};
};

const readConcurrency = (asked: unknown, { concurrency, maxConcurrency }: PingOptions, warnings: string[]): number => {
	if (asked === undefined) return concurrency;
	const number = readCount(asked);
	if (number === undefined || number > Math.max(mostEnvironments, maxConcurrency)) {
		warnings.push(`concurrency takes an integer of 1 or more, got ${quote(asked)}; ${concurrency} is used instead`);
		return concurrency;
	}
	if (number > maxConcurrency) {
		warnings.push(`concurrency ${number} is more than maxConcurrency; ${maxConcurrency} is used instead`);
		return maxConcurrency;
	}
	return number;
};

/** An event's value as a log may show it: short, and never through a getter or `toString` of the sender's. */
const quote = (value: unknown): string =>
	typeof value === "string"
		? JSON.stringify(value.slice(0, longestCorrelationId))
		: typeof value === "number"
			? String(value)
			: typeof value;
