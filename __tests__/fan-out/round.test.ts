import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { NO_ANSWER, NOT_SENT } from "../../src/report/errors.js";
import { answered, createFakeLambda, createPings, failed, reached, runPing, TRANSIENT } from "./support.js";

const now = 1_800_000_000_000;

beforeEach(() => {
	jest.useFakeTimers({ now });
});
afterEach(() => {
	jest.useRealTimers();
	jest.restoreAllMocks();
});

describe("the children", () => {
	test("are synchronous and hold until the same instant when they verify", async () => {
		const lambda = createFakeLambda();
		await runPing(lambda, { tenantId: "blue" }, { flag: "__proto__" });
		expect(lambda.invocations.map(({ Payload: _, ...input }) => input)).toEqual(
			Array(4).fill({ FunctionName: "api:prod", InvocationType: "RequestResponse", TenantId: "blue" }),
		);
		expect(lambda.sent.map((child) => child.__WARMER_INVOCATION__)).toEqual([2, 3, 4, 5]);
		const [until, ...others] = new Set(lambda.sent.map((child) => child.__WARMER_UNTIL__));
		expect(others).toEqual([]);
		expect(until).toBeGreaterThanOrEqual(now + 40);
		expect(until).toBeLessThanOrEqual(now + 60);
	});

	test("are asynchronous but for the last when they don't verify", async () => {
		const lambda = createFakeLambda((index) => ({
			...(index < 3 ? { kind: "accepted" } : answered(true)),
			afterMs: 0,
		}));
		await runPing(lambda, {}, { verify: false });
		expect(lambda.invocations.map((invocation) => invocation.InvocationType)).toEqual([
			"Event",
			"Event",
			"Event",
			"RequestResponse",
		]);
		expect(lambda.invocations[0]).not.toHaveProperty("TenantId");
		expect(lambda.sent[0]).not.toHaveProperty("__WARMER_VERIFY__");
	});

	test("depart when it was planned, but at once when they don't verify", async () => {
		const lambda = createFakeLambda();
		await runPing(lambda);
		expect(Number(lambda.sentAt[0])).toBeGreaterThan(now);
		const unverified = createFakeLambda(() => ({ ...answered(true), afterMs: 0 }));
		const startedAt = Date.now();
		await runPing(unverified, {}, { verify: false });
		expect(unverified.sentAt[0]).toBe(startedAt);
	});

	test.each([
		["direct", "every eighth is prepared, and all are sent", 3],
		["sdk", "every eighth is prepared, and each is sent", 23],
	] as const)("over %s let the event loop turn when %s", async (kind, _, turns) => {
		const turn = jest.spyOn(globalThis, "setImmediate");
		await runPing(createFakeLambda(undefined, { kind }), { concurrency: 21 });
		expect(turn).toHaveBeenCalledTimes(turns);
	});

	test("are sent at the same moment over the direct transport", async () => {
		const lambda = createFakeLambda(undefined, {}, () => 1);
		await runPing(lambda, { concurrency: 20 });
		expect(new Set(lambda.sentAt).size).toBe(1);
	});

	test("end their holds at the same moment when the SDK sends them without an instant", async () => {
		const lambda = createFakeLambda(
			(index) => reached(index < 9 ? "same" : `e${index}`),
			{ kind: "sdk" },
			() => 5,
		);
		await runPing(lambda, { concurrency: 10 });
		const secondRound = lambda.sent.slice(9);
		expect(secondRound).toHaveLength(9);
		for (const child of secondRound) {
			expect(child).not.toHaveProperty("__WARMER_UNTIL__");
			expect(child.__WARMER_DELAY__).toBeGreaterThanOrEqual(80);
		}
		const delays = secondRound.map((child) => Number(child.__WARMER_DELAY__));
		expect(delays[0]).toBeGreaterThan(Number(delays[8]));
	});
});

describe("a child that fails", () => {
	test("is sent again until the same instant", async () => {
		const lambda = createFakeLambda((index) => (index === 0 ? TRANSIENT.reset : reached(`e${index}`)));
		expect(await runPing(lambda)).toMatchObject({ warmed: 5, rounds: 1, failed: 1 });
		expect(lambda.sent.map((child) => child.__WARMER_INVOCATION__)).toEqual([2, 3, 4, 5, 2]);
		expect(lambda.sent[4]?.__WARMER_UNTIL__).toBe(lambda.sent[0]?.__WARMER_UNTIL__);
	});

	test.each([
		[0, 10],
		[0.999, 40],
	])("pauses after a throttle: for 10 ms plus a random part of %p", async (random, pauseMs) => {
		jest.spyOn(Math, "random").mockReturnValue(random);
		const lambda = createFakeLambda((index) => (index === 0 ? TRANSIENT.throttle : reached(`e${index}`)));
		expect(await runPing(lambda, {}, { delay: 200 })).toMatchObject({ warmed: 5, rounds: 1, throttled: 1 });
		const waitedMs = Number(lambda.sentAt[4]) - Number(lambda.sentAt[0]);
		expect(Math.abs(waitedMs - pauseMs)).toBeLessThanOrEqual(3);
	});

	test("is sent a third time when it alone is reset twice", async () => {
		const lambda = createFakeLambda((index, number) =>
			number === 2 && index < 5 ? TRANSIENT.reset : reached(`e${index}`),
		);
		expect(await runPing(lambda, {}, { delay: 200 })).toMatchObject({ warmed: 5, failed: 2, rounds: 1 });
	});

	test("says nothing about arrivals when it is sent again", async () => {
		const lambda = createFakeLambda((index) =>
			index === 0 ? { ...TRANSIENT.reset, afterMs: 20 } : reached(`e${index}`, { arrivalMs: index < 4 ? 10 : 90 }),
		);
		const ping = createPings(lambda.createSession, { maxDelay: 2000 });
		expect(await ping()).toMatchObject({ warmed: 5, rounds: 1, delay: 75 });
		expect((await ping()).delay).toBeLessThan(75);
	});

	test("is not sent a fourth time in a later round", async () => {
		const lambda = createFakeLambda((_, number) => (number === 2 ? TRANSIENT.reset : reached("same")));
		await runPing(lambda);
		expect(lambda.sent.filter((child) => child.__WARMER_INVOCATION__ === 2)).toHaveLength(3);
		expect(lambda.sent.filter((child) => child.__WARMER_INVOCATION__ === 3)).toHaveLength(3);
	});
});

describe("when preparing takes longer than planned", () => {
	test("prepares all children again, so that they have their hold", async () => {
		const holdsLeftMs: number[] = [];
		const lambda = createFakeLambda(
			(index) => {
				holdsLeftMs.push(Number(lambda.sent[index]?.__WARMER_UNTIL__) - Date.now());
				return reached(`e${index}`);
			},
			{},
			(prepared) => (prepared <= 3 ? 50 : 0),
		);
		expect(await runPing(lambda)).toMatchObject({ warmed: 5, rounds: 1 });
		expect(lambda.prepared.length).toBeGreaterThan(4);
		expect(holdsLeftMs).toHaveLength(4);
		expect(Math.min(...holdsLeftMs)).toBeGreaterThanOrEqual(20);
	});

	test("prepares once when that costs at most 20 ms of the hold", async () => {
		const lambda = createFakeLambda(undefined, {}, () => 5);
		expect(await runPing(lambda)).toMatchObject({ warmed: 5, rounds: 1 });
		expect(lambda.prepared).toHaveLength(4);
	});

	test("prepares four times at most", async () => {
		const lambda = createFakeLambda(undefined, {}, (prepared) => 20 * prepared);
		expect(await runPing(lambda)).toMatchObject({ warmed: 5, rounds: 1 });
		expect(lambda.prepared).toHaveLength(16);
		expect(lambda.sent).toHaveLength(4);
	});

	test("prepares once when there is no time for more", async () => {
		const lambda = createFakeLambda(undefined, {}, (prepared) => (prepared <= 4 ? 50 : 0));
		await runPing(lambda, { deadline: now + 241 });
		expect(lambda.prepared).toHaveLength(4);
		expect(lambda.sent).toHaveLength(4);
	});

	test("prepares once when children don't verify", async () => {
		const lambda = createFakeLambda(
			() => ({ ...answered(true), afterMs: 0 }),
			{},
			() => 50,
		);
		await runPing(lambda, {}, { verify: false });
		expect(lambda.prepared).toHaveLength(4);
	});
});

describe("when time is short", () => {
	test("ends the waiting at the deadline", async () => {
		const lambda = createFakeLambda((index) => (index === 1 ? undefined : reached(`e${index}`)));
		const report = await runPing(lambda, { deadline: now + 200 });
		expect(report).toMatchObject({ warmed: 4, timedOut: 1, rounds: 1, errors: [{ name: NO_ANSWER.name, count: 1 }] });
		expect(report.durationMs).toBeLessThanOrEqual(200);
		expect(lambda.close).toHaveBeenCalledTimes(1);
	});

	test("ends connecting at the deadline", async () => {
		const lambda = createFakeLambda(undefined, { open: () => new Promise(() => {}) });
		const report = await runPing(lambda, { deadline: now + 200 });
		expect(report).toMatchObject({ warmed: 1, timedOut: 4, rounds: 1, durationMs: 200 });
		expect(report.errors).toMatchObject([{ name: NOT_SENT.name, count: 4 }]);
	});

	test("does not send children that could not answer before the deadline", async () => {
		const lambda = createFakeLambda(undefined, {}, () => 40);
		const report = await runPing(lambda, { concurrency: 200, deadline: now + 200 });
		expect(report.errors).toMatchObject([{ name: NOT_SENT.name, count: report.timedOut }]);
		expect(report.timedOut).toBeGreaterThan(0);
		expect(report.warmed + report.timedOut).toBe(200);
		expect(lambda.prepared.length).toBeLessThan(199);
		expect(lambda.sent).toHaveLength(report.warmed - 1);
	});

	test("stops sending at the deadline", async () => {
		const lambda = createFakeLambda((index) => {
			jest.setSystemTime(Date.now() + 100);
			return reached(`e${index}`);
		});
		expect(await runPing(lambda, { deadline: now + 250 })).toMatchObject({ rounds: 1 });
		expect(lambda.prepared).toHaveLength(4);
		expect(lambda.sent).toHaveLength(3);
	});

	test("still sends a child at the very deadline", async () => {
		const lambda = createFakeLambda(() => {
			jest.setSystemTime(Date.now() + 100);
			return { ...answered(true), afterMs: 0 };
		});
		await runPing(lambda, { deadline: now + 200 }, { verify: false });
		expect(lambda.sent).toHaveLength(3);
	});

	test("begins to load the SDK only when there is time for it", async () => {
		const open = async (_children: number, loadBy: number) => Date.now() <= loadBy;
		const lambda = createFakeLambda(undefined, { open, kind: "sdk" });
		expect(await runPing(lambda, { deadline: now + 80 })).toMatchObject({ timedOut: 4, durationMs: 0 });
		expect(lambda.sent).toEqual([]);
		expect(await runPing(lambda, { deadline: Date.now() + 300 })).toMatchObject({ timedOut: 0 });
	});
});

test("fails every child for the same reason when the transport cannot be opened", async () => {
	const open = async () => {
		throw Object.assign(new Error("no module"), { code: "ERR_MODULE_NOT_FOUND" });
	};
	const report = await runPing(createFakeLambda(undefined, { open }));
	expect(report).toMatchObject({ warmed: 1, failed: 4, rounds: 1 });
	expect(report.errors).toMatchObject([{ name: "ERR_MODULE_NOT_FOUND", count: 4 }]);
});

test("counts an unverified synchronous child as another environment only when it answered", async () => {
	const denied = failed({ name: "AccessDeniedException" });
	const lambda = createFakeLambda((index) => (index < 3 ? { kind: "accepted", afterMs: 0 } : denied));
	expect(await runPing(lambda, {}, { verify: false })).toMatchObject({ warmed: 1, unverified: 3, failed: 1 });
});
