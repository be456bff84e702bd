import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createEnvironment, type Environment } from "../../src/environment.js";
import {
	functionVersion,
	identify,
	invokedFunction,
	isThisFunction,
	markPinged,
	reasonNotToFanOut,
	reasonToInvokeNothing,
} from "../../src/ping/function.js";
import { resolveOptions } from "../../src/resolve-options.js";
import { arn, contextFor } from "../support.js";

const originalEnv = process.env;
let environment: Environment;

beforeEach(() => {
	process.env = { ...originalEnv, AWS_LAMBDA_FUNCTION_NAME: "api", AWS_LAMBDA_FUNCTION_VERSION: "$LATEST" };
	jest.useFakeTimers({ now: 1_000_000 });
	environment = createEnvironment(Date.now());
});
afterEach(() => {
	jest.useRealTimers();
	process.env = originalEnv;
});

describe("identify", () => {
	test("uses the request id of the first ping when there is one", () => {
		expect(identify(environment, { awsRequestId: "first" } as never)).toBe("first");
		expect(identify(environment, { awsRequestId: "second" } as never)).toBe("first");
	});

	test.each([null, {}, { awsRequestId: "" }, { awsRequestId: 7 }, { awsRequestId: "x".repeat(129) }])(
		"makes a random id when the context is %p",
		(context) => {
			const id = identify(environment, context as never);
			expect(id).toMatch(/^[\da-z]+-[\da-z]{12,16}$/);
			expect(identify(environment, context as never)).toBe(id);
			expect(identify(createEnvironment(Date.now()), context as never)).not.toBe(id);
		},
	);

	test("tells environments apart when they were restored from one snapshot", () => {
		jest.spyOn(Math, "random").mockReturnValue(0.5);
		const ids = ["a", "b"].map((awsRequestId) => identify(createEnvironment(0), { awsRequestId } as never));
		expect(new Set(ids).size).toBe(2);
		jest.restoreAllMocks();
	});
});

describe("markPinged", () => {
	test("returns cold once, then warm", () => {
		expect(markPinged(environment, Date.now())).toBe("cold");
		expect(markPinged(environment, Date.now())).toBe("warm");
	});

	test("returns warm after a request", () => {
		expect(markPinged({ ...environment, lastRequestAt: 1_000_000 }, Date.now())).toBe("warm");
	});

	test.each([
		[10_000, "cold"],
		[10_001, "proactive"],
	])("returns, %i ms after loading, %s", (ms, start) => {
		expect(markPinged(environment, 1_000_000 + ms)).toBe(start);
		expect(markPinged(environment, 1_000_000 + ms)).toBe("warm");
	});
});

describe("markPinged under SnapStart", () => {
	test("returns cold for the first ping, however old the loaded code is", () => {
		process.env.AWS_LAMBDA_INITIALIZATION_TYPE = "snap-start";
		expect(markPinged(environment, 9_000_000)).toBe("cold");
		expect(markPinged(environment, 9_000_000)).toBe("warm");
	});
});

describe("reasonToInvokeNothing", () => {
	test.each<[Record<string, string>, object, boolean]>([
		[{}, {}, false],
		[{ AWS_SAM_LOCAL: "true" }, {}, true],
		[{ AWS_SAM_LOCAL: "true", AWS_ENDPOINT_URL: "http://localhost:3001" }, {}, false],
		[{ AWS_SAM_LOCAL: "true", AWS_ENDPOINT_URL_LAMBDA: "http://localhost:3001" }, {}, false],
		[{ AWS_SAM_LOCAL: "true" }, { awsClientOptions: { region: "eu-west-1" } }, true],
		[{ AWS_SAM_LOCAL: "true" }, { awsClientOptions: { endpoint: "http://localhost:3001" } }, false],
	])("with %p and the options %p: %p", (variables, options, isSkipped) => {
		Object.assign(process.env, variables);
		expect(reasonToInvokeNothing(resolveOptions(options)) !== undefined).toBe(isSkipped);
	});
});

describe("the function", () => {
	test("is written with its version as lambda-warmer does", () => {
		expect(functionVersion()).toBe("api:$LATEST");
	});

	test.each<[string, string | undefined, object | null, string | undefined]>([
		["$LATEST", "api", contextFor(), arn],
		["7", "api", contextFor(), arn],
		["7", "api", contextFor(`${arn}:prod`), `${arn}:prod`],
		["$LATEST", "api", contextFor("emulated"), "api"],
		["$LATEST", "api", contextFor("123456789012:function:api"), "api"],
		["$LATEST", "api", { invokedFunctionArn: [arn] }, "api"],
		["$LATEST", "api", { functionName: "renamed" }, "renamed"],
		["$LATEST", "api", { functionName: "" }, "api"],
		["7", "api", {}, "api:7"],
		["7x", "api", {}, "api"],
		["x7", "api", {}, "api"],
		["12", undefined, { functionName: "renamed" }, "renamed:12"],
		["$LATEST", "api", null, "api"],
		["$LATEST", undefined, {}, undefined],
	])("at version %p of name %p with context %p is invoked as %p", (version, name, context, expected) => {
		process.env.AWS_LAMBDA_FUNCTION_VERSION = version;
		if (name === undefined) delete process.env.AWS_LAMBDA_FUNCTION_NAME;
		expect(invokedFunction(context as never)).toBe(expected);
	});

	test("has no version where a host names none", () => {
		delete process.env.AWS_LAMBDA_FUNCTION_VERSION;
		expect(invokedFunction({} as never)).toBe("api");
	});
});

describe("reasonNotToFanOut", () => {
	test.each<[Record<string, string>, RegExp | undefined]>([
		[{}, undefined],
		[{ AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand" }, undefined],
		[{ AWS_LAMBDA_INITIALIZATION_TYPE: "provisioned-concurrency" }, /^provisioned concurrency keeps/],
		[{ AWS_LAMBDA_INITIALIZATION_TYPE: "lambda-managed-instances" }, /^on Lambda Managed Instances/],
		[{ AWS_LAMBDA_MAX_CONCURRENCY: "64" }, /^on Lambda Managed Instances/],
		[{ AWS_LAMBDA_FUNCTION_NAME: "" }, /^the function's name is unknown/],
	])("with %p: %p", (variables, expected) => {
		Object.assign(process.env, variables);
		const reason = reasonNotToFanOut({} as never);
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
		["api", `${arn}:prod`, false],
		// invoked by version
		["api:7", `${arn}:7`, true],
		// a context that names nothing useful: the environment tells
		["api", "nonsense nonsense", true],
		["other", "nonsense nonsense", false],
	])("%p, invoked as %p: %p", (target, invoked, expected) => {
		expect(isThisFunction(target, contextFor(invoked))).toBe(expected);
	});

	test("takes no target for a function whose own name is none", () => {
		process.env.AWS_LAMBDA_FUNCTION_NAME = "not a name";
		expect(isThisFunction("api", { invokedFunctionArn: "offline" } as never)).toBe(false);
	});

	test("goes by the qualifier that was pinged, not by the version behind it", () => {
		process.env.AWS_LAMBDA_FUNCTION_VERSION = "7";
		expect(isThisFunction("api:7", contextFor(`${arn}:prod`))).toBe(false);
		expect(isThisFunction("api:7", contextFor(arn))).toBe(false);
		expect(isThisFunction("api:7", {} as never)).toBe(true);
	});

	test("goes by the environment where there is no context", () => {
		const none = {} as never;
		expect(isThisFunction("api", none)).toBe(true);
		expect(isThisFunction(arn, none)).toBe(true);
		expect(isThisFunction("other", none)).toBe(false);
		delete process.env.AWS_LAMBDA_FUNCTION_NAME;
		expect(isThisFunction("api", none)).toBe(false);
	});
});
