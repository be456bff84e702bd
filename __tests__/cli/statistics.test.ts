import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { quantile, spread } from "../../cli/statistics.js";

test("quantile interpolates between neighbors, whatever the order", () => {
	expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
	expect(quantile([10, 0], 0.25)).toBe(2.5);
	expect(quantile([7], 0.9)).toBe(7);
	fc.assert(
		fc.property(
			fc.array(fc.integer(), { minLength: 1 }),
			fc.double({ min: 0, max: 1, noNaN: true }),
			(numbers, share) => {
				const value = quantile(numbers, share);
				expect(value).toBeGreaterThanOrEqual(Math.min(...numbers));
				expect(value).toBeLessThanOrEqual(Math.max(...numbers));
			},
		),
	);
});

test("spread gives the median, the quartiles and the extremes", () => {
	expect(spread([5, 1, 2, 4, 3])).toEqual({
		median: 3,
		lowerQuartile: 2,
		upperQuartile: 4,
		min: 1,
		max: 5,
		count: 5,
	});
});
