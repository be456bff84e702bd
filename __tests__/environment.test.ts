import {
	afterEach,
	beforeEach,
	describe,
	expect,
	jest,
	test,
} from "@jest/globals";
import { arn, contextFor } from "./helpers.js";

type Environment = typeof import("../src/environment.js");

const originalEnv = process.env;
let environment: Environment;

beforeEach(async () => {
	process.env = {
		...originalEnv,
		AWS_LAMBDA_FUNCTION_NAME: "api",
		AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
	};
	jest.useFakeTimers({ now: 1_000_000 });
	jest.resetModules();
	environment = await import("../src/environment.js");
});
afterEach(() => {
	jest.useRealTimers();
	process.env = originalEnv;
});

describe("identity", () => {
	test("differs between environments that start in the same millisecond", async () => {
		const { id } = environment;
		jest.resetModules();
		expect((await import("../src/environment.js")).id).not.toBe(id);
		expect(id).toMatch(/^[\da-z]+-[\da-z]{12,16}$/);
	});

	test("writes the function as lambda-warmer does", () => {
		expect(environment.functionVersion()).toBe("api:$LATEST");
	});

	test("names the function as it was invoked", () => {
		expect(environment.invokedFunction(contextFor(`${arn}:prod`))).toBe(
			`${arn}:prod`,
		);
		expect(environment.invokedFunction({} as never)).toBe("api:$LATEST");
	});
});

describe("start", () => {
	test("is cold once, then warm", () => {
		expect(environment.notePing()).toBe("cold");
		expect(environment.notePing()).toBe("warm");
	});

	test("is warm after a business request", () => {
		environment.noteBusinessRequest(contextFor());
		expect(environment.notePing()).toBe("warm");
	});

	test.each([
		[10_000, "cold"],
		[10_001, "proactive"],
	])("of a first ping %i ms after loading is %s", (ms, start) => {
		jest.setSystemTime(1_000_000 + ms);
		expect(environment.notePing()).toBe(start);
		expect(environment.notePing()).toBe("warm");
	});
});

describe("lastAccessed", () => {
	/** Lambda's: what remains until an instant, also after it. */
	const endingAt = (deadline: number) =>
		({ getRemainingTimeInMillis: () => deadline - Date.now() }) as never;

	test("is when the last business request came", () => {
		environment.noteBusinessRequest(endingAt(1_000_000 + 3000));
		jest.setSystemTime(1_060_000);
		environment.noteBusinessRequest(endingAt(1_060_000 + 3000));
		jest.setSystemTime(1_300_000);
		const ping = endingAt(1_300_000 + 3000);
		expect(environment.lastAccessed(ping)).toBe(1_060_000);
		jest.setSystemTime(1_300_400);
		expect(environment.lastAccessed(ping)).toBe(1_060_400);
	});

	test("is null before any, and where a context does not tell", () => {
		expect(environment.lastAccessed(contextFor())).toBeNull();
		environment.noteBusinessRequest(contextFor());
		expect(environment.lastAccessed({} as never)).toBeNull();
		environment.noteBusinessRequest(null);
		expect(environment.lastAccessed(contextFor())).toBeNull();
	});
});

describe("the hold", () => {
	test("is 75 ms before anything was learned", () => {
		expect(environment.learnedHold()).toBe(75);
		expect(environment.learnedHold("other")).toBe(75);
	});

	test("is at first what the first ping asks for", () => {
		environment.learnHold(40);
		expect(environment.learnedHold()).toBe(40);
		environment.learnHold(10);
		expect(environment.learnedHold()).toBeCloseTo(20);
	});

	test("averages what the pings ask for, about five of them", () => {
		for (let ping = 0; ping < 40; ping++) environment.learnHold(20);
		expect(environment.learnedHold()).toBeCloseTo(20);
		environment.learnHold(20 * 32);
		expect(environment.learnedHold()).toBeCloseTo(40);
	});

	test("is what another initiator used, until there is experience of its own", () => {
		environment.adoptHold(40);
		environment.adoptHold(90);
		expect(environment.learnedHold()).toBe(90);
		environment.learnHold(10);
		expect(environment.learnedHold()).toBeCloseTo(30);
		environment.adoptHold(90);
		expect(environment.learnedHold()).toBeCloseTo(30);
	});

	test("comes back from 0", () => {
		environment.adoptHold(0);
		expect(environment.learnedHold()).toBe(1);
		environment.learnHold(16);
		expect(environment.learnedHold()).toBeCloseTo(4);
	});

	test("is learned for each target by itself", () => {
		environment.learnHold(3, "other");
		expect(environment.learnedHold()).toBe(75);
		expect(environment.learnedHold("other")).toBeCloseTo(3);
	});
});

describe("reasonNotToFanOut", () => {
	test.each<[Record<string, string>, RegExp | undefined]>([
		[{}, undefined],
		[{ AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand" }, undefined],
		[
			{ AWS_LAMBDA_INITIALIZATION_TYPE: "provisioned-concurrency" },
			/^provisioned concurrency keeps/,
		],
		[
			{ AWS_LAMBDA_INITIALIZATION_TYPE: "lambda-managed-instances" },
			/^on Lambda Managed Instances/,
		],
		[{ AWS_LAMBDA_MAX_CONCURRENCY: "64" }, /^on Lambda Managed Instances/],
	])("with %p: %p", (variables, expected) => {
		Object.assign(process.env, variables);
		const reason = environment.reasonNotToFanOut();
		if (expected) expect(reason).toMatch(expected);
		else expect(reason).toBeUndefined();
	});
});

describe("isThisFunction", () => {
	const partial = "123456789012:function:api";

	test.each<[string, string, boolean]>([
		// invoked without a qualifier
		["api", arn, true],
		["api:$LATEST", arn, true],
		[partial, arn, true],
		[`${partial}:$LATEST`, arn, true],
		[arn, arn, true],
		[`${arn}:$LATEST`, arn, true],
		["api:prod", arn, false],
		["api:7", arn, false],
		["apis", arn, false],
		["other", arn, false],
		["999999999999:function:api", arn, false],
		["arn:aws:lambda:us-east-1:123456789012:function:api", arn, false],
		["arn:aws-cn:lambda:eu-west-1:123456789012:function:api", arn, false],
		["arn:aws:lambda:eu-west-1:999999999999:function:api", arn, false],
		["", arn, false],
		["api:prod:7", arn, false],
		["not a name", arn, false],
		["/api", arn, false],
		["api/", arn, false],
		// invoked through an alias
		["api:prod", `${arn}:prod`, true],
		[`${partial}:prod`, `${arn}:prod`, true],
		[`${arn}:prod`, `${arn}:prod`, true],
		["api:test", `${arn}:prod`, false],
		// invoked by version
		["api:7", `${arn}:7`, true],
		// a context that names nothing useful
		["api", "nonsense nonsense", false],
	])("%p, invoked as %p: %p", (target, invoked, expected) => {
		expect(environment.isThisFunction(target, contextFor(invoked))).toBe(
			expected,
		);
	});

	test("knows the version behind the alias", () => {
		process.env.AWS_LAMBDA_FUNCTION_VERSION = "7";
		const prod = contextFor(`${arn}:prod`);
		expect(environment.isThisFunction("api:7", prod)).toBe(true);
		expect(environment.isThisFunction("api:8", prod)).toBe(false);
		expect(environment.isThisFunction("api", prod)).toBe(false);
	});

	test("takes $LATEST for the version where a host names none", () => {
		delete process.env.AWS_LAMBDA_FUNCTION_VERSION;
		expect(environment.isThisFunction("api", contextFor(arn))).toBe(true);
		expect(environment.isThisFunction("api:7", contextFor(arn))).toBe(false);
	});

	test("goes by the environment where there is no context", () => {
		const none = {} as never;
		expect(environment.isThisFunction("api", none)).toBe(true);
		expect(environment.isThisFunction(arn, none)).toBe(true);
		expect(environment.isThisFunction("other", none)).toBe(false);
	});
});
