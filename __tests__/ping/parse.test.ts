import { describe, expect, test } from "@jest/globals";
import type { WarmupOptions } from "../../src/options.js";
import { type Ping, parsePings } from "../../src/ping/parse.js";
import { resolveOptions } from "../../src/resolve-options.js";
import { hostile, throwing } from "../support.js";

const read = (event: unknown, options: WarmupOptions = {}, flagged = true): readonly Ping[] =>
	parsePings(event, resolveOptions(options), flagged, (target) => target === "self");

const readOne = (event: unknown, options?: WarmupOptions): Ping => {
	const [ping, ...others] = read(event, options);
	expect(others).toEqual([]);
	return ping as Ping;
};

describe("parsePings", () => {
	test("reads the ping that a schedule sends", () => {
		expect(readOne({ warmer: true, concurrency: 5 })).toEqual({
			concurrency: 5,
			child: undefined,
			target: undefined,
			isRefused: false,
			isTest: false,
			wantsReport: false,
			demand: {},
			warnings: [],
		});
	});

	test("reads fields by the names that the options give them", () => {
		expect(
			readOne(
				{ n: 3, fn: "other", dry: true, concurrency: 9 },
				{ concurrencyField: "n", targetField: "fn", testField: "dry", targets: ["other"] },
			),
		).toMatchObject({ concurrency: 3, target: "other", isTest: true });
	});

	test("asks for the report only when the field is true and the event is no child's", () => {
		expect(readOne({ warmer: true, report: true }).wantsReport).toBe(true);
		expect(readOne({ warmer: true, report: 1 }).wantsReport).toBe(false);
		expect(readOne({ warmer: true, report: true, __WARMER_INVOCATION__: 2 }).wantsReport).toBe(false);
	});

	test("takes one environment when neither the ping nor its flag gives a number", () => {
		const [ping] = read({ source: "plugin" }, { concurrency: 7 }, false);
		expect(ping).toMatchObject({ concurrency: 1, warnings: [] });
		const [asking] = read({ concurrency: 3 }, { concurrency: 7 }, false);
		expect(asking).toMatchObject({ concurrency: 3 });
	});

	test("uses the option's number when the ping has none", () => {
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
		[Number.NaN, "NaN"],
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
			warnings: [`concurrency must be an integer of 1 or more, or "auto", but is ${shown}: 2 is used instead`],
		});
	});

	test.each<[unknown, string]>([
		[51, "51"],
		[5000, "5000"],
		["5000", "5000"],
		[1e9, "1000000000"],
		["9".repeat(400), "Infinity"],
		[Number.POSITIVE_INFINITY, "Infinity"],
	])("clamps a concurrency of %p to maxConcurrency, and says so", (concurrency, shown) => {
		expect(readOne({ warmer: true, concurrency }, { concurrency: 2 })).toMatchObject({
			concurrency: 50,
			warnings: [`concurrency ${shown} exceeds maxConcurrency, so 50 is used: raise maxConcurrency, or ask for less`],
		});
	});

	test("accepts a number above 1,000 when maxConcurrency allows it", () => {
		expect(readOne({ warmer: true, concurrency: 1500 }, { maxConcurrency: 2000 })).toMatchObject({
			concurrency: 1500,
			warnings: [],
		});
	});

	test('accepts "auto" from the ping and from the option', () => {
		expect(readOne({ warmer: true, concurrency: "auto" })).toMatchObject({ concurrency: "auto", warnings: [] });
		expect(readOne({ warmer: true }, { concurrency: "auto" })).toMatchObject({ concurrency: "auto", warnings: [] });
	});

	test("takes one environment when only isWarmingUp recognizes the ping and the option is automatic", () => {
		expect(read({}, { concurrency: "auto" }, false)).toMatchObject([{ concurrency: 1 }]);
	});

	test("reads the demand that a ping hands over, and none of its malformed entries", () => {
		const hour = Math.floor(Date.now() / 3_600_000);
		const demand = { [hour]: 6, [hour - 1]: 2.5, [hour - 30]: 7, [hour + 2]: 9, x: 1 };
		expect(readOne({ warmer: true, demand })).toMatchObject({ demand: { [hour]: 6 } });
	});

	test("recognizes this function by any of its names", () => {
		expect(readOne({ warmer: true, target: "self" })).toMatchObject({ target: undefined, isRefused: false });
	});

	test("accepts a target that is listed", () => {
		expect(readOne({ warmer: true, target: "other" }, { targets: ["other"] })).toMatchObject({
			target: "other",
			isRefused: false,
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
			isRefused: true,
			warnings: [`target ${shown} is not listed in the option targets: add it there to invoke it`],
		});
	});

	test("asks for a test only when the field is true", () => {
		expect(readOne({ warmer: true, test: true }).isTest).toBe(true);
		expect(readOne({ warmer: true, test: "true" }).isTest).toBe(false);
	});

	test("reads nothing but the test field besides a child's fields", () => {
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
			isRefused: false,
			isTest: true,
			wantsReport: false,
			demand: {},
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
			isTest: false,
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
			pings.map(({ target, concurrency, isRefused, isTest, child }) => [
				child ? "child" : isTest ? "test" : isRefused ? "refused" : target,
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

	test("keeps the first of two pings that ask for the same number", () => {
		const first = { warmer: true, concurrency: 2, report: true };
		const second = { warmer: true, concurrency: 2 };
		expect(read([first, second])).toMatchObject([{ wantsReport: true }]);
		expect(read([second, first])).toMatchObject([{ wantsReport: false }]);
	});

	test("prefers an automatic ping when another one for the same target names a number", () => {
		const automatic = { warmer: true, concurrency: "auto" };
		const fixed = { warmer: true, concurrency: 9 };
		expect(read([fixed, automatic])).toMatchObject([{ concurrency: "auto" }]);
		expect(read([automatic, fixed])).toMatchObject([{ concurrency: "auto" }]);
	});

	test("reads the first 1,000 elements of an array, and says so", () => {
		const names = Array.from({ length: 375_000 }, (_, index) => `fn${index}`);
		const pings = names.map((target) => ({ warmer: true, target }));
		const parsed = read(pings, { targets: names.slice(0, 1200) });
		expect(parsed.map(({ target }) => target)).toEqual(names.slice(0, 1000));
		expect(parsed[0]?.warnings).toEqual([
			"the event has 375000 pings, and only the first 1000 were read: send one for each target",
		]);
		expect(read(pings.slice(0, 1000), { targets: names.slice(0, 1200) })[0]?.warnings).toEqual([]);
	});
});
