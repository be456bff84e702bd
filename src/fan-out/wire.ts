/**
 * The wire protocol: what an initiator sends to a child, and what the child answers. Each is written and read here; see
 * docs/wire-protocol.md. Pure.
 *
 * @module
 */

import { packBusySeconds, unpackBusySeconds } from "../demand/busy-seconds.js";
import { createDemand, type Demand } from "../demand/demand.js";
import type { Served } from "../demand/traffic.js";
import type { StartType } from "../report/report.js";

/** What an initiator tells a child. */
export interface ChildEvent {
	/** Number of this child (count); the initiator is 1 if it is one of the environments requested. */
	readonly number: number;
	/** Environments requested (count). */
	readonly concurrency: number;
	readonly correlationId: string | undefined;
	/** Verified warming. Undefined: lambda-warmer's protocol. */
	readonly verify: HoldInstruction | undefined;
}

/** How a child holds, and what it learns. */
export interface HoldInstruction {
	/** When to end the hold (epoch ms), or undefined: after `delay`. */
	readonly until: number | undefined;
	/** The hold (ms) to adopt, or undefined. */
	readonly delay: number | undefined;
	/** The peaks that the initiator knows of. */
	readonly demand: Demand;
}

/** The longest correlation id, in characters. */
export const MAX_CORRELATION_ID_LENGTH = 256;

/** Writes a child's event: lambda-warmer's fields, and those of verified warming. */
export function writeChildEvent(flag: string, { number, concurrency, correlationId, verify }: ChildEvent): string {
	return JSON.stringify({
		// Computed, so that no flag's name is taken for a prototype.
		[flag]: true,
		__WARMER_INVOCATION__: number,
		__WARMER_CONCURRENCY__: concurrency,
		__WARMER_CORRELATIONID__: correlationId,
		...(verify && {
			__WARMER_VERIFY__: true,
			__WARMER_UNTIL__: verify.until,
			__WARMER_DELAY__: verify.delay,
			...(Object.keys(verify.demand).length > 0 && { __WARMER_DEMAND__: verify.demand }),
		}),
	});
}

/** Reads a child's event; undefined for any other. Anyone may have sent it, so malformed fields count as absent. */
export function readChildEvent(event: unknown): ChildEvent | undefined {
	const field = (name: string) => own(event, `__WARMER_${name}__`);
	if (field("INVOCATION") === undefined) return undefined;
	return {
		number: readCount(field("INVOCATION")) ?? 1,
		concurrency: readCount(field("CONCURRENCY")) ?? 1,
		correlationId: readText(field("CORRELATIONID"), MAX_CORRELATION_ID_LENGTH),
		verify:
			field("VERIFY") === true
				? { until: readMs(field("UNTIL")), delay: readMs(field("DELAY")), demand: readDemand(field("DEMAND")) }
				: undefined,
	};
}

/** A child's answer: which environment it ran in, and what that served. */
export interface Identity {
	/** The environment's id; at most 128 characters. */
	readonly id: string;
	readonly start: StartType;
	/** When the ping was dispatched to the child (epoch ms by the child's clock). */
	readonly startedAt: number;
	/** Undefined if the environment does not record requests. */
	readonly served: Served | undefined;
	readonly demand: Demand;
}

/** The longest answer that an initiator accepts, in bytes; 0.2's initiators accept no longer one either. */
const MAX_ANSWER_LENGTH = 1024;

/** The longest id of an environment, in characters. */
export const MAX_ID_LENGTH = 128;

/** Writes a child's answer: a string, so that a response-streaming handler can send it too. */
export function writeIdentity({ id, start, startedAt, served, demand }: Identity): string {
	return JSON.stringify({
		action: "warmer",
		id,
		start,
		startedAt,
		...(served && {
			traffic: {
				requests: served.requests,
				coldStart: served.coldStart,
				sinceMs: served.sinceMs,
				busy: packBusySeconds(served.busySeconds),
			},
			demand,
		}),
	});
}

/**
 * Reads a child's answer: raw from a stream, quoted by a runtime, or quoted without escaping, as serverless-offline does.
 * Undefined for anything else.
 */
export function readIdentity(payload: Uint8Array | undefined): Identity | undefined {
	if (!payload || payload.length > MAX_ANSWER_LENGTH) return undefined;
	const text = new TextDecoder().decode(payload);
	try {
		let answer: unknown = JSON.parse(/^"(\{".*\})"$/.exec(text)?.[1] ?? text);
		if (typeof answer === "string") answer = JSON.parse(answer);
		const { action, id: givenId, start, startedAt, traffic, demand } = answer as Record<string, unknown>;
		const id = readText(givenId, MAX_ID_LENGTH);
		if (
			action === "warmer" &&
			id !== undefined &&
			(start === "cold" || start === "warm" || start === "proactive") &&
			Number.isFinite(startedAt)
		) {
			return { id, start, startedAt: startedAt as number, served: readServed(traffic), demand: readDemand(demand) };
		}
	} catch {
		// The answer is not JSON, or not an object.
	}
	return undefined;
}

function readServed(traffic: unknown): Served | undefined {
	const { requests, coldStart, sinceMs, busy } = (traffic ?? {}) as Record<string, unknown>;
	if (!Number.isSafeInteger(requests) || (requests as number) < 0) return undefined;
	return {
		requests: requests as number,
		coldStart: coldStart === true,
		sinceMs: readMs(sinceMs) ?? 0,
		busySeconds: unpackBusySeconds(String(busy)),
	};
}

/** Reads a table of peaks. Anyone may have sent it, so malformed entries count as absent. */
export function readDemand(value: unknown): Demand {
	return createDemand(Date.now(), (hour) => own(value, hour));
}

/** An integer of 1 or more, or its digits as text, as a template engine makes them; undefined for anything else. */
export function readCount(value: unknown): number | undefined {
	const number = typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value;
	return Number.isSafeInteger(number) && (number as number) >= 1 ? (number as number) : undefined;
}

function readMs(value: unknown): number | undefined {
	return Number.isFinite(value) && (value as number) >= 0 ? (value as number) : undefined;
}

/** A string of 1 to `maxLength` characters; undefined for anything else. */
export function readText(value: unknown, maxLength: number): string | undefined {
	return typeof value === "string" && value !== "" && value.length <= maxLength ? value : undefined;
}

/** The value of an event's own field; undefined if there is none. It runs no getter, and never throws. */
export function own(event: unknown, field: string): unknown {
	try {
		return Object.getOwnPropertyDescriptor(event, field)?.value;
	} catch {
		// A proxy refused, or there is no object.
	}
	return undefined;
}
