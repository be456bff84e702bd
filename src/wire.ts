/**
 * What initiator and child tell each other, each written and read side by side: docs/wire-protocol.md in code.
 *
 * @module
 */

import type { Start } from "./report.js";

/** What an initiator tells a child. */
export interface ChildEvent {
	/** Number of this child; the initiator is 1 where it is one of the environments asked for. */
	readonly number: number;
	/** Environments asked for (count). */
	readonly concurrency: number;
	readonly correlationId: string | undefined;
	/** Verified warming: answer with the identity, and hold. Undefined: lambda-warmer's protocol. */
	readonly verify:
		| {
				/** Epoch ms until which to hold, or undefined: the child's own delay. */
				readonly until: number | undefined;
				/** The hold, in ms, to learn, or undefined. */
				readonly delay: number | undefined;
		  }
		| undefined;
}

/** Writes a child's event: lambda-warmer's fields, and what a verifying child needs. */
export const writeChildEvent = (flag: string, { number, concurrency, correlationId, verify }: ChildEvent): string =>
	JSON.stringify({
		// Computed, so that no name of a flag is taken for a prototype.
		[flag]: true,
		__WARMER_INVOCATION__: number,
		__WARMER_CONCURRENCY__: concurrency,
		__WARMER_CORRELATIONID__: correlationId,
		...(verify && { __WARMER_VERIFY__: true, __WARMER_UNTIL__: verify.until, __WARMER_DELAY__: verify.delay }),
	});

/** Reads a child's event; undefined for any other. Anybody may have sent it: what is malformed counts as left out. */
export const readChildEvent = (event: unknown): ChildEvent | undefined => {
	if (property(event, "__WARMER_INVOCATION__") === undefined) return undefined;
	return {
		number: readCount(own(event, "__WARMER_INVOCATION__")) ?? 1,
		concurrency: readCount(own(event, "__WARMER_CONCURRENCY__")) ?? 1,
		correlationId: readId(own(event, "__WARMER_CORRELATIONID__")),
		verify:
			own(event, "__WARMER_VERIFY__") === true
				? { until: readMs(own(event, "__WARMER_UNTIL__")), delay: readMs(own(event, "__WARMER_DELAY__")) }
				: undefined,
	};
};

/** What a child says of itself when it is asked to verify. */
export interface Identity {
	/** Of its environment; at most 128 characters. */
	readonly id: string;
	readonly start: Start;
	/** When the ping was handed to the child (epoch ms by its own clock). */
	readonly startedAt: number;
}

const longestAnswer = 1024;
const longestEnvironmentId = 128;

/** Writes a child's answer; a string, so that a response-streaming handler can send it too. */
export const writeIdentity = ({ id, start, startedAt }: Identity): string =>
	JSON.stringify({ action: "warmer", id, start, startedAt });

/**
 * Reads a child's answer: raw from a stream, quoted by a runtime, or quoted without escaping, as serverless-offline
 * does. Anything else is `undefined`.
 */
export const readIdentity = (payload: Uint8Array | undefined): Identity | undefined => {
	if (!payload || payload.length > longestAnswer) return undefined;
	const text = new TextDecoder().decode(payload);
	try {
		let answer: unknown = JSON.parse(/^"(\{".*\})"$/.exec(text)?.[1] ?? text);
		if (typeof answer === "string") answer = JSON.parse(answer);
		const { action, id, start, startedAt } = answer as Record<string, unknown>;
		if (
			action === "warmer" &&
			typeof id === "string" &&
			id !== "" &&
			id.length <= longestEnvironmentId &&
			(start === "cold" || start === "warm" || start === "proactive") &&
			Number.isFinite(startedAt)
		) {
			return { id, start, startedAt: startedAt as number };
		}
	} catch {
		// No JSON, or none with fields: no identity.
	}
	return undefined;
};

/** Characters of a correlation id. */
export const longestCorrelationId = 256;

/** An integer of 1 or more, also as the digits that a template engine made of it; anything else is undefined. */
export const readCount = (value: unknown): number | undefined => {
	const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value;
	return Number.isSafeInteger(number) && (number as number) >= 1 ? (number as number) : undefined;
};

const readMs = (value: unknown): number | undefined =>
	Number.isFinite(value) && (value as number) >= 0 ? (value as number) : undefined;

const readId = (value: unknown): string | undefined =>
	typeof value === "string" && value !== "" && value.length <= longestCorrelationId ? value : undefined;

/** The value of an event's own field; undefined where it has none. */
export const own = (event: unknown, field: string): unknown => property(event, field)?.value;

/** An own property. Runs no getter, and finds none where a proxy objects, or where there is no object. */
const property = (event: unknown, field: string): PropertyDescriptor | undefined => {
	try {
		return Object.getOwnPropertyDescriptor(event, field);
	} catch {
		// As if it had none.
	}
	return undefined;
};
