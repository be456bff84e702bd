import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { answerDeadlineOf, dispatchedAt, timeoutOf } from "../../src/ping/deadline.js";
import { contextFor } from "../support.js";

const NOW = 1_000_123;

beforeEach(() => {
	jest.useFakeTimers({ now: NOW });
});
afterEach(() => {
	jest.useRealTimers();
});

/** A context whose method needs its `this`, as that of a class does. */
class HostContext {
	remaining = 5000;
	getRemainingTimeInMillis(): number {
		return this.remaining;
	}
}

describe("timeoutOf", () => {
	test.each<[string, unknown, number]>([
		["Lambda's context", contextFor(undefined, 2900), 2900],
		["a context that needs its this", new HostContext(), 5000],
		["a durable context", { lambdaContext: contextFor(undefined, 1200) }, 1200],
		[
			"a context with a method of its own and a lambdaContext",
			{ ...contextFor(undefined, 2900), lambdaContext: {} },
			2900,
		],
		["a context without the method", {}, 3000],
		["no context", null, 3000],
		["a context that returns nonsense", { getRemainingTimeInMillis: () => "soon" }, 3000],
		[
			"a context that throws",
			{
				getRemainingTimeInMillis: () => {
					throw new Error("no");
				},
			},
			3000,
		],
	])("returns when the invocation times out, given %s", (_, context, remainingMs) => {
		expect(timeoutOf(context as never)).toBe(NOW + remainingMs);
	});
});

describe("answerDeadlineOf", () => {
	test.each([
		[15 * 60_000, 600],
		[3000, 600],
		[2760, 600],
		[2000, 250],
		[1990, 250],
		[300, 250],
	])("leaves, of %i ms, the last %i ms free", (remainingMs, reserveMs) => {
		expect(answerDeadlineOf(contextFor(undefined, remainingMs))).toBe(NOW + remainingMs - reserveMs);
	});
});

describe("dispatchedAt", () => {
	test.each([
		[3000, 0],
		[2900, 100],
		[2750, 250],
		[2740, 0],
	])("is, when %i ms remain at the start of the handler, %i ms before it", (remainingMs, passedMs) => {
		expect(dispatchedAt(contextFor(undefined, remainingMs), NOW)).toBe(NOW - passedMs);
	});
});
