import { describe, expect, test } from "@jest/globals";
import { resolveOptions, type WarmupOptions } from "../src/options.js";
import { type Ping, readPings } from "../src/ping.js";
import { hostile, throwing } from "./support.js";

const read = (event: unknown, options: WarmupOptions = {}, flagged = true): readonly Ping[] =>
	readPings(event, resolveOptions(options), flagged, (target) => target === "self");

const readOne = (event: unknown, options?: WarmupOptions): Ping => {
	const [ping, ...others] = read(event, options);
	expect(others).toEqual([]);
	return ping as Ping;
};

describe("readPings", () => {
	test("reads the scheduler's ping", () => {
		expect(readOne({ warmer: true, concurrency: 5 })).toEqual({
			concurrency: 5,
			child: undefined,
			target: undefined,
			refused: false,
			test: false,
			report: false,
			warnings: [],
		});
	});

	test("reads fields by the names that the options give them", () => {
		expect(
			readOne(
				{ n: 3, fn: "other", dry: true, concurrency: 9 },
				{ concurrencyField: "n", targetField: "fn", testField: "dry", targets: ["other"] },
			),
		).toMatchObject({ concurrency: 3, target: "other", test: true });
	});

	test("only a report field of true asks for the report, and no child's", () => {
		expect(readOne({ warmer: true, report: true }).report).toBe(true);
		expect(readOne({ warmer: true, report: 1 }).report).toBe(false);
		expect(readOne({ warmer: true, report: true, __WARMER_INVOCATION__: 2 }).report).toBe(false);
	});

	test("takes one environment where neither the ping nor its flag tells a number", () => {
		const [ping] = read({ source: "plugin" }, { concurrency: 7 }, false);
		expect(ping).toMatchObject({ concurrency: 1, warnings: [] });
		const [asking] = read({ concurrency: 3 }, { concurrency: 7 }, false);
		expect(asking).toMatchObject({ concurrency: 3 });
	});

	test("uses the option's number where the ping names none", () => {
		expect(readOne({ warmer: true }, { concurrency: 7 })).toMatchObject({ concurrency: 7, warnings: [] });
	});

	test.each<[unknown, number]>([
		[1, 1],
		["5", 5],
		["005", 5],
		[50, 50],
	])("takes a concurrency of %p", (concurrency, expected) => {
		expect(readOne({ warmer: true, concurrency })).toMatchObject({ concurrency: expected, warnings: [] });
	});

	test.each<[unknown, string]>([
		[0, "0"],
		[-1, "-1"],
		[2.5, "2.5"],
		[1e9, "1000000000"],
		[1001, "1001"],
		[Number.NaN, "NaN"],
		[Number.POSITIVE_INFINITY, "Infinity"],
		[{}, "object"],
		[[5], "object"],
		[null, "object"],
		[true, "boolean"],
		["", '""'],
		["-5", '"-5"'],
		["5 ", '"5 "'],
		["0x5", '"0x5"'],
		["1e3", '"1e3"'],
	])("uses the option's number for a concurrency of %p", (concurrency, shown) => {
		expect(readOne({ warmer: true, concurrency }, { concurrency: 2 })).toMatchObject({
			concurrency: 2,
			warnings: [`concurrency takes an integer of 1 or more, got ${shown}; 2 is used instead`],
		});
	});

	test("clamps what is more than maxConcurrency", () => {
		expect(readOne({ warmer: true, concurrency: 51 })).toMatchObject({
			concurrency: 50,
			warnings: ["concurrency 51 is more than maxConcurrency; 50 is used instead"],
		});
		expect(readOne({ warmer: true, concurrency: 1000 })).toMatchObject({ concurrency: 50 });
		expect(readOne({ warmer: true, concurrency: 1500 }, { maxConcurrency: 2000 })).toMatchObject({
			concurrency: 1500,
			warnings: [],
		});
	});

	test("knows this function by any name", () => {
		expect(readOne({ warmer: true, target: "self" })).toMatchObject({ target: undefined, refused: false });
	});

	test("takes a target that is listed", () => {
		expect(readOne({ warmer: true, target: "other" }, { targets: ["other"] })).toMatchObject({
			target: "other",
			refused: false,
			warnings: [],
		});
	});

	test.each<[unknown, string]>([
		["else", '"else"'],
		["", '""'],
		[7, "7"],
		[["other"], "object"],
		[{ toString: () => "other" }, "object"],
		["x".repeat(300), `"${"x".repeat(256)}"`],
	])("refuses the target %p", (target, shown) => {
		expect(readOne({ warmer: true, target }, { targets: ["other"] })).toMatchObject({
			refused: true,
			warnings: [`target ${shown} is not listed in the option targets; it was not invoked`],
		});
	});

	test("only a test field of true asks for a test", () => {
		expect(readOne({ warmer: true, test: true }).test).toBe(true);
		expect(readOne({ warmer: true, test: "true" }).test).toBe(false);
	});

	test("of a child reads nothing else, but the test field", () => {
		expect(
			readOne({
				warmer: true,
				__WARMER_INVOCATION__: 3,
				__WARMER_CONCURRENCY__: 5,
				__WARMER_CORRELATIONID__: "c",
				concurrency: 9,
				target: "else",
				report: true,
				test: true,
			}),
		).toEqual({
			concurrency: 5,
			child: { number: 3, concurrency: 5, correlationId: "c", verify: undefined },
			target: undefined,
			refused: false,
			test: true,
			report: false,
			warnings: [],
		});
	});

	test.each<[string, unknown]>([
		["undefined", undefined],
		["null", null],
		["a string", "serverless-plugin-warmup"],
		["a proxy that throws", hostile],
		["getters that throw", throwing("concurrency", "target", "test")],
		["inherited fields", Object.create({ concurrency: 9, __WARMER_INVOCATION__: 2 })],
	])("reads nothing of %s", (_, event) => {
		expect(readOne(event, { concurrency: 2 })).toMatchObject({
			concurrency: 2,
			child: undefined,
			target: undefined,
			test: false,
		});
	});

	test("reads an array in its order, one ping per target, the largest", () => {
		const pings = read(
			[
				{ warmer: true, concurrency: 2 },
				{ warmer: true, concurrency: 3, target: "other" },
				{ warmer: true, concurrency: 9, target: "self" },
				{ warmer: true, concurrency: 4, target: "third" },
				{ warmer: true, concurrency: 8, target: "fourth" },
				{ warmer: true, test: true },
				{ warmer: true, __WARMER_INVOCATION__: 2, target: "other" },
				{ warmer: true, __WARMER_INVOCATION__: 3 },
				{ warmer: true, concurrency: 2, target: "other" },
			],
			{ targets: ["other"] },
		);
		expect(
			pings.map(({ target, concurrency, refused, test, child }) => [
				child ? "child" : test ? "test" : refused ? "refused" : target,
				concurrency,
			]),
		).toEqual([
			[undefined, 9],
			["other", 3],
			["refused", 8],
			["test", 1],
			["child", 1],
		]);
	});

	test("of two that ask for as much, reads the first", () => {
		const first = { warmer: true, concurrency: 2, report: true };
		const second = { warmer: true, concurrency: 2 };
		expect(read([first, second])).toMatchObject([{ report: true }]);
		expect(read([second, first])).toMatchObject([{ report: false }]);
	});

	test("10,000 pings in an array are one", () => {
		expect(read(Array.from({ length: 10_000 }, () => ({ warmer: true, concurrency: 50 })))).toHaveLength(1);
	});
});
