import { format } from "node:util";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, jest, test } from "@jest/globals";
import middy from "@middy/core";
import { mockClient } from "aws-sdk-client-mock";
import warmup, { warmup as named } from "../../src/index.js";
import { answer, arn, awsError, contextFor, fakeClient, identity, logbook, payloadOf } from "../support.js";
import { serviceWith, useFunctionVariables } from "./support.js";

useFunctionVariables();

describe("a ping", () => {
	test("writes a record and a report, primes, and answers when one environment is requested", async () => {
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
				lastAccessed: null,
				lastAccessedSeconds: null,
				start: expect.any(String),
				requests: expect.any(Number),
				coldStart: expect.any(Boolean),
			},
			expect.objectContaining({ action: "warmer-report", requested: 1, warmed: 1, rounds: 0 }),
		]);
		expect(entries[1]).not.toHaveProperty("skipped");
		expect(onWarmup).toHaveBeenCalledTimes(1);
		expect(onWarmup).toHaveBeenCalledWith(expect.objectContaining({ event: { warmer: true }, context }));
		expect(business).not.toHaveBeenCalled();
		expect(sent).toEqual([]);
	});

	test("runs no later hook, and no earlier hook twice", async () => {
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

	test("invokes four children with the AWS SDK's client when five environments are requested", async () => {
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
				traffic: { requests: 1, coldStarts: 0, peak: 1, sinceMs: expect.any(Number) },
				recommended: expect.any(Number),
				demand: expect.any(Object),
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

	test("does not fan out when the function's name is unknown", async () => {
		delete process.env.AWS_LAMBDA_FUNCTION_NAME;
		const { handler, sent, reports } = serviceWith();
		expect(await handler({ warmer: true, concurrency: 2 }, contextFor("emulated"))).toBe("warmed");
		expect(sent).toEqual([]);
		expect(reports()).toMatchObject([
			{
				requested: 2,
				warmed: 1,
				rounds: 0,
				skipped: "the function's name is unknown: neither the context nor AWS_LAMBDA_FUNCTION_NAME has it",
			},
		]);
	});

	test("sends the tenant id to its children", async () => {
		const { handler, sent } = serviceWith();
		await handler({ warmer: true, concurrency: 2 }, { ...contextFor(), tenantId: "blue" } as never);
		expect(sent[0]?.TenantId).toBe("blue");
	});

	test("with the test field leaves what was served to the next ping", async () => {
		const { handler, records } = serviceWith();
		await handler({ warmer: true }, contextFor());
		await handler({ path: "/" }, contextFor());
		await handler({ warmer: true, test: true }, contextFor());
		await handler({ warmer: true }, contextFor());
		expect(records().map(({ requests }) => requests)).toEqual([expect.any(Number), undefined, 1]);
	});

	test("writes a record and nothing else when the test field is true", async () => {
		const onWarmup = jest.fn();
		const { handler, sent, records, reports } = serviceWith({ onWarmup, concurrency: 5 });
		expect(await handler({ warmer: true, test: true }, contextFor())).toBe("warmed");
		expect(records()).toMatchObject([{ count: 1, concurrency: 5, id: expect.any(String), start: "warm" }]);
		expect(reports()).toEqual([]);
		expect(sent).toEqual([]);
		expect(onWarmup).not.toHaveBeenCalled();
	});

	test("logs a warning and uses the option when its number is malformed", async () => {
		const { handler, sent, warnings } = serviceWith({ concurrency: 2 });
		expect(await handler({ warmer: true, concurrency: -1 }, contextFor())).toBe("warmed");
		expect(sent).toHaveLength(1);
		expect(warnings()).toEqual([
			'concurrency must be an integer of 1 or more, or "auto", but is -1: 2 is used instead',
		]);
	});

	test("passes its correlation id to its children", async () => {
		const { handler, sent, records, reports } = serviceWith({ correlationId: "nightly" });
		await handler({ warmer: true, concurrency: 2 }, contextFor());
		expect(records()[0]?.correlationId).toBe("nightly");
		expect(reports()[0]?.correlationId).toBe("nightly");
		expect(payloadOf(sent[0] as never).__WARMER_CORRELATIONID__).toBe("nightly");
	});

	test("is answered when the context throws", async () => {
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

	test("passes its report to onReport, and waits for it", async () => {
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

	test("leaves onReport a moment when the deadline cuts the fan-out short", async () => {
		const onReport = jest.fn();
		const { handler, reports } = serviceWith(
			{ onReport },
			fakeClient(() => new Promise(() => {})),
		);
		expect(await handler({ warmer: true, concurrency: 3 }, contextFor(arn, 270))).toBe("warmed");
		expect(reports()).toMatchObject([{ warmed: 1, timedOut: 2 }]);
		expect(onReport).toHaveBeenCalledTimes(1);
	});

	test("warns with the reason when environments are missing", async () => {
		const throttled = fakeClient(() => {
			throw awsError("TooManyRequestsException");
		});
		const { handler, warnings } = serviceWith({}, throttled);
		expect(await handler({ warmer: true, concurrency: 3 }, contextFor())).toBe("warmed");
		expect(warnings()).toEqual([`1 of 3 environments of ${arn} are known to be warm: 2 throttled`]);
	});

	test("does not warn about missing environments when verify is false", async () => {
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
	])("does not fan out, and says why, when %s is %s", async (variable, value) => {
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

test("a ping of one environment skips nothing with provisioned concurrency", async () => {
	process.env.AWS_LAMBDA_INITIALIZATION_TYPE = "provisioned-concurrency";
	const { handler, reports } = serviceWith();
	await handler({ warmer: true }, contextFor());
	expect(reports()).toMatchObject([{ requested: 1, warmed: 1 }]);
	expect(reports()[0]).not.toHaveProperty("skipped");
});

test("a refused ping hands over no demand", async () => {
	const hour = Math.floor(Date.now() / 3_600_000);
	const { handler, reports } = serviceWith();
	await handler({ warmer: true, target: "else", demand: { [hour]: 4321 } }, contextFor());
	await handler({ warmer: true }, contextFor());
	expect(reports()[0]?.demand?.[hour]).not.toBe(4321);
});

test("an array of pings is no test when only one of them is", async () => {
	const onWarmup = jest.fn();
	const { handler, records } = serviceWith({ onWarmup });
	await handler([{ warmer: true, test: true }, { warmer: true }], contextFor());
	expect(records()).toMatchObject([{ requests: expect.any(Number) }]);
	expect(onWarmup).toHaveBeenCalledTimes(1);
});

test("a ping tells NODE_DEBUG what it reads and what its rounds reach", async () => {
	const lines: string[] = [];
	const debuglog =
		() =>
		(message: string, ...details: unknown[]) =>
			lines.push(format(message, ...details));
	const { getBuiltinModule } = process;
	const spy = jest
		.spyOn(process, "getBuiltinModule")
		.mockImplementation(((name: string) =>
			name === "node:util" ? { debuglog } : getBuiltinModule(name)) as typeof getBuiltinModule);
	const { handler } = serviceWith();
	await handler({ warmer: true, concurrency: 2 }, contextFor());
	spy.mockRestore();
	expect(lines).toEqual([
		expect.stringMatching(/^pings: \[\{"concurrency":2,/),
		expect.stringMatching(/^round 1 over sdk: \{"concurrency":2,.*\} \{"health":"answered",/),
	]);
});

describe("a ping that only isWarmingUp recognizes", () => {
	const isWarmingUp = (event: unknown) => (event as { source?: string }).source === "plugin";

	test.each<[object, number]>([
		[{}, 1],
		[{ concurrency: 3 }, 3],
		[{ concurrency: -1 }, 1],
	])("requests the ping's number, or 1, whatever the options say: %p", async (fields, expected) => {
		const { handler, records, reports, sent } = serviceWith({ concurrency: 20, isWarmingUp, delay: 1 });
		expect(await handler({ source: "plugin", ...fields }, contextFor())).toBe("warmed");
		expect(records()).toMatchObject([{ concurrency: expected }]);
		expect(sent).toHaveLength(expected - 1);
		expect(reports()).toHaveLength(expected > 1 ? 1 : 0);
	});
});

test("an array of pings is served in order, with one record", async () => {
	const { handler, sent, records, reports } = serviceWith({ targets: ["other"] });
	expect(
		await handler(
			[{ warmer: true }, { warmer: true, concurrency: 2, target: "other" }, { warmer: true, concurrency: 3 }],
			contextFor(),
		),
	).toBe("warmed");
	expect(sent.map(({ FunctionName }) => FunctionName)).toEqual([arn, arn, "other", "other"]);
	expect(records()).toHaveLength(1);
	expect(reports()).toHaveLength(2);
});
