import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { sleepUntil, withDeadline, yieldToLoop } from "../../src/fan-out/wait.js";

beforeEach(() => {
	jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
	jest.useRealTimers();
});

describe("sleepUntil", () => {
	test("wakes up at the instant", async () => {
		const wake = jest.fn();
		const sleeping = sleepUntil(1_000_040)?.then(wake);
		await jest.advanceTimersByTimeAsync(39);
		expect(wake).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(1);
		await sleeping;
		expect(wake).toHaveBeenCalledTimes(1);
	});

	test("does not wake up at once when the instant is beyond what setTimeout takes", async () => {
		const wake = jest.fn();
		sleepUntil(2 ** 33)?.then(wake);
		await jest.advanceTimersByTimeAsync(1000);
		expect(wake).not.toHaveBeenCalled();
	});

	test.each([1_000_000, 999_999])("sets no timer when the instant has passed: %i", (instant) => {
		expect(sleepUntil(instant)).toBeUndefined();
		expect(jest.getTimerCount()).toBe(0);
	});
});

describe("withDeadline", () => {
	test("returns the value, and leaves no timer, when the promise resolves in time", async () => {
		expect(await withDeadline(1_000_050, Promise.resolve("value"), "late")).toBe("value");
		expect(jest.getTimerCount()).toBe(0);
	});

	test("rejects, and leaves no timer, when the promise rejects in time", async () => {
		await expect(withDeadline(1_000_050, Promise.reject(new Error("no")), "late")).rejects.toThrow("no");
		expect(jest.getTimerCount()).toBe(0);
	});

	test("returns the fallback when the deadline passes", async () => {
		const settle = jest.fn();
		const waiting = withDeadline(1_000_050, new Promise(() => {}), "late").then(settle);
		await jest.advanceTimersByTimeAsync(49);
		expect(settle).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(1);
		await waiting;
		expect(settle).toHaveBeenCalledWith("late");
	});

	test("keeps waiting when the deadline is beyond what setTimeout takes", async () => {
		const settle = jest.fn();
		withDeadline(2 ** 33, new Promise(() => {}), "late").then(settle);
		await jest.advanceTimersByTimeAsync(1000);
		expect(settle).not.toHaveBeenCalled();
	});

	test("returns the fallback at once when the deadline has passed already", async () => {
		const waiting = withDeadline(5, new Promise(() => {}), "late");
		await jest.advanceTimersByTimeAsync(0);
		expect(await waiting).toBe("late");
	});
});

test("lets timers run when code yields to the event loop", async () => {
	jest.useRealTimers();
	const run = jest.fn();
	setTimeout(run, 0);
	const startedAt = Date.now();
	while (!run.mock.calls.length && Date.now() - startedAt < 5000) await yieldToLoop();
	expect(run).toHaveBeenCalled();
});
