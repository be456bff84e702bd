import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { deadlineOf, handedOverAt, remainingTimeOf, sleepUntil, within, yieldToLoop } from "../src/deadline.js";
import { contextFor } from "./support.js";

beforeEach(() => {
	jest.useFakeTimers({ now: 1_000_000 });
});
afterEach(() => {
	jest.useRealTimers();
});

describe("deadlineOf", () => {
	test("keeps the reserve free of what remains", () => {
		expect(deadlineOf(contextFor(undefined, 900), 250)).toBe(1_000_650);
	});

	test("finds Lambda's context in a durable one", () => {
		const durable = { lambdaContext: contextFor(undefined, 900) };
		expect(deadlineOf(durable as never, 250)).toBe(1_000_650);
	});

	test.each([
		{},
		null,
		{ lambdaContext: {} },
		{ getRemainingTimeInMillis: () => "soon" },
		{ getRemainingTimeInMillis: () => Number.POSITIVE_INFINITY },
		{
			getRemainingTimeInMillis: () => {
				throw new Error("no");
			},
		},
	])("assumes Lambda's default timeout for a context that does not tell: %p", (context) => {
		expect(deadlineOf(context as never, 250)).toBe(1_002_750);
	});
});

test.each([null, undefined, {}, { lambdaContext: {} }])("remainingTimeOf tells nothing of %p", (context) => {
	expect(remainingTimeOf(context as never)).toBeUndefined();
});

describe("handedOverAt", () => {
	test.each([
		[3000, 0],
		[2970, 30],
		[899_750, 250],
	])("tells from %i ms that remain of a timeout of whole seconds that %i have passed", (remaining, passed) => {
		expect(handedOverAt(contextFor(undefined, remaining), 1_000_000)).toBe(1_000_000 - passed);
	});

	test("whatever the clock says", () => {
		expect(handedOverAt(contextFor(undefined, 2970 + 300), 1_000_300)).toBe(1_000_270);
	});

	test("counts what remains from when the handler was called", () => {
		jest.setSystemTime(1_000_020);
		expect(handedOverAt(contextFor(undefined, 2950), 1_000_000)).toBe(999_970);
	});

	test.each([3001, 2749, 2500])("believes in no timeout that %i ms remain of", (remaining) => {
		expect(handedOverAt(contextFor(undefined, remaining), 1_000_000)).toBe(1_000_000);
	});

	test("is when the handler was called where the context does not tell", () => {
		jest.setSystemTime(1_000_020);
		expect(handedOverAt({} as never, 1_000_000)).toBe(1_000_000);
	});
});

describe("sleepUntil", () => {
	test("waits until the instant", async () => {
		const awake = jest.fn();
		const sleeping = sleepUntil(1_000_040)?.then(awake);
		await jest.advanceTimersByTimeAsync(39);
		expect(awake).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(1);
		await sleeping;
		expect(awake).toHaveBeenCalledTimes(1);
	});

	test("waits no shorter for an instant beyond what setTimeout takes", async () => {
		const awake = jest.fn();
		sleepUntil(2 ** 33)?.then(awake);
		await jest.advanceTimersByTimeAsync(1000);
		expect(awake).not.toHaveBeenCalled();
	});

	test.each([1_000_000, 999_999])("does not wait for %i", (instant) => {
		expect(sleepUntil(instant)).toBeUndefined();
		expect(jest.getTimerCount()).toBe(0);
	});
});

describe("within", () => {
	test("gives the value, and leaves no timer", async () => {
		expect(await within(1_000_050, Promise.resolve("value"), "late")).toBe("value");
		expect(jest.getTimerCount()).toBe(0);
	});

	test("gives the rejection, and leaves no timer", async () => {
		const failing = within(1_000_050, Promise.reject(new Error("no")), "late");
		await expect(failing).rejects.toThrow("no");
		expect(jest.getTimerCount()).toBe(0);
	});

	test("gives up at the deadline", async () => {
		const settled = jest.fn();
		const waiting = within(1_000_050, new Promise(() => {}), "late").then(settled);
		await jest.advanceTimersByTimeAsync(49);
		expect(settled).not.toHaveBeenCalled();
		await jest.advanceTimersByTimeAsync(1);
		await waiting;
		expect(settled).toHaveBeenCalledWith("late");
	});

	test("gives up no sooner for a deadline beyond what setTimeout takes", async () => {
		const settled = jest.fn();
		within(2 ** 33, new Promise(() => {}), "late").then(settled);
		await jest.advanceTimersByTimeAsync(1000);
		expect(settled).not.toHaveBeenCalled();
	});

	test("gives up at once where the deadline has passed", async () => {
		const waiting = within(5, new Promise(() => {}), "late");
		await jest.advanceTimersByTimeAsync(0);
		expect(await waiting).toBe("late");
	});
});

test("yielding lets timers and the network have their turn", async () => {
	jest.useRealTimers();
	const turn = jest.fn();
	setTimeout(turn, 0);
	const begun = Date.now();
	while (!turn.mock.calls.length && Date.now() - begun < 5000) {
		await yieldToLoop();
	}
	expect(turn).toHaveBeenCalled();
});
