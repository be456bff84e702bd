/**
 * Event → pings. It reads only own properties of an event that anyone may have sent, and never throws. Pure.
 *
 * @module
 */

import type { Demand } from "../demand/demand.js";
import {
	type ChildEvent,
	MAX_CORRELATION_ID_LENGTH,
	own,
	readChildEvent,
	readCount,
	readDemand,
} from "../fan-out/wire.js";
import type { ResolvedOptions } from "../options.js";

/** The ping that a schedule sends, with the default field names. */
export interface WarmupPing {
	/** Marks the event as a ping. */
	warmer: true;
	/** Environments to keep warm (count), or `"auto"`: as many as the traffic needs. Default: the option `concurrency`. */
	concurrency?: number | "auto";
	/** Another function to warm in place of this one; it must be listed in the option `targets`. */
	target?: string;
	/** Requests a record and nothing else. */
	test?: boolean;
	/** Requests the report as the answer, a JSON string, in place of `'warmed'`. */
	report?: boolean;
	/** Peaks to remember: the `demand` of another version's report. */
	demand?: Demand;
}

/** A ping, read and checked. */
export interface Ping {
	/** Environments requested, from 1 to `maxConcurrency` (count), or `"auto"`. */
	readonly concurrency: number | "auto";
	/** Set if an initiator sent it. */
	readonly child: ChildEvent | undefined;
	/** The function to warm, or undefined: this one. */
	readonly target: string | undefined;
	/** Whether nothing may be invoked: the options do not list the target. */
	readonly isRefused: boolean;
	readonly isTest: boolean;
	/** Whether to answer with the report. */
	readonly wantsReport: boolean;
	readonly demand: Demand;
	/** What was wrong with it, for the log. */
	readonly warnings: readonly string[];
}

type PingOptions = Pick<
	ResolvedOptions,
	"concurrency" | "maxConcurrency" | "concurrencyField" | "targetField" | "testField" | "targets"
>;

/** The most elements of an array that are read (count): Lambda invokes no more functions than this in a few seconds. */
const MAX_PINGS = 1000;

/**
 * Reads a ping, or an array of them, one for each target: if two ask for the same target, the larger number counts, so
 * that no event multiplies the invocations. `"auto"` counts as larger than any number.
 *
 * @param event recognized by the flag or by the user's `isWarmingUp`
 * @param isFlagged whether the flag marks it. A scheduler may send several pings that only `isWarmingUp` recognizes, so
 * the option `concurrency` would multiply them
 * @param isThisFunction whether a target is the function that reads it
 */
export function parsePings(
	event: unknown,
	options: PingOptions,
	isFlagged: boolean,
	isThisFunction: (target: string) => boolean,
): readonly Ping[] {
	const pingOptions = isFlagged ? options : { ...options, concurrency: 1 };
	const parse = (element: unknown) => parsePing(element, pingOptions, isThisFunction);
	if (!Array.isArray(event)) return [parse(event)];
	const pings = new Map<string, Ping>();
	for (const element of event.slice(0, MAX_PINGS)) {
		const ping = parse(element);
		const { target, isRefused, isTest, child } = ping;
		const key = JSON.stringify([target, isRefused, isTest, Boolean(child)]);
		const known = pings.get(key);
		if (!known || sizeOf(known) < sizeOf(ping)) pings.set(key, ping);
	}
	const [first, ...others] = pings.values();
	if (!first || event.length <= MAX_PINGS) return [...pings.values()];
	const warning = `the event has ${event.length} pings, and only the first ${MAX_PINGS} were read: send one for each target`;
	return [{ ...first, warnings: [...first.warnings, warning] }, ...others];
}

function sizeOf({ concurrency }: Ping): number {
	return concurrency === "auto" ? Number.POSITIVE_INFINITY : concurrency;
}

function parsePing(event: unknown, options: PingOptions, isThisFunction: (target: string) => boolean): Ping {
	const warnings: string[] = [];
	const child = readChildEvent(event);
	const named = child ? undefined : own(event, options.targetField);
	// Stryker disable next-line ConditionalExpression: a target that is not text is refused all the same
	const target = typeof named === "string" && !isThisFunction(named) ? named : undefined;
	const isRefused =
		target === undefined ? named !== undefined && typeof named !== "string" : !options.targets.includes(target);
	if (isRefused) {
		warnings.push(`target ${quote(named)} is not listed in the option targets: add it there to invoke it`);
	}
	return {
		concurrency: child?.concurrency ?? readConcurrency(own(event, options.concurrencyField), options, warnings),
		child,
		target: isRefused ? undefined : target,
		isRefused,
		isTest: own(event, options.testField) === true,
		wantsReport: !child && own(event, "report") === true,
		demand: child ? (child.verify?.demand ?? {}) : readDemand(own(event, "demand")),
		warnings,
	};
}

function readConcurrency(
	requested: unknown,
	{ concurrency, maxConcurrency }: PingOptions,
	warnings: string[],
): number | "auto" {
	if (requested === undefined) return concurrency;
	if (requested === "auto") return requested;
	const count = typeof requested === "string" && /^\d+$/.test(requested) ? Number(requested) : requested;
	if (typeof count === "number" && count > maxConcurrency) {
		warnings.push(
			`concurrency ${count} exceeds maxConcurrency, so ${maxConcurrency} is used: raise maxConcurrency, or ask for less`,
		);
		return maxConcurrency;
	}
	const valid = readCount(count);
	if (valid === undefined) {
		warnings.push(
			`concurrency must be an integer of 1 or more, or "auto", but is ${quote(requested)}: ${concurrency} is used instead`,
		);
	}
	return valid ?? concurrency;
}

/** An event's value as a log may show it: short, and without running any code of the sender's. */
function quote(value: unknown): string {
	return typeof value === "string"
		? JSON.stringify(value.slice(0, MAX_CORRELATION_ID_LENGTH))
		: typeof value === "number"
			? String(value)
			: typeof value;
}
