import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { WarmupOptions } from "../../src/index.js";
import { arn, contextFor } from "../support.js";
import { serviceWith, useFunctionVariables } from "./support.js";

useFunctionVariables();

describe("a child", () => {
	const child = { warmer: true, __WARMER_INVOCATION__: 2, __WARMER_CONCURRENCY__: 5, __WARMER_CORRELATIONID__: "c" };

	test("never fans out, whatever the options or the event say", async () => {
		const { handler, sent, records, reports } = serviceWith({ concurrency: 5, delay: 1 });
		expect(await handler({ ...child, concurrency: 9, target: "other" }, contextFor())).toBe("warmed");
		expect(sent).toEqual([]);
		expect(reports()).toEqual([]);
		expect(records()).toMatchObject([{ count: 2, concurrency: 5, correlationId: "c" }]);
	});

	test("answers with its identity when it is asked to verify", async () => {
		const { handler, records } = serviceWith();
		const startedAfter = Date.now();
		const handedOver = contextFor(undefined, 2900);
		const answered = await handler({ ...child, __WARMER_VERIFY__: true, __WARMER_UNTIL__: 0 }, handedOver);
		const { startedAt, ...rest } = JSON.parse(answered);
		expect(rest).toEqual({
			action: "warmer",
			id: records()[0]?.id,
			start: "warm",
			traffic: { requests: 0, coldStart: false, sinceMs: expect.any(Number), busy: "" },
			demand: {},
		});
		// 100 ms of a timeout of 3 s had passed.
		expect(startedAt + 100).toBeGreaterThanOrEqual(startedAfter);
		expect(startedAt + 100).toBeLessThanOrEqual(Date.now());
	});

	test("answers in an array as it does alone", async () => {
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
			"does not hold when nothing is invoked: %p",
			async (event) => {
				const { handler } = serviceWith({ isWarmingUp: () => true });
				const answered = jest.fn();
				Promise.resolve(handler(event, contextFor())).then(answered);
				await jest.advanceTimersByTimeAsync(20);
				expect(answered).toHaveBeenCalledWith("warmed");
			},
		);

		test("primes during the hold, and answers when both are done", async () => {
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

		test("leaves no timer behind", async () => {
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

	test("answers with its identity when priming fails", async () => {
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
