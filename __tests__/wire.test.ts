import { describe, expect, test } from "@jest/globals";
import {
	type ChildEvent,
	own,
	readChildEvent,
	readCount,
	readIdentity,
	writeChildEvent,
	writeIdentity,
} from "../src/wire.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("a child's event", () => {
	const child: ChildEvent = { number: 2, concurrency: 5, correlationId: "c", verify: { until: 1000, delay: 0 } };

	test("is read as it was written", () => {
		expect(readChildEvent(JSON.parse(writeChildEvent("warmer", child)))).toEqual(child);
		const unverified = { ...child, verify: undefined };
		expect(readChildEvent(JSON.parse(writeChildEvent("warmer", unverified)))).toEqual(unverified);
	});

	test("has lambda-warmer's fields, whatever the flag's name is", () => {
		expect(writeChildEvent("__proto__", { ...child, verify: undefined })).toBe(
			'{"__proto__":true,"__WARMER_INVOCATION__":2,"__WARMER_CONCURRENCY__":5,"__WARMER_CORRELATIONID__":"c"}',
		);
		expect(JSON.parse(writeChildEvent("ping", child))).toEqual({
			ping: true,
			__WARMER_INVOCATION__: 2,
			__WARMER_CONCURRENCY__: 5,
			__WARMER_CORRELATIONID__: "c",
			__WARMER_VERIFY__: true,
			__WARMER_UNTIL__: 1000,
			__WARMER_DELAY__: 0,
		});
	});

	test.each<unknown>([undefined, null, "text", { warmer: true }, Object.create({ __WARMER_INVOCATION__: 2 })])(
		"is not read from %p",
		(event) => {
			expect(readChildEvent(event)).toBeUndefined();
		},
	);

	test.each<unknown>([{}, null, "many", -1, 1e300])("stays a child's, whatever its numbers are: %p", (value) => {
		expect(readChildEvent({ __WARMER_INVOCATION__: value, __WARMER_CONCURRENCY__: value })).toEqual({
			number: 1,
			concurrency: 1,
			correlationId: undefined,
			verify: undefined,
		});
	});

	test.each<unknown>([-1, "75", Number.NaN, Number.POSITIVE_INFINITY, {}, null])("holds not for %p", (value) => {
		expect(
			readChildEvent({
				__WARMER_INVOCATION__: 2,
				__WARMER_VERIFY__: true,
				__WARMER_UNTIL__: value,
				__WARMER_DELAY__: value,
			})?.verify,
		).toEqual({ until: undefined, delay: undefined });
	});

	test("holds for nobody who is not asked to verify", () => {
		expect(
			readChildEvent({ __WARMER_INVOCATION__: 2, __WARMER_VERIFY__: "true", __WARMER_UNTIL__: 5, __WARMER_DELAY__: 5 })
				?.verify,
		).toBeUndefined();
	});

	test.each<[unknown, string | undefined]>([
		["c".repeat(256), "c".repeat(256)],
		["c".repeat(257), undefined],
		["", undefined],
		[7, undefined],
		[["c"], undefined],
	])("bounds the correlation id", (sent, expected) => {
		expect(readChildEvent({ __WARMER_INVOCATION__: 2, __WARMER_CORRELATIONID__: sent })?.correlationId).toBe(expected);
	});
});

describe("a child's answer", () => {
	const identity = { id: "e1", start: "warm", startedAt: 5 } as const;
	const written = { action: "warmer", ...identity };

	test("is read raw, quoted, and quoted without escaping", () => {
		const answer = writeIdentity(identity);
		for (const text of [answer, JSON.stringify(answer), `"${answer}"`]) {
			expect(readIdentity(bytes(text))).toEqual(identity);
		}
	});

	test.each(["cold", "warm", "proactive"] as const)("tells a %s start", (start) => {
		const told = { ...identity, start };
		expect(readIdentity(bytes(writeIdentity(told)))).toEqual(told);
	});

	test.each<[string, unknown]>([
		["lambda-warmer's true", true],
		["our own 'warmed'", "warmed"],
		["null", null],
		["a number", 7],
		["an HTTP response", { statusCode: 200, body: "{}" }],
		["another action", { ...written, action: "other" }],
		["no action", identity],
		["an id that is a number", { ...written, id: 1 }],
		["an id in an array", { ...written, id: ["e1"] }],
		["an empty id", { ...written, id: "" }],
		["an id that is too long", { ...written, id: "x".repeat(129) }],
		["an unknown start", { ...written, start: "hot" }],
		["a start time that is text", { ...written, startedAt: "5" }],
		["no start time", { ...written, startedAt: undefined }],
	])("is not read from %s", (_, answer) => {
		expect(readIdentity(bytes(JSON.stringify(answer)))).toBeUndefined();
	});

	test.each(["", "{", '"{', '"{"', '"{}', "warmed"])("is not read from what is no JSON: %p", (text) => {
		expect(readIdentity(bytes(text))).toBeUndefined();
	});

	test("is not read from what only contains it", () => {
		const quoted = `"${writeIdentity(identity)}"`;
		expect(readIdentity(bytes(quoted))).toEqual(identity);
		for (const text of [`x${quoted}`, `${quoted}x`]) expect(readIdentity(bytes(text))).toBeUndefined();
	});

	test("is not read where there is none", () => {
		expect(readIdentity(undefined)).toBeUndefined();
	});

	test("is not even looked for in a large one", () => {
		const padded = writeIdentity(identity).padEnd(1024);
		expect(readIdentity(bytes(padded))).toEqual(identity);
		expect(readIdentity(bytes(`${padded} `))).toBeUndefined();
	});

	test("is read with the longest id that is allowed", () => {
		const long = { ...identity, id: "x".repeat(128) };
		expect(readIdentity(bytes(writeIdentity(long)))).toEqual(long);
	});
});

describe("readCount", () => {
	test.each<[unknown, number | undefined]>([
		[1, 1],
		[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
		["5", 5],
		["005", 5],
		["999999999", 999_999_999],
		["1000000000", undefined],
		["0", undefined],
		["", undefined],
		["x5", undefined],
		["5 ", undefined],
		["-5", undefined],
		["0x5", undefined],
		["1e3", undefined],
		[0, undefined],
		[2.5, undefined],
		[2 ** 53, undefined],
		[[5], undefined],
		[undefined, undefined],
	])("reads %p as %p", (value, expected) => {
		expect(readCount(value)).toBe(expected);
	});
});

describe("own", () => {
	test("reads an own field, runs no getter, and survives a proxy", () => {
		const getter = {
			get field() {
				throw new Error("getter");
			},
		};
		const proxy = new Proxy(
			{},
			{
				getOwnPropertyDescriptor: () => {
					throw new Error("descriptor");
				},
			},
		);
		expect(own({ field: 1 }, "field")).toBe(1);
		for (const event of [getter, proxy, Object.create({ field: 1 }), null]) {
			expect(own(event, "field")).toBeUndefined();
		}
	});
});
