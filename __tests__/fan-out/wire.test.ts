import { describe, expect, test } from "@jest/globals";
import {
	type ChildEvent,
	type Identity,
	own,
	readChildEvent,
	readCount,
	readDemand,
	readIdentity,
	writeChildEvent,
	writeIdentity,
} from "../../src/fan-out/wire.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
/** Only hours of the last day count. */
const hour = Math.floor(Date.now() / 3_600_000);
const demand = { [hour]: 3 };

describe("a child's event", () => {
	const verify = { until: 1000, delay: 0, demand };
	const child: ChildEvent = { number: 2, concurrency: 5, correlationId: "c", verify };

	test("reads as it was written", () => {
		expect(readChildEvent(JSON.parse(writeChildEvent("warmer", child)))).toEqual(child);
		const unverified = { ...child, verify: undefined };
		expect(readChildEvent(JSON.parse(writeChildEvent("warmer", unverified)))).toEqual(unverified);
	});

	test("has lambda-warmer's fields whatever the flag's name is", () => {
		expect(writeChildEvent("__proto__", { ...child, verify: undefined })).toBe(
			'{"__proto__":true,"__WARMER_INVOCATION__":2,"__WARMER_CONCURRENCY__":5,"__WARMER_CORRELATIONID__":"c"}',
		);
	});

	test("has the fields of verified warming when it is asked to verify", () => {
		expect(JSON.parse(writeChildEvent("ping", child))).toEqual({
			ping: true,
			__WARMER_INVOCATION__: 2,
			__WARMER_CONCURRENCY__: 5,
			__WARMER_CORRELATIONID__: "c",
			__WARMER_VERIFY__: true,
			__WARMER_UNTIL__: 1000,
			__WARMER_DELAY__: 0,
			__WARMER_DEMAND__: demand,
		});
	});

	test("has no demand when no peak is known", () => {
		const event = writeChildEvent("ping", { ...child, verify: { ...verify, demand: {} } });
		expect(JSON.parse(event)).not.toHaveProperty("__WARMER_DEMAND__");
	});

	test.each<unknown>([undefined, null, "text", { warmer: true }, Object.create({ __WARMER_INVOCATION__: 2 })])(
		"is not read from %p",
		(event) => {
			expect(readChildEvent(event)).toBeUndefined();
		},
	);

	test.each<unknown>([{}, null, "many", -1, 1e300])("stays a child's when its numbers are %p", (value) => {
		expect(readChildEvent({ __WARMER_INVOCATION__: value, __WARMER_CONCURRENCY__: value })).toEqual({
			number: 1,
			concurrency: 1,
			correlationId: undefined,
			verify: undefined,
		});
	});

	test.each<unknown>([-1, "75", Number.NaN, Number.POSITIVE_INFINITY, {}, null])(
		"has no hold and no demand when they are %p",
		(value) => {
			const event = {
				__WARMER_INVOCATION__: 2,
				__WARMER_VERIFY__: true,
				__WARMER_UNTIL__: value,
				__WARMER_DELAY__: value,
				__WARMER_DEMAND__: value,
			};
			expect(readChildEvent(event)?.verify).toEqual({ until: undefined, delay: undefined, demand: {} });
		},
	);

	test("does not hold when it is not asked to verify", () => {
		const event = { __WARMER_INVOCATION__: 2, __WARMER_VERIFY__: "true", __WARMER_UNTIL__: 5, __WARMER_DELAY__: 5 };
		expect(readChildEvent(event)?.verify).toBeUndefined();
	});

	test.each<[unknown, string | undefined]>([
		["c".repeat(256), "c".repeat(256)],
		["c".repeat(257), undefined],
		["", undefined],
		[7, undefined],
		[["c"], undefined],
	])("bounds the correlation id: %p", (sent, expected) => {
		expect(readChildEvent({ __WARMER_INVOCATION__: 2, __WARMER_CORRELATIONID__: sent })?.correlationId).toBe(expected);
	});
});

describe("a child's answer", () => {
	const served = { requests: 7, coldStart: true, sinceMs: 300_000, busySeconds: [105, 101, 100] };
	const identity: Identity = { id: "e1", start: "warm", startedAt: 5, served, demand };
	const plain = { id: "e1", start: "warm", startedAt: 5 };
	const written = { action: "warmer", ...plain };
	const readWritten = (value: unknown) => readIdentity(bytes(JSON.stringify(value)));

	test("is read raw, quoted, and quoted without escaping", () => {
		const answer = writeIdentity(identity);
		for (const text of [answer, JSON.stringify(answer), `"${answer}"`]) {
			expect(readIdentity(bytes(text))).toEqual(identity);
		}
	});

	test("has no traffic and no demand when its environment records no requests", () => {
		const answer = writeIdentity({ ...identity, served: undefined });
		expect(JSON.parse(answer)).toEqual(written);
		expect(readIdentity(bytes(answer))).toEqual({ ...plain, served: undefined, demand: {} });
	});

	test.each(["cold", "warm", "proactive"] as const)("tells a %s start", (start) => {
		expect(readIdentity(bytes(writeIdentity({ ...identity, start })))).toEqual({ ...identity, start });
	});

	test.each<[string, unknown]>([
		["lambda-warmer's true", true],
		["our own 'warmed'", "warmed"],
		["null", null],
		["a number", 7],
		["an HTTP response", { statusCode: 200, body: "{}" }],
		["another action", { ...written, action: "other" }],
		["no action", plain],
		["an id that is a number", { ...written, id: 1 }],
		["an id in an array", { ...written, id: ["e1"] }],
		["an empty id", { ...written, id: "" }],
		["an id that is too long", { ...written, id: "x".repeat(129) }],
		["an unknown start", { ...written, start: "hot" }],
		["a start time that is text", { ...written, startedAt: "5" }],
		["no start time", { ...written, startedAt: undefined }],
	])("is not read from %s", (_, answer) => {
		expect(readWritten(answer)).toBeUndefined();
	});

	test.each<[string, unknown]>([
		["null", null],
		["text", "busy"],
		["no count", { coldStart: true }],
		["a negative count", { requests: -1 }],
		["half a request", { requests: 0.5 }],
		["too large a count", { requests: 2 ** 53 }],
	])("has no traffic when that is %s", (_, traffic) => {
		expect(readWritten({ ...written, traffic })).toEqual({ ...plain, served: undefined, demand: {} });
	});

	test("keeps the count of requests when the other fields are malformed", () => {
		const traffic = { requests: 0, coldStart: "true", sinceMs: -1 };
		expect(readWritten({ ...written, traffic })?.served).toEqual({
			requests: 0,
			coldStart: false,
			sinceMs: 0,
			busySeconds: [],
		});
	});

	test.each(["", "{", '"{', '"{"', '"{}', "warmed"])("is not read from text that is not JSON: %p", (text) => {
		expect(readIdentity(bytes(text))).toBeUndefined();
	});

	test("is not read from text that only contains it", () => {
		const quoted = `"${writeIdentity(identity)}"`;
		for (const text of [`x${quoted}`, `${quoted}x`]) expect(readIdentity(bytes(text))).toBeUndefined();
	});

	test("is not read when there is none", () => {
		expect(readIdentity(undefined)).toBeUndefined();
	});

	test("is not read when it is longer than 1,024 bytes", () => {
		const padded = writeIdentity(identity).padEnd(1024);
		expect(readIdentity(bytes(padded))).toEqual(identity);
		expect(readIdentity(bytes(`${padded} `))).toBeUndefined();
	});

	test("is read when its id has the greatest length", () => {
		const long = { ...identity, id: "x".repeat(128) };
		expect(readIdentity(bytes(writeIdentity(long)))).toEqual(long);
	});
});

test("reads the peaks of the last day, and no malformed ones", () => {
	const event = { [hour]: 3, [hour - 1]: "4", [hour - 2]: 0, [hour - 30]: 5, [hour + 1]: 6, other: 7 };
	expect(readDemand(event)).toEqual({ [hour]: 3 });
	expect(readDemand(undefined)).toEqual({});
});

describe("readCount", () => {
	test.each<[unknown, number | undefined]>([
		[1, 1],
		[Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
		["5", 5],
		["005", 5],
		["1000000000", 1_000_000_000],
		["9007199254740992", undefined],
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

test("reads an own field, runs no getter, and survives a proxy that throws", () => {
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
