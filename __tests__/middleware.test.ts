import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import middy from "@middy/core";
import { mockClient } from "aws-sdk-client-mock";
import warmup, { warmup as named, type WarmupOptions } from "../src/index.js";
import {
	answer,
	arn,
	awsError,
	contextFor,
	environmentKey,
	fakeClient,
	hostile,
	identity,
	logbook,
	newEnvironment,
	payloadOf,
	throwing,
} from "./support.js";

const originalEnv = process.env;

beforeEach(() => {
	process.env = {
		...originalEnv,
		AWS_REGION: "eu-west-1",
		AWS_LAMBDA_FUNCTION_NAME: "api",
		AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
	};
});
afterEach(() => {
	process.env = originalEnv;
});

/** A handler with the middleware first, and what was seen of it. */
const serviceWith = (options: WarmupOptions = {}, client = fakeClient(), use = warmup) => {
	const book = logbook();
	const business = jest.fn(async (event: unknown) => event);
	const handler = middy()
		.use(use({ AwsClient: client.AwsClient, log: book.log, ...options }))
		.handler(business);
	return { ...book, ...client, business, handler };
};

describe("a business event", () => {
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

	test("gets undefined from the hook, and no promise", () => {
		const { before } = warmup();
		expect(before?.({ event: {}, context: contextFor() } as never)).toBeUndefined();
	});

	test("is not stopped by a context that is missing", () => {
		expect(warmup().before?.({ event: {}, context: undefined } as never)).toBeUndefined();
	});

	test("goes through where isWarmingUp throws", async () => {
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
	])("takes %s", (_, event) => {
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
		"takes %s as a flag only where the event has it itself",
		(flag) => {
			expect(isPing({}, flag)).toBe(false);
			expect(isPing(JSON.parse(`{"${flag}":true}`), flag)).toBe(true);
		},
	);
});

describe("a ping", () => {
	test("of one environment is recorded, primed and answered", async () => {
		const onWarmup = jest.fn();
		const { handler, business, sent, entries } = serviceWith({ onWarmup });
		const context = contextFor();
		expect(await handler({ warmer: true }, context)).toBe("warmed");
		expect(entries).toEqual([
			{
				action: "warmer",
				function: "api:$LATEST",
				id: expect.any(String),
				correlationId: expect.any(String),
				count: 1,
				concurrency: 1,
				warm: expect.any(Boolean),
				lastAccessed: expect.any(Number),
				lastAccessedSeconds: expect.stringMatching(/^\d+\.\d$/),
				start: expect.any(String),
			},
		]);
		expect(onWarmup).toHaveBeenCalledTimes(1);
		expect(onWarmup).toHaveBeenCalledWith(expect.objectContaining({ event: { warmer: true }, context }));
		expect(business).not.toHaveBeenCalled();
		expect(sent).toEqual([]);
	});

	test("runs no later hook, and no earlier one twice", async () => {
		const calls: string[] = [];
		const spy = (name: string) => ({
			before: () => {
				calls.push(`${name} before`);
			},
			after: () => {
				calls.push(`${name} after`);
			},
			onError: () => {
				calls.push(`${name} onError`);
			},
		});
		const handler = middy()
			.use(spy("earlier"))
			.use(warmup({ log: false }))
			.use(spy("later"))
			.handler(async () => {
				throw new Error("business");
			});
		expect(await handler({ warmer: true }, contextFor())).toBe("warmed");
		expect(calls).toEqual(["earlier before"]);
		await expect(handler({}, contextFor())).rejects.toThrow("business");
		expect(calls.slice(1)).toEqual(["earlier before", "later before", "later onError", "earlier onError"]);
	});

	test("of five invokes four children, with the AWS SDK's client", async () => {
		const lambda = mockClient(LambdaClient);
		lambda.on(InvokeCommand).callsFake((input) => identity(`e${payloadOf(input).__WARMER_INVOCATION__}`));
		const book = logbook();
		const handler = middy()
			.use(named({ concurrency: 5, log: book.log }))
			.handler(async () => "business");
		expect(await handler({ warmer: true }, contextFor(`${arn}:prod`))).toBe("warmed");
		const inputs = lambda.commandCalls(InvokeCommand).map(({ args }) => args[0].input);
		expect(inputs.map(({ FunctionName }) => FunctionName)).toEqual(Array(4).fill(`${arn}:prod`));
		expect(book.reports()).toEqual([
			{
				action: "warmer-report",
				function: "api:$LATEST",
				target: `${arn}:prod`,
				correlationId: book.records()[0]?.correlationId,
				requested: 5,
				warmed: 5,
				cold: 0,
				unverified: 0,
				throttled: 0,
				failed: 0,
				timedOut: 0,
				rounds: 1,
				delay: expect.any(Number),
				durationMs: expect.any(Number),
				protocol: "http/1.1",
				errors: [],
			},
		]);
		expect(book.warnings()).toEqual([]);
		lambda.restore();
	});

	test.each<[object, string]>([
		[contextFor(), arn],
		[contextFor(`${arn}:prod`), `${arn}:prod`],
		[contextFor(`${arn}:7`), `${arn}:7`],
		[contextFor("offline_invokedFunctionArn_for_api"), "api"],
		[{ functionName: "renamed" }, "renamed"],
		[{}, "api"],
	])("invokes the function as it was invoked: %p", async (context, invoked) => {
		const { handler, sent } = serviceWith();
		await handler({ warmer: true, concurrency: 2 }, context as never);
		expect(sent.map(({ FunctionName }) => FunctionName)).toEqual([invoked]);
	});

	test("does not fan out where nothing tells which function this is", async () => {
		delete process.env.AWS_LAMBDA_FUNCTION_NAME;
		const { handler, sent, reports } = serviceWith();
		expect(await handler({ warmer: true, concurrency: 2 }, contextFor("emulated"))).toBe("warmed");
		expect(sent).toEqual([]);
		expect(reports()).toMatchObject([
			{
				requested: 2,
				warmed: 1,
				rounds: 0,
				skipped: "neither the context nor AWS_LAMBDA_FUNCTION_NAME tells which function this is",
			},
		]);
	});

	test("takes the tenant along", async () => {
		const { handler, sent } = serviceWith();
		await handler({ warmer: true, concurrency: 2 }, { ...contextFor(), tenantId: "blue" } as never);
		expect(sent[0]?.TenantId).toBe("blue");
	});

	test("with the test field is recorded, and nothing else", async () => {
		const onWarmup = jest.fn();
		const { handler, sent, records, reports } = serviceWith({ onWarmup, concurrency: 5 });
		expect(await handler({ warmer: true, test: true }, contextFor())).toBe("warmed");
		expect(records()).toMatchObject([{ count: 1, concurrency: 5 }]);
		expect(reports()).toEqual([]);
		expect(sent).toEqual([]);
		expect(onWarmup).not.toHaveBeenCalled();
	});

	test("logs a warning for a malformed number, and uses the option's", async () => {
		const { handler, sent, warnings } = serviceWith({ concurrency: 2 });
		expect(await handler({ warmer: true, concurrency: -1 }, contextFor())).toBe("warmed");
		expect(sent).toHaveLength(1);
		expect(warnings()).toEqual(["concurrency takes an integer of 1 or more, got -1; 2 is used instead"]);
	});

	test("passes its correlation id on", async () => {
		const { handler, sent, records, reports } = serviceWith({ correlationId: "nightly" });
		await handler({ warmer: true, concurrency: 2 }, contextFor());
		expect(records()[0]?.correlationId).toBe("nightly");
		expect(reports()[0]?.correlationId).toBe("nightly");
		expect(payloadOf(sent[0] as never).__WARMER_CORRELATIONID__).toBe("nightly");
	});

	test("is answered whatever is wrong with the context", async () => {
		const { handler, warnings } = serviceWith();
		const context = {
			getRemainingTimeInMillis: () => 3000,
			get invokedFunctionArn() {
				throw new Error("no ARN");
			},
		};
		expect(await handler({ warmer: true, concurrency: 2 }, context as never)).toBe("warmed");
		expect(warnings()).toEqual(["the ping failed: no ARN"]);
	});

	test("hands its report to onReport, and waits for it", async () => {
		const seen: unknown[] = [];
		const { handler, reports, warnings } = serviceWith({
			onReport: async (report) => {
				await new Promise((resolve) => setTimeout(resolve, 5));
				seen.push(report);
				throw new Error("no metrics");
			},
		});
		expect(await handler({ warmer: true, concurrency: 2 }, contextFor())).toBe("warmed");
		expect(seen).toEqual(reports());
		expect(warnings()).toEqual(["onReport failed: no metrics"]);
	});

	test("cut short by the deadline still leaves onReport a moment", async () => {
		const onReport = jest.fn();
		const { handler, reports } = serviceWith(
			{ onReport },
			fakeClient(() => new Promise(() => {})),
		);
		expect(await handler({ warmer: true, concurrency: 3 }, contextFor(arn, 270))).toBe("warmed");
		expect(reports()).toMatchObject([{ warmed: 1, timedOut: 2 }]);
		expect(onReport).toHaveBeenCalledTimes(1);
	});

	test("with less than full coverage warns, with the reason", async () => {
		const throttled = fakeClient(() => {
			throw awsError("TooManyRequestsException");
		});
		const { handler, warnings } = serviceWith({}, throttled);
		expect(await handler({ warmer: true, concurrency: 3 }, contextFor())).toBe("warmed");
		expect(warnings()).toEqual([`1 of 3 environments of ${arn} are known to be warm: 2 throttled`]);
	});

	test("of lambda-warmer's protocol does not warn of what it cannot know", async () => {
		const { handler, warnings, reports } = serviceWith(
			{ verify: false },
			fakeClient(() => answer("true")),
		);
		await handler({ warmer: true, concurrency: 3 }, contextFor());
		expect(reports()).toMatchObject([{ requested: 3 }]);
		expect(warnings()).toEqual([]);
	});

	test.each([
		["AWS_LAMBDA_INITIALIZATION_TYPE", "provisioned-concurrency"],
		["AWS_LAMBDA_MAX_CONCURRENCY", "64"],
	])("with %s=%s does not fan out, and says why", async (variable, value) => {
		process.env[variable] = value;
		const onReport = jest.fn();
		const { handler, sent, reports, warnings } = serviceWith({ concurrency: 5, onReport, targets: ["other"] });
		expect(await handler({ warmer: true }, contextFor())).toBe("warmed");
		expect(sent).toEqual([]);
		expect(reports()).toMatchObject([{ requested: 5, warmed: 1, rounds: 0, skipped: expect.any(String) }]);
		expect(onReport).toHaveBeenCalledWith(reports()[0]);
		expect(warnings()).toEqual([]);
		await handler({ warmer: true, target: "other" }, contextFor());
		expect(sent).toHaveLength(5);
	});
});

describe("a ping that asks for its report", () => {
	const ask = { warmer: true, report: true };

	test("gets it as the answer, as text", async () => {
		const { handler, reports } = serviceWith();
		const answered = await handler({ ...ask, concurrency: 3 }, contextFor());
		expect(JSON.parse(answered as string)).toEqual(reports()[0]);
		expect(reports()).toMatchObject([{ requested: 3, warmed: 3, protocol: "http/1.1" }]);
	});

	test.each<[string, object, object]>([
		["of one environment", {}, { requested: 1, warmed: 1 }],
		["of a test", { test: true, concurrency: 5 }, { requested: 5, skipped: "a test ping invokes nothing" }],
		[
			"for a refused target",
			{ target: "else" },
			{ warmed: 0, skipped: "the target is not listed in the option targets" },
		],
	])("%s gets one too, that is nobody else's", async (_, fields, expected) => {
		const onReport = jest.fn();
		const { handler, sent, reports } = serviceWith({ onReport });
		const answered = await handler({ ...ask, ...fields }, contextFor());
		const report = JSON.parse(answered as string);
		expect(report).toMatchObject({ action: "warmer-report", rounds: 0, delay: 0, ...expected });
		expect(report).not.toHaveProperty("protocol");
		expect(sent).toEqual([]);
		expect(reports()).toEqual([]);
		expect(onReport).not.toHaveBeenCalled();
	});

	test("in an array gets as many as have one", async () => {
		const { handler } = serviceWith({ targets: ["other"] });
		const answered = await handler(
			[
				{ ...ask, concurrency: 2 },
				{ ...ask, target: "other", concurrency: 2 },
			],
			contextFor(),
		);
		expect(JSON.parse(answered as string)).toMatchObject([
			{ target: arn, warmed: 2 },
			{ target: "other", warmed: 2 },
		]);
		const own = await handler([{ warmer: true }, { ...ask, target: "other" }], contextFor());
		expect(JSON.parse(own as string)).toEqual([expect.objectContaining({ target: "other" })]);
		const single = await handler([ask], contextFor());
		expect(JSON.parse(single as string)).toMatchObject([{ warmed: 1 }]);
	});

	test("asks with an own field of true, and as no child", async () => {
		const { handler } = serviceWith({ delay: 0 });
		for (const event of [
			{ warmer: true, report: "true" },
			Object.assign(Object.create({ report: true }), { warmer: true }),
			{ ...ask, __WARMER_INVOCATION__: 2 },
		]) {
			expect(await handler(event, contextFor())).toBe("warmed");
		}
	});

	test("gets it from a handler that streams", async () => {
		const { before: hook } = warmup({ log: false });
		const answered = await hook?.({ event: ask, context: contextFor(), internal: {} } as never);
		expect(JSON.parse(answered as string)).toMatchObject({ warmed: 1 });
	});
});

describe("a ping that only isWarmingUp recognises", () => {
	const isWarmingUp = (event: unknown) => (event as { source?: string }).source === "plugin";

	test.each<[object, number]>([
		[{}, 1],
		[{ concurrency: 3 }, 3],
		[{ concurrency: -1 }, 1],
	])("takes its own number, else 1, whatever the options say: %p", async (fields, expected) => {
		const { handler, records, sent } = serviceWith({ concurrency: 20, isWarmingUp, delay: 1 });
		expect(await handler({ source: "plugin", ...fields }, contextFor())).toBe("warmed");
		expect(records()).toMatchObject([{ concurrency: expected }]);
		expect(sent).toHaveLength(expected - 1);
	});
});

describe("a ping among other middlewares", () => {
	const names = ["tracer", "metrics", "logger", "idempotency"];

	/** A middleware that leaves clean-up functions as Powertools' do: with a new object each. */
	const leaving = (cleanUps: Record<string, unknown>) => ({
		before: (request: middy.Request) => {
			const internal = Object.fromEntries(
				Object.entries(cleanUps).map(([name, cleanUp]) => [`powertools-for-aws.${name}`, cleanUp]),
			);
			request.internal = { ...request.internal, ...internal };
		},
	});
	const chain = (cleanUps: Record<string, unknown>, options = {}) => {
		const book = logbook();
		return {
			...book,
			handler: middy()
				.use(leaving(cleanUps))
				.use(warmup({ log: book.log, ...options }))
				.handler(async () => "business"),
		};
	};

	test("ends what Powertools' have begun, in their order, after everything else", async () => {
		const calls: unknown[] = [];
		const cleanUps = Object.fromEntries(
			[...names].reverse().map((name) => [
				name,
				async (request: middy.Request) => {
					await new Promise((resolve) => setImmediate(resolve));
					calls.push(name);
					expect(request.event).toEqual({ warmer: true });
				},
			]),
		);
		const { handler } = chain(cleanUps, {
			onWarmup: () => calls.push("onWarmup"),
		});
		expect(await handler({ warmer: true }, contextFor())).toBe("warmed");
		expect(calls).toEqual(["onWarmup", ...names]);
		expect(await handler({}, contextFor())).toBe("business");
		expect(calls).toHaveLength(5);
	});

	test("minds no clean-up that fails, hangs, or is none, and goes on", async () => {
		const metrics = jest.fn(() => {
			throw new Error("no metrics");
		});
		const logger = jest.fn(() => new Promise(() => {}));
		const idempotency = jest.fn(async () => {
			throw new Error("no table");
		});
		const { handler, warnings } = chain({ tracer: "no function", metrics, logger, idempotency });
		expect(await handler({ warmer: true }, contextFor(arn, 150))).toBe("warmed");
		for (const cleanUp of [metrics, logger, idempotency]) {
			expect(cleanUp).toHaveBeenCalledTimes(1);
		}
		expect(warnings()).toEqual([]);
	});

	test("calls no clean-up that the object does not have itself", async () => {
		const cleanUp = jest.fn();
		const { before: hook } = warmup({ log: false });
		for (const internal of [Object.create({ "powertools-for-aws.tracer": cleanUp }), undefined]) {
			const request = { event: { warmer: true }, context: {}, internal };
			expect(await hook?.(request as never)).toBe("warmed");
		}
		expect(cleanUp).not.toHaveBeenCalled();
	});

	test("asks for no waiting for the event loop; a business request does not", async () => {
		const { handler } = serviceWith();
		const business = contextFor();
		await handler({}, business);
		expect(business).not.toHaveProperty("callbackWaitsForEmptyEventLoop");
		const context = contextFor();
		await handler({ warmer: true }, context);
		expect(context.callbackWaitsForEmptyEventLoop).toBe(false);
	});

	test.each([Object.freeze({ ...contextFor() }), null])(
		"is answered with a context that takes nothing: %p",
		async (context) => {
			const { before: hook } = warmup({ log: false });
			const request = { event: { warmer: true }, context, internal: {} };
			expect(await hook?.(request as never)).toBe("warmed");
		},
	);

	test("has a hook of its own name", () => {
		expect(warmup().before?.name).toBe("warmupMiddlewareBefore");
	});
});

describe("a ping takes maxDuration at most", () => {
	beforeEach(() => {
		jest.useFakeTimers({ now: 1_000_000 });
	});
	afterEach(() => {
		jest.useRealTimers();
	});
	const never = () => new Promise<never>(() => {});
	const child = { warmer: true, __WARMER_INVOCATION__: 2 };

	test.each<[string, object, WarmupOptions]>([
		["with children that hang", { warmer: true, concurrency: 2 }, {}],
		["with priming that hangs", { warmer: true }, { onWarmup: never }],
		["with a child's priming that hangs", child, { onWarmup: never, delay: 1 }],
	])("%s, under a timeout of 15 minutes", async (_, event, options) => {
		const { handler } = serviceWith({ maxDuration: 5000, ...options }, fakeClient(never));
		const answered = jest.fn();
		Promise.resolve(handler(event, contextFor(arn, 900_000))).then(answered);
		await jest.advanceTimersByTimeAsync(4990);
		expect(answered).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(20);
		expect(answered).toHaveBeenCalledWith("warmed");
	});

	test("and 30 s unless told otherwise", async () => {
		const { handler } = serviceWith({ onWarmup: never });
		const answered = jest.fn();
		const context = contextFor(arn, 900_000);
		Promise.resolve(handler({ warmer: true }, context)).then(answered);
		await jest.advanceTimersByTimeAsync(29_990);
		expect(answered).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(20);
		expect(answered).toHaveBeenCalledWith("warmed");
	});

	test("of which onReport may use the rest", async () => {
		const onReport = () => new Promise((resolve) => setTimeout(resolve, 1000));
		const { handler, warnings } = serviceWith({ maxDuration: 5000, delay: 0, onReport });
		const answered = jest.fn();
		Promise.resolve(handler({ warmer: true, concurrency: 2 }, contextFor(arn, 900_000))).then(answered);
		await jest.advanceTimersByTimeAsync(990);
		expect(answered).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(100);
		expect(answered).toHaveBeenCalledWith("warmed");
		expect(warnings()).toEqual([]);
	});

	test("but a moment for onReport, which may hang for no longer either", async () => {
		const onReport = jest.fn(never);
		const { handler, warnings } = serviceWith({ maxDuration: 5000, onReport }, fakeClient(never));
		const answered = jest.fn();
		Promise.resolve(handler({ warmer: true, concurrency: 2 }, contextFor(arn, 900_000))).then(answered);
		await jest.advanceTimersByTimeAsync(5010);
		expect(onReport).toHaveBeenCalledTimes(1);
		expect(answered).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(150);
		expect(answered).toHaveBeenCalledWith("warmed");
		expect(warnings()).toContain("onReport had not finished at the deadline");
	});

	test.each([2 ** 31, Number.MAX_SAFE_INTEGER])("and does not end at once where %i ms remain", async (remaining) => {
		const { handler, warnings } = serviceWith({
			maxDuration: Number.MAX_SAFE_INTEGER,
			onWarmup: () => new Promise((resolve) => setTimeout(resolve, 10_000)),
		});
		const answered = jest.fn();
		const context = contextFor(arn, remaining);
		Promise.resolve(handler({ warmer: true }, context)).then(answered);
		await jest.advanceTimersByTimeAsync(9990);
		expect(answered).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(20);
		expect(answered).toHaveBeenCalledWith("warmed");
		expect(warnings()).toEqual([]);
	});
});

describe("a ping for another function", () => {
	test("invokes it as often as it shall have environments", async () => {
		const { handler, sent, reports } = serviceWith({ targets: ["other:prod"] });
		expect(await handler({ warmer: true, target: "other:prod", concurrency: 3 }, contextFor())).toBe("warmed");
		expect(sent.map(({ FunctionName }) => FunctionName)).toEqual(Array(3).fill("other:prod"));
		expect(reports()).toMatchObject([{ target: "other:prod", requested: 3, warmed: 3 }]);
	});

	test("that is not listed is refused, with a warning", async () => {
		const { handler, sent, reports, warnings } = serviceWith({ concurrency: 5 });
		expect(await handler({ warmer: true, target: "other" }, contextFor())).toBe("warmed");
		expect(sent).toEqual([]);
		expect(reports()).toEqual([]);
		expect(warnings()).toEqual(['target "other" is not listed in the option targets; it was not invoked']);
	});

	test("that is this function in another spelling warms this one", async () => {
		const { handler, sent } = serviceWith();
		await handler({ warmer: true, target: "api:prod", concurrency: 2 }, contextFor(`${arn}:prod`));
		expect(sent.map(({ FunctionName }) => FunctionName)).toEqual([`${arn}:prod`]);
	});
});

test("an array of pings is served in its order", async () => {
	const { handler, sent, records, reports } = serviceWith({ targets: ["other"] });
	expect(
		await handler(
			[{ warmer: true }, { warmer: true, concurrency: 2, target: "other" }, { warmer: true, concurrency: 3 }],
			contextFor(),
		),
	).toBe("warmed");
	expect(sent.map(({ FunctionName }) => FunctionName)).toEqual([arn, arn, "other", "other"]);
	expect(records()).toHaveLength(2);
	expect(reports()).toHaveLength(2);
});

describe("a child", () => {
	const child = { warmer: true, __WARMER_INVOCATION__: 2, __WARMER_CONCURRENCY__: 5, __WARMER_CORRELATIONID__: "c" };

	test("never fans out, whatever the options or the event say", async () => {
		const { handler, sent, records, reports } = serviceWith({ concurrency: 5, delay: 1 });
		expect(await handler({ ...child, concurrency: 9, target: "other" }, contextFor())).toBe("warmed");
		expect(sent).toEqual([]);
		expect(reports()).toEqual([]);
		expect(records()).toMatchObject([{ count: 2, concurrency: 5, correlationId: "c" }]);
	});

	test("that is asked to verify answers with its identity, as text", async () => {
		const { handler, records } = serviceWith();
		const startedAfter = Date.now();
		const handedOver = contextFor(undefined, 2900);
		const answered = await handler({ ...child, __WARMER_VERIFY__: true, __WARMER_UNTIL__: 0 }, handedOver);
		const { startedAt, ...rest } = JSON.parse(answered);
		expect(rest).toEqual({ action: "warmer", id: records()[0]?.id, start: "warm" });
		// 100 ms of a timeout of 3 s had passed.
		expect(startedAt + 100).toBeGreaterThanOrEqual(startedAfter);
		expect(startedAt + 100).toBeLessThanOrEqual(Date.now());
	});

	test("in an array answers as it would by itself", async () => {
		const { handler } = serviceWith();
		expect(
			JSON.parse(await handler([{ ...child, __WARMER_VERIFY__: true, __WARMER_UNTIL__: 0 }], contextFor())),
		).toMatchObject({ action: "warmer" });
	});

	describe("holds", () => {
		beforeEach(() => {
			jest.useFakeTimers({ now: 1_000_000 });
		});
		afterEach(() => {
			jest.useRealTimers();
		});

		const verified = { ...child, __WARMER_VERIFY__: true };

		test.each<[string, object, WarmupOptions, number, number]>([
			["for 75 ms unless told otherwise", child, {}, 3000, 75],
			["for the user's delay", child, { delay: 20 }, 3000, 20],
			["until the instant that it was told", { ...verified, __WARMER_UNTIL__: 1_000_030 }, { delay: 99 }, 3000, 30],
			["for its own delay where it was told nonsense", { ...verified, __WARMER_UNTIL__: "late" }, {}, 3000, 75],
			["for maxDelay at most", { ...verified, __WARMER_UNTIL__: 9e15 }, {}, 3000, 1000],
			["not beyond the deadline", { ...verified, __WARMER_UNTIL__: 9e15 }, {}, 400, 150],
			["where the scheduler may be sending several at once", { source: "x" }, { isWarmingUp: () => true }, 3000, 75],
			["for the user's delay there too", { source: "x" }, { isWarmingUp: () => true, delay: 9 }, 3000, 9],
			["not beyond the deadline there either", { source: "x" }, { isWarmingUp: () => true }, 300, 50],
		])("%s", async (_, event, options, remaining, ms) => {
			const { handler } = serviceWith(options);
			const answered = jest.fn();
			const invocation = Promise.resolve(handler(event, contextFor(arn, remaining))).then(answered);
			await jest.advanceTimersByTimeAsync(ms - 1);
			expect(answered).not.toHaveBeenCalled();
			await jest.advanceTimersByTimeAsync(1);
			await invocation;
			expect(answered).toHaveBeenCalledTimes(1);
		});

		test.each([{ warmer: true }, { warmer: true, test: true }, { source: "x", test: true }])(
			"unlike what invokes nothing: %p",
			async (event) => {
				const { handler } = serviceWith({ isWarmingUp: () => true });
				const answered = jest.fn();
				Promise.resolve(handler(event, contextFor())).then(answered);
				await jest.advanceTimersByTimeAsync(20);
				expect(answered).toHaveBeenCalledWith("warmed");
			},
		);

		test("and primes at the same time, and answers when both are done", async () => {
			const { handler } = serviceWith({
				delay: 20,
				onWarmup: () => new Promise((resolve) => setTimeout(resolve, 30)),
			});
			const answered = jest.fn();
			const invocation = Promise.resolve(handler(child, contextFor())).then(answered);
			await jest.advanceTimersByTimeAsync(29);
			expect(answered).not.toHaveBeenCalled();
			await jest.advanceTimersByTimeAsync(1);
			await invocation;
		});

		test("no timer is left behind", async () => {
			const { handler } = serviceWith({
				onWarmup: async () => {},
				onReport: async () => {},
			});
			const pinged = handler({ warmer: true, concurrency: 5 }, contextFor());
			// Far from the deadline: what waits for that would still be there.
			await jest.advanceTimersByTimeAsync(100);
			await pinged;
			expect(jest.getTimerCount()).toBe(0);
		});
	});

	test("counts as reached where priming fails", async () => {
		const { handler, warnings } = serviceWith({
			onWarmup: async () => {
				throw new Error("no database");
			},
		});
		const verified = { ...child, __WARMER_VERIFY__: true, __WARMER_UNTIL__: 0 };
		expect(JSON.parse(await handler(verified, contextFor()))).toMatchObject({ action: "warmer" });
		expect(warnings()).toEqual(["onWarmup failed: no database"]);
	});
});

describe("the hold of a round", () => {
	const delays = async (options: WarmupOptions) => {
		const { handler, sent } = serviceWith(options);
		for (let ping = 0; ping < 3; ping++) await handler({ warmer: true, concurrency: 3 }, contextFor());
		return sent.map((input) => payloadOf(input).__WARMER_DELAY__);
	};

	test("is exactly the delay that the user gave", async () => {
		expect(await delays({ delay: 33 })).toEqual(Array(6).fill(33));
	});
});

describe("handlers in one module graph", () => {
	test("share the environment, and keep their options apart", async () => {
		const one = serviceWith({ flag: "one" });
		const other = serviceWith({ flag: "other", concurrency: 3 });
		await one.handler({ one: true }, contextFor());
		await other.handler({ other: true }, contextFor());
		expect(await one.handler({ other: true }, contextFor())).toEqual({ other: true });
		expect(one.records()[0]?.id).toBe(other.records()[0]?.id);
		expect(one.sent).toHaveLength(0);
		expect(other.sent).toHaveLength(2);
	});

	test("serve two invocations at once", async () => {
		const { handler, reports } = serviceWith({ concurrency: 4 });
		await Promise.all(Array.from({ length: 3 }, () => handler({ warmer: true }, contextFor())));
		expect(reports().map(({ warmed }) => warmed)).toEqual([4, 4, 4]);
	});
});

// Last, since what these load belongs to other environments than what was loaded above.
describe("a new environment", () => {
	const fresh = async (options: WarmupOptions = {}, client = fakeClient()) => {
		newEnvironment();
		const { default: freshWarmup } = await import("../src/index.js");
		return serviceWith(options, client, freshWarmup);
	};

	test("says in its first record that it is one", async () => {
		const { handler, records } = await fresh();
		await handler({ warmer: true }, contextFor());
		await handler({ warmer: true }, contextFor());
		const never = { lastAccessed: null, lastAccessedSeconds: null };
		expect(records()).toMatchObject([
			{ warm: false, start: "cold", ...never },
			{ warm: true, start: "warm", ...never },
		]);
	});

	test("that Lambda initialised long before its first ping says so", async () => {
		const { handler, records } = await fresh();
		jest.useFakeTimers({ now: Date.now() + 11_000, doNotFake: ["setTimeout", "setImmediate"] });
		await handler({ warmer: true }, contextFor());
		jest.useRealTimers();
		expect(records()).toMatchObject([{ warm: false, start: "proactive" }]);
	});

	test("tells for how long no business request has come", async () => {
		const { handler, records } = await fresh();
		jest.useFakeTimers({ now: 1_000_000, doNotFake: ["setTimeout", "setImmediate"] });
		await handler({}, {} as never);
		jest.setSystemTime(1_090_500);
		await handler({ warmer: true }, contextFor());
		jest.useRealTimers();
		expect(records()).toMatchObject([{ lastAccessed: 1_000_000, lastAccessedSeconds: "90.5" }]);
	});

	test("knows by a clock when a business request came whose context does not tell", async () => {
		const { handler, records } = await fresh();
		await handler({ warmer: true }, contextFor());
		const before = Date.now();
		await handler({}, {} as never);
		const after = Date.now();
		await handler({ warmer: true }, contextFor());
		const [first, second] = records();
		expect(first).toMatchObject({ warm: false, lastAccessed: null });
		expect(second?.lastAccessed).toBeGreaterThanOrEqual(before);
		expect(second?.lastAccessed).toBeLessThanOrEqual(after);
		await handler({}, contextFor());
		await handler({ warmer: true }, {} as never);
		expect(records()[2]).toMatchObject({ lastAccessed: null });
	});

	test("that initiates is one of those it counts, and no child's", async () => {
		const { handler, records, reports } = await fresh(
			{ concurrency: 3, delay: 0 },
			fakeClient(() => identity(records()[0]?.id as string)),
		);
		await handler({ warmer: true }, contextFor());
		expect(reports()).toMatchObject([{ warmed: 1, cold: 1 }]);
	});

	test("learns no hold from a child that is told none", async () => {
		const { handler, sent } = await fresh();
		await handler(
			{ warmer: true, __WARMER_INVOCATION__: 2, __WARMER_VERIFY__: true, __WARMER_UNTIL__: 0 },
			contextFor(),
		);
		await handler({ warmer: true, concurrency: 2 }, contextFor());
		expect(payloadOf(sent[0] as never).__WARMER_DELAY__).toBe(75);
	});

	/** A child of a ping of so many, that is told so long a hold (ms). */
	const told = (concurrency: number, delay: number) => ({
		warmer: true,
		__WARMER_INVOCATION__: 2,
		__WARMER_CONCURRENCY__: concurrency,
		__WARMER_VERIFY__: true,
		__WARMER_UNTIL__: 0,
		__WARMER_DELAY__: delay,
	});

	test.each([
		[40, 40],
		[3_600_000, 90],
	])("takes over the hold that its initiator used, up to maxDelay: %i ms", async (delay, adopted) => {
		const { handler, sent } = await fresh({ maxDelay: 90, maxConcurrency: 3 });
		await handler(told(3, delay), contextFor());
		await handler({ warmer: true, concurrency: 3 }, contextFor());
		await handler({ warmer: true, concurrency: 2 }, contextFor());
		const delays = sent.map((input) => payloadOf(input).__WARMER_DELAY__);
		expect(delays).toEqual([adopted, adopted, 75]);
	});

	test("remembers nothing for more environments than a ping may ask for", async () => {
		const { handler } = await fresh({ maxConcurrency: 3 });
		for (let number = 2; number < 6; number++) await handler(told(number, 40), contextFor());
		const { holds } = Reflect.get(globalThis, environmentKey);
		expect(holds.size).toBe(2);
	});

	test("adapts the hold to what its pings measure", async () => {
		const client = fakeClient(async (payload) => {
			await new Promise((resolve) => setTimeout(resolve, 20));
			return identity(`e${payload.__WARMER_INVOCATION__}`);
		});
		const { handler, sent } = await fresh({}, client);
		jest.useFakeTimers({ now: 1_000_000 });
		for (let ping = 0; ping < 3; ping++) {
			const pinged = handler({ warmer: true, concurrency: 2 }, contextFor());
			await jest.runAllTimersAsync();
			await pinged;
		}
		jest.useRealTimers();
		const [first, ...later] = sent.map((input) => payloadOf(input).__WARMER_DELAY__ as number);
		expect(first).toBe(75);
		// A margin longer than 20 ms, less what leaving took.
		for (const delay of later) {
			expect(delay).toBeGreaterThan(20);
			expect(delay).toBeLessThanOrEqual(26);
		}
	});

	test("under a maxDelay below 75 never holds longer than that", async () => {
		const { handler, sent } = await fresh({ maxDelay: 10 });
		await handler({ warmer: true, concurrency: 2 }, contextFor());
		expect(payloadOf(sent[0] as never).__WARMER_DELAY__).toBe(10);
	});

	test("learns no more than maxDelay from a clock that lies", async () => {
		const client = fakeClient(() => identity("far", { startedAt: 1e300 }));
		const { handler, sent } = await fresh({ maxDelay: 100 }, client);
		for (let ping = 0; ping < 3; ping++) {
			await handler({ warmer: true, concurrency: 2 }, contextFor());
		}
		for (const input of sent) {
			expect(payloadOf(input).__WARMER_DELAY__).toBeLessThanOrEqual(100);
		}
	});

	test("answers pings where its other file is missing, as in a bundle that left it out", async () => {
		jest.unstable_mockModule("../src/warm-up.js", () => {
			throw new Error("left out");
		});
		const warning = jest.spyOn(console, "warn").mockReturnValue();
		const { handler, business } = await fresh();
		expect(await handler({ warmer: true }, contextFor())).toBe("warmed");
		expect(warning.mock.calls).toEqual([[{ action: "warmer-warning", message: expect.stringContaining("left out") }]]);
		await handler({}, contextFor());
		expect(business).toHaveBeenCalledTimes(1);
		jest.unstable_unmockModule("../src/warm-up.js");
		warning.mockRestore();
	});

	test("loads the SDK with the first fan-out, and not where there is no time for it", async () => {
		const load = jest.fn(() => ({ LambdaClient, InvokeCommand }));
		jest.unstable_mockModule("@aws-sdk/client-lambda", load);
		const { handler, reports } = await fresh({ maxDelay: 10 });
		await handler({ warmer: true }, contextFor());
		await handler({ warmer: true, concurrency: 3 }, contextFor(arn, 300));
		expect(load).not.toHaveBeenCalled();
		expect(reports()).toMatchObject([
			{
				warmed: 1,
				timedOut: 2,
				errors: [{ name: "NotSentInTime", count: 2, hint: expect.stringContaining("more memory") }],
			},
		]);
		await handler({ warmer: true, concurrency: 3 }, contextFor());
		expect(load).toHaveBeenCalledTimes(1);
		expect(reports()[1]).toMatchObject({ warmed: 3 });
		jest.unstable_unmockModule("@aws-sdk/client-lambda");
	});
});
