/**
 * Event → ping. Pure: reads own properties of an event that anybody may have sent, and never throws.
 *
 * @module
 */

import type { ResolvedOptions } from "./options.js";

/**
 * A number of environments beyond this, and beyond `maxConcurrency`, is a mistake and not a wish: a function scales by
 * at most 1,000 environments every 10 s.
 */
const mostEnvironments = 1000;

const longestId = 256;

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
}

/** What an initiator asks of a child. */
export interface Child {
	/** Whether to answer with this environment's identity. */
	readonly verify: boolean;
	/** Epoch ms until which to hold, or undefined: the child's own delay. */
	readonly until: number | undefined;
	/** The hold, in ms, to learn, or undefined. */
	readonly delay: number | undefined;
}

/** A ping, read and checked. */
export interface Ping {
	/** 1 for the scheduler's ping, the initiator's numbering for a child. */
	readonly count: number;
	/** Environments asked for; between 1 and `maxConcurrency`. */
	readonly concurrency: number;
	readonly correlationId: string | undefined;
	/** Set if an initiator sent it. */
	readonly child: Child | undefined;
	/** The function to warm, or undefined: this one. */
	readonly target: string | undefined;
	/** Whether the target is one that the options do not list. */
	readonly refused: boolean;
	readonly test: boolean;
	/** What was wrong with it, for the log. */
	readonly warnings: readonly string[];
}

/** Whether an event is a ping by its flag: an object with an own flag of `true`, or a non-empty array of nothing else. */
export const isPing = (event: unknown, flag: string): boolean => {
	try {
		return (
			isFlagged(event, flag) ||
			(Array.isArray(event) &&
				event.length > 0 &&
				event.every((element: unknown) => isFlagged(element, flag)))
		);
	} catch {
		// Nothing at all, or a getter or a proxy that throws, is no scheduler's doing.
		return false;
	}
};

const isFlagged = (event: unknown, flag: string): boolean =>
	(event as Record<string, unknown>)[flag] === true &&
	Object.hasOwn(event as object, flag);

/**
 * Reads a ping, or an array of them, one per target: where two ask for the same target, the larger number counts, so
 * that no event multiplies the invocations.
 *
 * @param event one that `isPing` or the user's `isWarmingUp` recognised
 * @param isThisFunction whether a target means the function that reads it
 */
export const readPings = (
	event: unknown,
	options: ResolvedOptions,
	isThisFunction: (target: string) => boolean,
): readonly Ping[] => {
	if (!Array.isArray(event)) return [readPing(event, options, isThisFunction)];
	const pings = new Map<string, Ping>();
	for (const element of event as unknown[]) {
		const ping = readPing(element, options, isThisFunction);
		const { target, refused, test, child } = ping;
		const job = JSON.stringify([target, refused, test, Boolean(child)]);
		const known = pings.get(job);
		if (!known || known.concurrency < ping.concurrency) pings.set(job, ping);
	}
	return [...pings.values()];
};

const readPing = (
	event: unknown,
	options: ResolvedOptions,
	isThisFunction: (target: string) => boolean,
): Ping => {
	const warnings: string[] = [];
	const isChild = property(event, "__WARMER_INVOCATION__") !== undefined;
	const named = isChild ? undefined : own(event, options.targetField);
	const target =
		typeof named === "string" && !isThisFunction(named) ? named : undefined;
	const refused =
		target === undefined
			? named !== undefined && typeof named !== "string"
			: !options.targets.includes(target);
	if (refused) {
		warnings.push(
			`target ${quote(named)} is not listed in the option targets; it was not invoked`,
		);
	}
	return {
		count: isChild ? (count(own(event, "__WARMER_INVOCATION__")) ?? 1) : 1,
		concurrency: isChild
			? (count(own(event, "__WARMER_CONCURRENCY__")) ?? 1)
			: readConcurrency(
					own(event, options.concurrencyField),
					options,
					warnings,
				),
		correlationId: readId(own(event, "__WARMER_CORRELATIONID__")),
		child: isChild ? readChild(event) : undefined,
		target: refused ? undefined : target,
		refused,
		test: own(event, options.testField) === true,
		warnings,
	};
};

const readConcurrency = (
	asked: unknown,
	{ concurrency, maxConcurrency }: ResolvedOptions,
	warnings: string[],
): number => {
	if (asked === undefined) return concurrency;
	const number = count(asked);
	if (
		number === undefined ||
		number > Math.max(mostEnvironments, maxConcurrency)
	) {
		warnings.push(
			`concurrency takes an integer of 1 or more, got ${quote(asked)}; ${concurrency} is used instead`,
		);
		return concurrency;
	}
	if (number > maxConcurrency) {
		warnings.push(
			`concurrency ${number} is more than maxConcurrency; ${maxConcurrency} is used instead`,
		);
		return maxConcurrency;
	}
	return number;
};

const readChild = (event: unknown): Child => {
	const verify = own(event, "__WARMER_VERIFY__") === true;
	return {
		verify,
		until: verify ? finite(own(event, "__WARMER_UNTIL__")) : undefined,
		delay: verify ? finite(own(event, "__WARMER_DELAY__")) : undefined,
	};
};

/** An integer of 1 or more, also as the digits that a template engine made of it. */
const count = (value: unknown): number | undefined => {
	const number =
		typeof value === "string" && /^\d{1,9}$/.test(value)
			? Number(value)
			: value;
	return Number.isSafeInteger(number) && (number as number) >= 1
		? (number as number)
		: undefined;
};

const finite = (value: unknown): number | undefined =>
	Number.isFinite(value) && (value as number) >= 0
		? (value as number)
		: undefined;

const readId = (value: unknown): string | undefined =>
	typeof value === "string" && value !== "" && value.length <= longestId
		? value
		: undefined;

const own = (event: unknown, field: string): unknown =>
	property(event, field)?.value;

/** An own property. Runs no getter, and finds none where a proxy objects, or where there is no object. */
const property = (
	event: unknown,
	field: string,
): PropertyDescriptor | undefined => {
	let found: PropertyDescriptor | undefined;
	try {
		found = Object.getOwnPropertyDescriptor(event, field);
	} catch {
		// Stays undefined.
	}
	return found;
};

/** An event's value as a log may show it: short, and never through a getter or `toString` of the sender's. */
const quote = (value: unknown): string =>
	typeof value === "string"
		? JSON.stringify(value.slice(0, longestId))
		: typeof value === "number"
			? String(value)
			: typeof value;
