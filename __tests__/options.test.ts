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

	test("keeps what was given, at the edges of its range", () => {
		class AwsClient {}
		const callback = () => {};
		const given = {
			concurrency: 1,
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

	test("takes undefined as left out", () => {
		expect(resolveOptions({ concurrency: undefined, delay: undefined })).toEqual(resolveOptions({}));
	});

	test("raises the limits to what the options themselves ask for", () => {
		expect(resolveOptions({ concurrency: 80, delay: 2000 })).toMatchObject({ maxConcurrency: 80, maxDelay: 2000 });
		expect(resolveOptions({ concurrency: 3, maxConcurrency: 3, delay: 9, maxDelay: 9 })).toMatchObject({
			maxConcurrency: 3,
			maxDelay: 9,
		});
	});

	test.each<[string, unknown, string]>([
		["concurrency", 0, "concurrency takes an integer of 1 or more, got 0"],
		["concurrency", 2.5, "concurrency takes an integer of 1 or more, got 2.5"],
		["concurrency", "5", 'concurrency takes an integer of 1 or more, got "5"'],
		["concurrency", null, "concurrency takes an integer of 1 or more, got null"],
		["delay", -1, "delay takes an integer of 0 or more, got -1"],
		["delay", Number.NaN, "delay takes an integer of 0 or more, got NaN"],
		["maxConcurrency", 0, "maxConcurrency takes an integer of 1 or more, got 0"],
		["maxDelay", 0, "maxDelay takes an integer of 1 or more, got 0"],
		["maxDuration", 0, "maxDuration takes an integer of 1 or more, got 0"],
		["maxDuration", 1.5, "maxDuration takes an integer of 1 or more, got 1.5"],
		["verify", "yes", 'verify takes a boolean, got "yes"'],
		["isWarmingUp", true, "isWarmingUp takes a function, got true"],
		["onWarmup", {}, "onWarmup takes a function, got a value of type object"],
		["onReport", [1, "a"], 'onReport takes a function, got [1, "a"]'],
		["awsClientCapture", 1, "awsClientCapture takes a function, got 1"],
		["AwsClient", {}, "AwsClient takes a class (a function), got a value of type object"],
		["awsClientOptions", null, "awsClientOptions takes an object, got null"],
		["awsClientOptions", "eu", 'awsClientOptions takes an object, got "eu"'],
		["correlationId", "", 'correlationId takes a string of 1 to 256 characters or a function, got ""'],
		["correlationId", 7, "correlationId takes a string of 1 to 256 characters or a function, got 7"],
		[
			"correlationId",
			"c".repeat(257),
			`correlationId takes a string of 1 to 256 characters or a function, got "${"c".repeat(257)}"`,
		],
		["log", "debug", 'log takes a boolean or a function, got "debug"'],
		["targets", "a", 'targets takes an array of non-empty strings, got "a"'],
		["targets", [""], 'targets takes an array of non-empty strings, got [""]'],
		["targets", ["a", 5], 'targets takes an array of non-empty strings, got ["a", 5]'],
		["targets", [() => {}], "targets takes an array of non-empty strings, got [a value of type function]"],
		...["flag", "concurrencyField", "targetField", "testField"].flatMap((field): [string, unknown, string][] =>
			["", "__WARMER_VERIFY__", 1].map((value) => [
				field,
				value,
				`${field} takes a non-empty string of its own, without __WARMER_, got ${JSON.stringify(value)}`,
			]),
		),
	])("refuses %s: %p", (option, value, message) => {
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
	])("suggests the nearest name for %s", (wrong, right) => {
		expect(messageOf({ [wrong]: 1 })).toBe(`middy-lambda-warmer: unknown option ${wrong}; did you mean ${right}?`);
	});

	test.each(["x", "somethingElse"])("suggests nothing for %s", (wrong) => {
		expect(messageOf({ [wrong]: 1 })).toBe(`middy-lambda-warmer: unknown option ${wrong}`);
	});

	test.each([null, 5, "warmer"])("refuses %p for options", (options) => {
		expect(messageOf(options)).toBe(`middy-lambda-warmer: options takes an object, got ${JSON.stringify(options)}`);
	});

	test("refuses options that contradict one another", () => {
		expect(messageOf({ maxConcurrency: 5, concurrency: 6 })).toBe(
			"middy-lambda-warmer: maxConcurrency takes an integer of 6 or more, got 5",
		);
		expect(messageOf({ delay: 6, maxDelay: 5 })).toBe(
			"middy-lambda-warmer: maxDelay takes an integer of 6 or more, got 5",
		);
		expect(messageOf({ flag: "ping", testField: "ping" })).toBe(
			'middy-lambda-warmer: testField takes a non-empty string of its own, without __WARMER_, got "ping"',
		);
	});
});

test("warmupValidateOptions checks as warmup does", () => {
	expect(warmupValidateOptions({ concurrency: 5 })).toBeUndefined();
	const wrong = { concurency: 5 } as WarmupOptions;
	const message = messageOf(wrong);
	expect(() => warmupValidateOptions(wrong)).toThrow(message);
	expect(() => warmup(wrong)).toThrow(message);
});
