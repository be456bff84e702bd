import { describe, expect, test } from "@jest/globals";
import warmup, { warmupValidateOptions } from "../src/index.js";
import type { WarmupOptions } from "../src/options.js";
import { resolveOptions } from "../src/resolve-options.js";

const messageOf = (options: unknown): string => {
	try {
		resolveOptions(options as WarmupOptions);
	} catch (error) {
		expect(error).toBeInstanceOf(TypeError);
		expect((error as Error).cause).toEqual({ package: "middy-lambda-warmer" });
		return (error as Error).message;
	}
	throw new Error("nothing was thrown");
};

describe("resolveOptions", () => {
	test("fills in the defaults", () => {
		expect(resolveOptions({})).toEqual({
			concurrency: 1,
			minConcurrency: 1,
			flag: "warmer",
			concurrencyField: "concurrency",
			targetField: "target",
			testField: "test",
			verify: true,
			maxConcurrency: 50,
			maxDelay: 1000,
			maxDuration: 30_000,
			targets: [],
			log: true,
		});
	});

	test("keeps valid options at the edges of their ranges", () => {
		class AwsClient {}
		const callback = () => {};
		const given = {
			concurrency: 1,
			minConcurrency: 1,
			delay: 0,
			flag: "ping",
			concurrencyField: "environments",
			targetField: "fn",
			testField: "dry",
			isWarmingUp: callback,
			verify: false,
			maxConcurrency: 1,
			maxDelay: 1,
			maxDuration: 1,
			targets: ["other"],
			correlationId: "c".repeat(256),
			onWarmup: callback,
			onReport: callback,
			log: false,
			AwsClient,
			awsClientOptions: {},
			awsClientCapture: callback,
		};
		expect(resolveOptions(given as never)).toEqual(given);
		expect(resolveOptions({ correlationId: () => "c", log: () => {} })).toEqual(
			expect.objectContaining({ correlationId: expect.any(Function), log: expect.any(Function) }),
		);
	});

	test("treats undefined as absent", () => {
		expect(resolveOptions({ concurrency: undefined, delay: undefined })).toEqual(resolveOptions({}));
	});

	test("raises a default limit to what the options ask for", () => {
		expect(resolveOptions({ concurrency: 80, delay: 2000 })).toMatchObject({ maxConcurrency: 80, maxDelay: 2000 });
		expect(resolveOptions({ concurrency: 3, maxConcurrency: 3, delay: 9, maxDelay: 9 })).toMatchObject({
			maxConcurrency: 3,
			maxDelay: 9,
		});
	});

	test.each<[string, unknown, string]>([
		["concurrency", 0, 'concurrency must be an integer of 1 or more, or "auto", got 0'],
		["concurrency", 2.5, 'concurrency must be an integer of 1 or more, or "auto", got 2.5'],
		["concurrency", "5", 'concurrency must be an integer of 1 or more, or "auto", got "5"'],
		["concurrency", null, 'concurrency must be an integer of 1 or more, or "auto", got null'],
		["delay", -1, "delay must be an integer of 0 or more, got -1"],
		["delay", Number.NaN, "delay must be an integer of 0 or more, got NaN"],
		["minConcurrency", "auto", 'minConcurrency must be an integer of 1 or more, got "auto"'],
		["maxConcurrency", "auto", 'maxConcurrency must be an integer of 1 or more, got "auto"'],
		["maxConcurrency", 0, "maxConcurrency must be an integer of 1 or more, got 0"],
		["maxDelay", 0, "maxDelay must be an integer of 1 or more, got 0"],
		["maxDuration", 0, "maxDuration must be an integer of 1 or more, got 0"],
		["maxDuration", 1.5, "maxDuration must be an integer of 1 or more, got 1.5"],
		["verify", "yes", 'verify must be a boolean, got "yes"'],
		["verify", () => true, "verify must be a boolean, got a value of type function"],
		["isWarmingUp", true, "isWarmingUp must be a function, got true"],
		["onWarmup", {}, "onWarmup must be a function, got a value of type object"],
		["onReport", [1, "a"], 'onReport must be a function, got [1, "a"]'],
		["awsClientCapture", 1, "awsClientCapture must be a function, got 1"],
		["AwsClient", {}, "AwsClient must be a class, got a value of type object"],
		["awsClientOptions", null, "awsClientOptions must be an object, got null"],
		["awsClientOptions", "eu", 'awsClientOptions must be an object, got "eu"'],
		["correlationId", "", 'correlationId must be a string of 1 to 256 characters, or a function, got ""'],
		["correlationId", 7, "correlationId must be a string of 1 to 256 characters, or a function, got 7"],
		[
			"correlationId",
			"c".repeat(257),
			`correlationId must be a string of 1 to 256 characters, or a function, got "${"c".repeat(257)}"`,
		],
		["log", "debug", 'log must be a boolean or a function, got "debug"'],
		["targets", "a", 'targets must be an array of non-empty strings, got "a"'],
		["targets", [""], 'targets must be an array of non-empty strings, got [""]'],
		["targets", ["a", 5], 'targets must be an array of non-empty strings, got ["a", 5]'],
		["targets", [() => {}], "targets must be an array of non-empty strings, got [a value of type function]"],
		...["flag", "concurrencyField", "targetField", "testField"].flatMap((field): [string, unknown, string][] =>
			["", "__WARMER_VERIFY__", 1].map((value) => [
				field,
				value,
				`${field} must be a non-empty string, different from the other field names, without __WARMER_, got ${JSON.stringify(value)}`,
			]),
		),
	])("rejects %s: %p", (option, value, message) => {
		expect(messageOf({ [option]: value })).toBe(`middy-lambda-warmer: ${message}`);
	});

	test.each([
		["concurency", "concurrency"],
		["Delay", "delay"],
		["logs", "log"],
		["maxConcurency", "maxConcurrency"],
		["awsClient", "AwsClient"],
		["concurrencyThe", "concurrency"],
		["xMaxConcurrency", "maxConcurrency"],
		["xag", "flag"],
	])("suggests the nearest name when the option is %s", (wrong, right) => {
		expect(messageOf({ [wrong]: 1 })).toBe(`middy-lambda-warmer: unknown option ${wrong}; did you mean ${right}?`);
	});

	test.each(["x", "somethingElse"])("suggests nothing when no name is near %s", (wrong) => {
		expect(messageOf({ [wrong]: 1 })).toBe(`middy-lambda-warmer: unknown option ${wrong}`);
	});

	test.each([null, 5, "warmer"])("rejects %p in place of options", (options) => {
		expect(messageOf(options)).toBe(`middy-lambda-warmer: options must be an object, got ${JSON.stringify(options)}`);
	});

	test.each<[object, string]>([
		[{ maxConcurrency: 3, concurrency: 5 }, "concurrency must be at most maxConcurrency (3), got 5"],
		[{ maxConcurrency: 3, minConcurrency: 5 }, "minConcurrency must be at most maxConcurrency (3), got 5"],
		[{ delay: 6, maxDelay: 5 }, "delay must be at most maxDelay (5), got 6"],
		[
			{ flag: "concurrency" },
			'flag must be a non-empty string, different from the other field names, without __WARMER_, got "concurrency"',
		],
		[
			{ testField: "target" },
			'testField must be a non-empty string, different from the other field names, without __WARMER_, got "target"',
		],
	])("blames the option that the user set when %p contradict one another", (options, message) => {
		expect(messageOf(options)).toBe(`middy-lambda-warmer: ${message}`);
	});

	test("accepts field names that the user has exchanged", () => {
		const exchanged = { flag: "concurrency", concurrencyField: "warmer" };
		expect(resolveOptions(exchanged)).toMatchObject(exchanged);
	});

	test("accepts a correlation id that is the same text as a field name", () => {
		const given = { flag: "ping", correlationId: "ping" };
		expect(resolveOptions(given)).toMatchObject(given);
	});

	test('accepts "auto" for concurrency, and raises maxConcurrency to minConcurrency', () => {
		expect(resolveOptions({ concurrency: "auto", minConcurrency: 80 })).toMatchObject({
			concurrency: "auto",
			minConcurrency: 80,
			maxConcurrency: 80,
		});
	});
});

test("warmupValidateOptions throws what warmup throws", () => {
	expect(warmupValidateOptions({ concurrency: 5 })).toBeUndefined();
	const wrong = { concurency: 5 } as WarmupOptions;
	const message = messageOf(wrong);
	expect(() => warmupValidateOptions(wrong)).toThrow(message);
	expect(() => warmup(wrong)).toThrow(message);
});
