import { describe, expect, test } from "@jest/globals";
import { resolveOptions, type WarmupOptions } from "../src/options.js";
import { isPing, type Ping, readPings } from "../src/ping.js";

const read = (event: unknown, options: WarmupOptions = {}): readonly Ping[] =>
	readPings(event, resolveOptions(options), (target) => target === "self");

const readOne = (event: unknown, options?: WarmupOptions): Ping => {
	const [ping, ...others] = read(event, options);
	expect(others).toEqual([]);
	return ping as Ping;
};

const throwing = (...fields: string[]) =>
	Object.defineProperties(
		{},
		Object.fromEntries(
			fields.map((field) => [
				field,
				{
					enumerable: true,
					get: () => {
						throw new Error("getter");
					},
				},
			]),
		),
	);

const hostile = new Proxy(
	{},
	{
		get: () => {
			throw new Error("get");
		},
		getOwnPropertyDescriptor: () => {
			throw new Error("descriptor");
		},
	},
);

describe("isPing", () => {
	test.each<[string, unknown]>([
		["an object", { warmer: true }],
		["a frozen one", Object.freeze({ warmer: true })],
		[
			"one without a prototype",
			Object.assign(Object.create(null), { warmer: true }),
		],
		["an array of pings", [{ warmer: true }, { warmer: true }]],
	])("takes %s", (_, event) => {
		expect(isPing(event, "warmer")).toBe(true);
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
		expect(isPing(event, "warmer")).toBe(false);
	});

	test.each(["__proto__", "constructor", "toString"])(
		"takes %s as a flag only where the event has it itself",
		(flag) => {
			expect(isPing({}, flag)).toBe(false);
			expect(isPing(JSON.parse(`{"${flag}":true}`), flag)).toBe(true);
		},
	);
});

describe("readPings", () => {
	test("reads the scheduler's ping", () => {
		expect(readOne({ warmer: true, concurrency: 5 })).toEqual({
			count: 1,
			concurrency: 5,
			correlationId: undefined,
			child: undefined,
			target: undefined,
			refused: false,
			test: false,
			warnings: [],
		});
	});

	test("reads fields by the names that the options give them", () => {
		expect(
			readOne(
				{ n: 3, fn: "other", dry: true, concurrency: 9 },
				{
					concurrencyField: "n",
					targetField: "fn",
					testField: "dry",
					targets: ["other"],
				},
			),
		).toMatchObject({ concurrency: 3, target: "other", test: true });
	});

	test("uses the option's number where the ping names none", () => {
		expect(readOne({ warmer: true }, { concurrency: 7 })).toMatchObject({
			concurrency: 7,
			warnings: [],
		});
	});

	test.each<[unknown, number]>([
		[1, 1],
		["5", 5],
		["005", 5],
		[50, 50],
	])("takes a concurrency of %p", (concurrency, expected) => {
		expect(readOne({ warmer: true, concurrency })).toMatchObject({
			concurrency: expected,
			warnings: [],
		});
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
	])(
		"uses the option's number for a concurrency of %p",
		(concurrency, shown) => {
			expect(
				readOne({ warmer: true, concurrency }, { concurrency: 2 }),
			).toMatchObject({
				concurrency: 2,
				warnings: [
					`concurrency takes an integer of 1 or more, got ${shown}; 2 is used instead`,
				],
			});
		},
	);

	test("clamps what is more than maxConcurrency", () => {
		expect(readOne({ warmer: true, concurrency: 51 })).toMatchObject({
			concurrency: 50,
			warnings: [
				"concurrency 51 is more than maxConcurrency; 50 is used instead",
			],
		});
		expect(readOne({ warmer: true, concurrency: 1000 })).toMatchObject({
			concurrency: 50,
		});
		expect(
			readOne({ warmer: true, concurrency: 1500 }, { maxConcurrency: 2000 }),
		).toMatchObject({ concurrency: 1500, warnings: [] });
	});

	test("knows this function by any name", () => {
		expect(readOne({ warmer: true, target: "self" })).toMatchObject({
			target: undefined,
			refused: false,
		});
	});

	test("takes a target that is listed", () => {
		expect(
			readOne({ warmer: true, target: "other" }, { targets: ["other"] }),
		).toMatchObject({ target: "other", refused: false, warnings: [] });
	});

	test.each<[unknown, string]>([
		["else", '"else"'],
		["", '""'],
		[7, "7"],
		[["other"], "object"],
		[{ toString: () => "other" }, "object"],
		["x".repeat(300), `"${"x".repeat(256)}"`],
	])("refuses the target %p", (target, shown) => {
		expect(
			readOne({ warmer: true, target }, { targets: ["other"] }),
		).toMatchObject({
			refused: true,
			warnings: [
				`target ${shown} is not listed in the option targets; it was not invoked`,
			],
		});
	});

	test("only a test field of true asks for a test", () => {
		expect(readOne({ warmer: true, test: true }).test).toBe(true);
		expect(readOne({ warmer: true, test: "true" }).test).toBe(false);
	});

	test("reads lambda-warmer's child", () => {
		expect(
			readOne({
				warmer: true,
				__WARMER_INVOCATION__: 3,
				__WARMER_CONCURRENCY__: 5,
				__WARMER_CORRELATIONID__: "c",
				concurrency: 9,
				target: "else",
			}),
		).toEqual({
			count: 3,
			concurrency: 5,
			correlationId: "c",
			child: { verify: false, until: undefined, delay: undefined },
			target: undefined,
			refused: false,
			test: false,
			warnings: [],
		});
	});

	test("reads a verifying child", () => {
		expect(
			readOne({
				warmer: true,
				__WARMER_INVOCATION__: 2,
				__WARMER_CONCURRENCY__: 5,
				__WARMER_VERIFY__: true,
				__WARMER_UNTIL__: 1_000,
				__WARMER_DELAY__: 0,
			}).child,
		).toEqual({ verify: true, until: 1_000, delay: 0 });
	});

	test.each<unknown>([
		-1,
		"75",
		Number.NaN,
		Number.POSITIVE_INFINITY,
		{},
		null,
	])("does not take %p for a hold", (value) => {
		expect(
			readOne({
				warmer: true,
				__WARMER_INVOCATION__: 2,
				__WARMER_VERIFY__: true,
				__WARMER_UNTIL__: value,
				__WARMER_DELAY__: value,
			}).child,
		).toEqual({ verify: true, until: undefined, delay: undefined });
	});

	test("takes no hold from a child that is not asked to verify", () => {
		expect(
			readOne({
				warmer: true,
				__WARMER_INVOCATION__: 2,
				__WARMER_VERIFY__: "true",
				__WARMER_UNTIL__: 5,
				__WARMER_DELAY__: 5,
			}).child,
		).toEqual({ verify: false, until: undefined, delay: undefined });
	});

	test("a child stays a child, whatever its numbers are", () => {
		expect(
			readOne({
				warmer: true,
				__WARMER_INVOCATION__: {},
				__WARMER_CONCURRENCY__: "many",
				concurrency: 40,
			}),
		).toMatchObject({ count: 1, concurrency: 1, child: { verify: false } });
	});

	test.each<[unknown, string | undefined]>([
		["c".repeat(256), "c".repeat(256)],
		["c".repeat(257), undefined],
		["", undefined],
		[7, undefined],
	])("bounds the correlation id", (sent, expected) => {
		expect(
			readOne({ warmer: true, __WARMER_CORRELATIONID__: sent }).correlationId,
		).toBe(expected);
	});

	test.each<[string, unknown]>([
		["undefined", undefined],
		["null", null],
		["a string", "serverless-plugin-warmup"],
		["a proxy that throws", hostile],
		["getters that throw", throwing("concurrency", "target", "test")],
		[
			"inherited fields",
			Object.create({ concurrency: 9, __WARMER_INVOCATION__: 2 }),
		],
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
		const named = (id: string) => ({
			warmer: true,
			concurrency: 2,
			__WARMER_CORRELATIONID__: id,
		});
		expect(read([named("first"), named("second")])).toMatchObject([
			{ correlationId: "first" },
		]);
	});

	test("10,000 pings in an array are one", () => {
		expect(
			read(
				Array.from({ length: 10_000 }, () => ({
					warmer: true,
					concurrency: 50,
				})),
			),
		).toHaveLength(1);
	});
});
