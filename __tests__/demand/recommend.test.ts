import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createDemand } from "../../src/demand/demand.js";
import { growConcurrency, recommend } from "../../src/demand/recommend.js";

const limits = { minConcurrency: 1, maxConcurrency: 50 };
/** 2026-11-28T14Z. */
const hour = Date.UTC(2026, 10, 28, 14) / 3_600_000;

describe("the recommended number", () => {
	test.each([
		["no requests", {}, limits, 1, "no requests seen yet"],
		["the largest peak", { [hour - 1]: 2, [hour]: 6 }, limits, 7, "peak of 6 at 2026-11-28T14Z, plus 1"],
		["the latest of two equal peaks", { [hour - 1]: 6, [hour]: 6 }, limits, 7, "peak of 6 at 2026-11-28T14Z, plus 1"],
		["a peak just below the limit", { [hour]: 49 }, limits, 50, "peak of 49 at 2026-11-28T14Z, plus 1"],
		[
			"a peak above the limit",
			{ [hour]: 9999 },
			limits,
			50,
			"peak of 9999 at 2026-11-28T14Z, plus 1, limited by maxConcurrency",
		],
		[
			"a peak below the least number",
			{ [hour]: 2 },
			{ minConcurrency: 5, maxConcurrency: 50 },
			5,
			"peak of 2 at 2026-11-28T14Z, plus 1, raised to minConcurrency",
		],
		[
			"no requests and a least number",
			{},
			{ minConcurrency: 5, maxConcurrency: 50 },
			5,
			"no requests seen yet, raised to minConcurrency",
		],
	])("after %s is as expected", (_, demand, limits, concurrency, basis) => {
		expect(recommend(demand, limits)).toEqual({ concurrency, basis });
	});

	test("stays within the limits, whatever anyone hands over", () => {
		const tables = fc.dictionary(fc.integer({ min: hour - 30, max: hour + 5 }).map(String), fc.anything());
		const bounds = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 100 }));
		fc.assert(
			fc.property(tables, bounds, (table, [one, other]) => {
				const limits = { minConcurrency: Math.min(one, other), maxConcurrency: Math.max(one, other) };
				const { concurrency } = recommend(
					createDemand(hour * 3_600_000, (hour) => table[hour]),
					limits,
				);
				expect(concurrency).toBeGreaterThanOrEqual(limits.minConcurrency);
				expect(concurrency).toBeLessThanOrEqual(limits.maxConcurrency);
			}),
		);
	});
});

describe("the next round of an automatic ping", () => {
	const quiet = { reached: 4, peak: 2, foundUnpinged: false, hasStarted: false };

	test.each([
		["ends the ping when everything reached is known and not all of it was busy", quiet, 4, undefined],
		["is twice as large when a request started one of the environments", { ...quiet, foundUnpinged: true }, 4, 8],
		["is twice as large when everything reached was busy in the same second", { ...quiet, peak: 4 }, 4, 8],
		["ends the ping when a child started an environment", { ...quiet, peak: 4, hasStarted: true }, 4, undefined],
		["ends the ping when nothing was reached", { ...quiet, reached: 0, peak: 0 }, 4, undefined],
		["is no larger than the limit", { ...quiet, foundUnpinged: true }, 30, 50],
		["ends the ping at the limit", { ...quiet, foundUnpinged: true }, 50, undefined],
	])("%s", (_, observation, concurrency, expected) => {
		expect(growConcurrency(concurrency, observation, limits)).toBe(expected);
	});
});
