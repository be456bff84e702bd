import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import type { WarmupOptions } from "../../src/index.js";
import { arn, contextFor, fakeClient } from "../support.js";
import { serviceWith, useFunctionVariables } from "./support.js";

useFunctionVariables();

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
	])("ends %s when the function has 15 minutes", async (_, event, options) => {
		const { handler } = serviceWith({ maxDuration: 5000, ...options }, fakeClient(never));
		const answered = jest.fn();
		Promise.resolve(handler(event, contextFor(arn, 900_000))).then(answered);
		await jest.advanceTimersByTimeAsync(4990);
		expect(answered).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(20);
		expect(answered).toHaveBeenCalledWith("warmed");
	});

	test("gives children up 150 ms before it has to answer, which is 600 ms before the timeout", async () => {
		const onReport = jest.fn();
		const { handler } = serviceWith({ onReport }, fakeClient(never));
		const answered = Promise.resolve(handler({ warmer: true, concurrency: 2 }, contextFor(arn, 3000)));
		await jest.advanceTimersByTimeAsync(2240);
		expect(onReport).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(20);
		expect(onReport).toHaveBeenCalledTimes(1);
		await answered;
	});

	test("ends after 30 s when maxDuration is not set", async () => {
		const { handler } = serviceWith({ onWarmup: never });
		const answered = jest.fn();
		const context = contextFor(arn, 900_000);
		Promise.resolve(handler({ warmer: true }, context)).then(answered);
		await jest.advanceTimersByTimeAsync(29_990);
		expect(answered).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(20);
		expect(answered).toHaveBeenCalledWith("warmed");
	});

	test("lets onReport use the rest of maxDuration", async () => {
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

	test("gives onReport a moment after children that hang, and ends it when it hangs", async () => {
		const onReport = jest.fn(never);
		const { handler, warnings } = serviceWith({ maxDuration: 5000, onReport }, fakeClient(never));
		const answered = jest.fn();
		Promise.resolve(handler({ warmer: true, concurrency: 2 }, contextFor(arn, 900_000))).then(answered);
		await jest.advanceTimersByTimeAsync(5010);
		expect(onReport).toHaveBeenCalledTimes(1);
		expect(answered).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(150);
		expect(answered).toHaveBeenCalledWith("warmed");
		expect(warnings()).toContain("onReport had not finished at the deadline: make it faster, or raise the timeout");
	});

	test.each([2 ** 31, Number.MAX_SAFE_INTEGER])("does not end immediately when %i ms remain", async (remaining) => {
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
