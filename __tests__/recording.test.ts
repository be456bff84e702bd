import { describe, expect, jest, test } from "@jest/globals";
import middy from "@middy/core";
import { beginRequest, createEnvironment, endRequest } from "../src/environment.js";
import { freshService, serviceWith, useFunctionVariables } from "./ping/support.js";
import {
	arn,
	contextFor,
	createFreshEnvironment,
	environmentKey,
	fakeClient,
	identity,
	logbook,
	payloadOf,
} from "./support.js";

useFunctionVariables();

const LOADED_AT = 1_800_000_000_000;
const SECOND = LOADED_AT / 1000;

/** An environment whose first invocation is this request, in ms after loading. */
const serve = (beganMs: number, endedMs?: number, processStartedAt = LOADED_AT - 2000) => {
	const environment = createEnvironment(LOADED_AT);
	beginRequest(environment, "request", LOADED_AT + beganMs, processStartedAt);
	if (endedMs !== undefined) endRequest(environment, "request", LOADED_AT + endedMs);
	const { requests, coldStart, busySeconds } = environment.served;
	return { environment, requests, coldStart, busy: [...busySeconds].map((second) => second - SECOND) };
};

describe("recording a request", () => {
	test("counts from the start of the process when the request started the environment", () => {
		expect(serve(0, 1500)).toMatchObject({ requests: 1, coldStart: true, busy: [-2, -1, 0, 1] });
	});

	test("counts no cold start when Lambda had initialized the environment long before", () => {
		expect(serve(11_000, 11_500)).toMatchObject({ requests: 1, coldStart: false, busy: [11] });
	});

	test.each([
		[10_000, true],
		[10_001, false],
	])("takes a first request %i ms after loading for a cold start: %p", (beganMs, coldStart) => {
		expect(serve(beganMs).coldStart).toBe(coldStart);
	});

	test.each([
		[-10, 10_000],
		[0, 10_001],
	])("counts from second %i when the process started %i ms before the request", (first, startedMsBefore) => {
		expect(serve(0, 0, LOADED_AT - startedMsBefore).busy[0]).toBe(first);
	});

	test("asks the process for its start when nobody says it", () => {
		const uptime = jest.spyOn(process, "uptime").mockReturnValue(2);
		const environment = createEnvironment(LOADED_AT);
		beginRequest(environment, "request", LOADED_AT);
		uptime.mockRestore();
		expect([...environment.served.busySeconds]).toEqual([SECOND - 2, SECOND - 1, SECOND]);
	});

	test("counts each request that has neither an id nor a context", () => {
		const environment = createEnvironment(LOADED_AT);
		for (let number = 0; number < 2; number++) beginRequest(environment, undefined, LOADED_AT + 11_000);
		expect(environment.served.requests).toBe(2);
	});

	test("counts from the request when the process was restored from a snapshot", () => {
		process.env.AWS_LAMBDA_INITIALIZATION_TYPE = "snap-start";
		expect(serve(3_600_000, 3_601_000)).toMatchObject({ coldStart: true, busy: [3600, 3601] });
	});

	test("counts the second in which a request began when nobody reports its end", () => {
		expect(serve(11_000)).toMatchObject({ busy: [11] });
	});

	test("keeps the latest 600 seconds of a request that takes 15 minutes", () => {
		const { busy } = serve(11_000, 911_000);
		expect(busy).toHaveLength(600);
		expect([busy[0], busy.at(-1)]).toEqual([312, 911]);
	});

	test("keeps no more than 600 seconds of many requests", () => {
		const { environment } = serve(11_000, 11_000);
		for (let number = 0; number < 2000; number++) {
			const at = LOADED_AT + 20_000 + 2000 * number;
			beginRequest(environment, number, at);
			endRequest(environment, number, at + 100);
		}
		expect(environment.served.requests).toBe(2001);
		expect(environment.served.busySeconds.size).toBe(600);
	});

	test("counts a request once when several middlewares report it, and its end when one does", () => {
		const { environment } = serve(11_000);
		beginRequest(environment, "request", LOADED_AT + 11_001);
		expect(environment.served.requests).toBe(1);
		endRequest(environment, "another", LOADED_AT + 13_000);
		expect(environment.served.busySeconds.size).toBe(1);
		endRequest(environment, "request", LOADED_AT + 13_000);
		endRequest(environment, "request", LOADED_AT + 15_000);
		expect(environment.served.busySeconds.size).toBe(3);
	});

	test("ends without a request when none was recorded", () => {
		const environment = createEnvironment(LOADED_AT);
		endRequest(environment, undefined, LOADED_AT);
		expect(environment.served.requests).toBe(0);
	});
});

/** The records and reports of a service that served these events before a ping. */
const pingAfter = async (events: readonly unknown[], ping: object = {}, options = {}) => {
	const service = await freshService(options);
	for (const event of events) await service.handler(event, contextFor());
	await service.handler({ warmer: true, ...ping }, contextFor());
	return service;
};

describe("a ping", () => {
	test("reports what its environment served, and the next ping what came since", async () => {
		const { handler, records, reports } = await pingAfter([{ n: 1 }, { n: 2 }]);
		expect(records()).toMatchObject([{ requests: 2, coldStart: true }]);
		expect(reports()).toMatchObject([
			{ traffic: { requests: 2, coldStarts: 1, peak: 1 }, recommended: 2, demand: expect.any(Object) },
		]);
		await handler({ n: 3 }, contextFor());
		await handler({ warmer: true }, contextFor());
		expect(records()[1]).toMatchObject({ requests: 1, coldStart: false });
		expect(reports()[1]).toMatchObject({ traffic: { requests: 1, coldStarts: 0 }, recommended: 2 });
	});

	test("counts requests whose handler throws", async () => {
		createFreshEnvironment();
		const { default: freshWarmup } = await import("../src/index.js");
		const { log, records } = logbook();
		const handler = middy()
			.use(freshWarmup({ log }))
			.handler(async () => {
				throw new Error("business");
			});
		await expect(handler({}, contextFor())).rejects.toThrow("business");
		await handler({ warmer: true }, contextFor());
		expect(records()).toMatchObject([{ requests: 1 }]);
	});

	test("counts each request once when a chain has the middleware twice", async () => {
		createFreshEnvironment();
		const { default: freshWarmup } = await import("../src/index.js");
		const { log, records } = logbook();
		const handler = middy()
			.use(freshWarmup({ log }))
			.use(freshWarmup({ flag: "other" }))
			.handler(async () => "business");
		await handler({}, contextFor());
		await handler({ warmer: true }, contextFor());
		expect(records()).toMatchObject([{ requests: 1 }]);
	});

	test.each(["after", "onError"] as const)("counts a request until %s runs", async (hook) => {
		jest.useFakeTimers({ now: LOADED_AT, doNotFake: ["setTimeout", "setImmediate"] });
		createFreshEnvironment();
		const { default: freshWarmup } = await import("../src/index.js");
		const middleware = freshWarmup();
		jest.setSystemTime(LOADED_AT + 60_000);
		const request = { event: {}, context: contextFor(), internal: {} } as never;
		await middleware.before?.(request);
		jest.setSystemTime(LOADED_AT + 63_000);
		await middleware[hook]?.(request);
		jest.useRealTimers();
		const { served } = Reflect.get(globalThis, environmentKey);
		expect([...served.busySeconds].map((second) => second - SECOND)).toEqual([60, 61, 62, 63]);
	});

	test("leaves the records for the next ping when it is a test", async () => {
		const { handler, records } = await pingAfter([{}], { test: true });
		await handler({ warmer: true }, contextFor());
		expect(records()[1]).toMatchObject({ requests: 1, coldStart: true });
	});

	test("has records but no traffic in its report when verify is false", async () => {
		const { records, reports } = await pingAfter([{}], { concurrency: 2 }, { verify: false });
		expect(records()).toMatchObject([{ requests: 1, coldStart: true }]);
		expect(reports()).toHaveLength(1);
		for (const field of ["traffic", "recommended", "demand"]) expect(reports()[0]).not.toHaveProperty(field);
	});

	test("publishes no report for one environment when verify is false", async () => {
		const { reports } = await pingAfter([], {}, { verify: false });
		expect(reports()).toEqual([]);
	});

	test("records nothing on Lambda Managed Instances", async () => {
		process.env.AWS_LAMBDA_INITIALIZATION_TYPE = "lambda-managed-instances";
		const { records, reports } = await pingAfter([{}], { concurrency: 2 });
		expect(records()[0]).not.toHaveProperty("requests");
		expect(reports()).toMatchObject([{ traffic: { requests: 0 }, skipped: expect.stringContaining("Managed") }]);
	});

	test("keeps no record of a request on Lambda Managed Instances, whatever its context is", async () => {
		process.env.AWS_LAMBDA_INITIALIZATION_TYPE = "lambda-managed-instances";
		createFreshEnvironment();
		const { default: freshWarmup } = await import("../src/index.js");
		const { before: begin, after: end } = freshWarmup();
		const { served } = Reflect.get(globalThis, environmentKey);
		for (const context of [contextFor(), undefined]) {
			const request = { event: {}, context, internal: {} } as never;
			await begin?.(request);
			await end?.(request);
		}
		expect(served.requests).toBe(0);
		expect(served.busySeconds.size).toBe(0);
	});
});

describe("an automatic ping", () => {
	const hour = Math.floor(Date.now() / 3_600_000);

	test("asks for minConcurrency when no requests have been seen", async () => {
		const { reports, sent } = await pingAfter([], {}, { concurrency: "auto", minConcurrency: 3 });
		expect(sent).toHaveLength(2);
		expect(reports()).toMatchObject([{ requested: 3, basis: "no requests seen yet, raised to minConcurrency" }]);
	});

	test("publishes a report for one environment", async () => {
		const { reports, records } = await pingAfter([], {}, { concurrency: "auto" });
		expect(records()).toMatchObject([{ concurrency: 1 }]);
		expect(reports()).toMatchObject([{ requested: 1, rounds: 0, basis: "no requests seen yet" }]);
	});

	test("asks for the peak that it is handed, plus one, and remembers it", async () => {
		const { handler, reports, sent } = await pingAfter([], { concurrency: "auto", demand: { [hour]: 4 } });
		expect(reports()).toMatchObject([
			{ requested: 5, warmed: 5, basis: expect.stringMatching(/^peak of 4 at .*Z, plus 1$/) },
		]);
		expect(payloadOf(sent[0] as never)).toMatchObject({ __WARMER_DEMAND__: { [hour]: 4 } });
		await handler({ warmer: true, concurrency: "auto" }, contextFor());
		expect(reports()[1]).toMatchObject({ requested: 5 });
	});

	test("asks for the peak that its environment was told as a child, plus one", async () => {
		const { handler, reports } = await freshService();
		const child = { warmer: true, __WARMER_INVOCATION__: 2, __WARMER_VERIFY__: true, __WARMER_UNTIL__: 0 };
		const answered = await handler({ ...child, __WARMER_DEMAND__: { [hour]: 4 } }, contextFor());
		expect(JSON.parse(answered as string)).toMatchObject({ demand: { [hour]: 4 } });
		await handler({ warmer: true, concurrency: "auto", demand: { [hour - 1]: 2 } }, contextFor());
		expect(reports()).toMatchObject([{ requested: 5 }]);
		// What it learned as an initiator, it answers as a child.
		expect(JSON.parse((await handler(child, contextFor())) as string)).toMatchObject({
			demand: { [hour - 1]: 2, [hour]: 4 },
		});
	});

	test("never asks for more than maxConcurrency when its demand is forged", async () => {
		const { reports } = await pingAfter([], { concurrency: "auto", demand: { [hour]: 9000 } }, { maxConcurrency: 4 });
		expect(reports()).toMatchObject([{ requested: 4, basis: expect.stringContaining("limited by maxConcurrency") }]);
	});

	test("keeps a memory for each target", async () => {
		const { handler, reports } = await freshService({ targets: ["other"] });
		const ping = { warmer: true, concurrency: "auto", target: "other" };
		await handler({ ...ping, demand: { [hour]: 2 } }, contextFor());
		await handler([{ warmer: true, concurrency: "auto" }, ping], contextFor());
		expect(reports().map(({ target, requested }) => [target, requested])).toEqual([
			["other", 3],
			[arn, 1],
			["other", 3],
		]);
	});

	test("raises its number while it finds environments that requests had started", async () => {
		const pool = fakeClient((payload) => {
			const traffic = { requests: 1, coldStart: true, sinceMs: 1, busy: "" };
			const known = { action: "warmer", id: `e${payload.__WARMER_INVOCATION__}`, start: "warm", startedAt: Date.now() };
			const isStarted = Number(payload.__WARMER_INVOCATION__) > 5;
			return isStarted
				? identity(known.id, { start: "cold" })
				: { ...identity(""), Payload: Buffer.from(JSON.stringify(JSON.stringify({ ...known, traffic }))) as never };
		});
		const { handler, reports } = await freshService({ concurrency: "auto" }, pool);
		await handler({}, contextFor());
		await handler({ warmer: true }, contextFor());
		expect(reports()).toMatchObject([
			{
				requested: 8,
				warmed: 8,
				basis: expect.stringMatching(/plus 1; raised to 8 while looking for environments that no ping had reached$/),
			},
		]);
	});
});

test("a local run under AWS SAM invokes nothing, and says so", async () => {
	process.env.AWS_SAM_LOCAL = "true";
	const { handler, sent, reports } = serviceWith({ targets: ["other"] });
	await handler(
		[
			{ warmer: true, concurrency: 5 },
			{ warmer: true, target: "other" },
		],
		contextFor(),
	);
	expect(sent).toEqual([]);
	expect(reports()).toMatchObject(
		Array(2).fill({ rounds: 0, skipped: expect.stringContaining("set AWS_ENDPOINT_URL_LAMBDA") }),
	);
});

test("an array of pings primes once", async () => {
	const onWarmup = jest.fn();
	const { handler, records } = serviceWith({ targets: ["one", "two"], onWarmup });
	await handler(
		["one", "two"].map((target) => ({ warmer: true, target })),
		contextFor(),
	);
	expect(onWarmup).toHaveBeenCalledTimes(1);
	expect(records()).toHaveLength(1);
});

test("an empty array that isWarmingUp recognizes is answered, and does nothing", async () => {
	const { handler, entries, business } = serviceWith({ isWarmingUp: () => true });
	expect(await handler([], contextFor())).toBe("warmed");
	expect(entries).toEqual([]);
	expect(business).not.toHaveBeenCalled();
});
