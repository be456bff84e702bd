import { describe, expect, test } from "@jest/globals";
import warmup from "../src/index.js";
import { serviceWith, useFunctionVariables } from "./ping/support.js";
import { contextFor, hostile, throwing } from "./support.js";

useFunctionVariables();

describe("a request", () => {
	test.each<unknown>([
		{ warmer: "bottle" },
		{ warmer: 1 },
		{ body: '{"warmer":true}' },
		[],
		[{ warmer: true }, { other: 1 }],
		"warmer",
		null,
		7,
	])("passes through untouched: %p", async (event) => {
		const { handler, business, sent, entries } = serviceWith();
		expect(await handler(event, contextFor())).toBe(event);
		expect(business).toHaveBeenCalledTimes(1);
		expect(business.mock.calls[0]?.[0]).toBe(event);
		expect(sent).toEqual([]);
		expect(entries).toEqual([]);
	});

	test("gets undefined, not a promise, from the hook", () => {
		const { before } = warmup();
		expect(before?.({ event: {}, context: contextFor() } as never)).toBeUndefined();
	});

	test("passes when the context is missing", () => {
		expect(warmup().before?.({ event: {}, context: undefined } as never)).toBeUndefined();
	});

	test("passes when isWarmingUp throws", async () => {
		const { handler, business } = serviceWith({
			isWarmingUp: () => {
				throw new Error("no");
			},
		});
		await handler({}, contextFor());
		expect(business).toHaveBeenCalledTimes(1);
	});
});

describe("what is a ping", () => {
	const isPing = (event: unknown, flag = "warmer") =>
		warmup({ flag, log: false }).before?.({ event, context: contextFor(), internal: {} } as never) !== undefined;

	test.each<[string, unknown]>([
		["an object", { warmer: true }],
		["a frozen one", Object.freeze({ warmer: true })],
		["one without a prototype", Object.assign(Object.create(null), { warmer: true })],
		["an array of pings", [{ warmer: true }, { warmer: true }]],
	])("recognizes %s", (_, event) => {
		expect(isPing(event)).toBe(true);
	});

	test.each<[string, unknown]>([
		["undefined", undefined],
		["null", null],
		["a string", "warmer"],
		["a flag that is a string", { warmer: "bottle" }],
		["a flag that is a number", { warmer: 1 }],
		["an inherited flag", Object.create({ warmer: true })],
		["an empty array", []],
		["an array with one event that is none", [{ warmer: true }, {}]],
		["an array with null", [null]],
		["an array with a string", ["warmer"]],
		["a getter that throws", throwing("warmer")],
		["a proxy that throws", hostile],
		["a nested ping", { body: { warmer: true } }],
		["an array of arrays of pings", [[{ warmer: true }]]],
	])("lets %s through", (_, event) => {
		expect(isPing(event)).toBe(false);
	});

	test.each(["__proto__", "constructor", "toString"])(
		"accepts %s as a flag only if the event has it itself",
		(flag) => {
			expect(isPing({}, flag)).toBe(false);
			expect(isPing(JSON.parse(`{"${flag}":true}`), flag)).toBe(true);
		},
	);
});

describe("handlers in one module graph", () => {
	test("share the environment, but not their options", async () => {
		const one = serviceWith({ flag: "one" });
		const other = serviceWith({ flag: "other", concurrency: 3 });
		await one.handler({ one: true }, contextFor());
		await other.handler({ other: true }, contextFor());
		expect(await one.handler({ other: true }, contextFor())).toEqual({ other: true });
		expect(one.records()[0]?.id).toBe(other.records()[0]?.id);
		expect(one.sent).toHaveLength(0);
		expect(other.sent).toHaveLength(2);
	});

	test("serve several invocations at once", async () => {
		const { handler, reports } = serviceWith({ concurrency: 4 });
		await Promise.all(Array.from({ length: 3 }, () => handler({ warmer: true }, contextFor())));
		expect(reports().map(({ warmed }) => warmed)).toEqual([4, 4, 4]);
	});
});
