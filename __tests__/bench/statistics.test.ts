import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { poissonGaps } from "../../bench/poisson.js";
import { mean, spread } from "../../bench/statistics.js";
import { quantile } from "../../cli/statistics.js";
import { createRandom } from "../../local-lambda/delivery.js";
import { fixed, signed, table } from "../../scripts/lib/markdown.js";

test("quantiles are interpolated between neighbours, whatever the order", () => {
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

test("a spread has the middle, the middle half and the extremes", () => {
	expect(spread([5, 1, 2, 4, 3])).toEqual({
		median: 3,
		lowerQuartile: 2,
		upperQuartile: 4,
		min: 1,
		max: 5,
		count: 5,
	});
});

test("the gaps of a Poisson process have its mean and its variance, and repeat with the seed", () => {
	const gap = poissonGaps(100, createRandom(7));
	const gaps = Array.from({ length: 20_000 }, gap);
	const average = mean(gaps);
	const variance = mean(gaps.map((one) => (one - average) ** 2));
	// Exponential: the mean is 1000 / 100 ms, and the standard deviation is the mean.
	expect(average).toBeCloseTo(10, 0);
	expect(Math.sqrt(variance)).toBeCloseTo(10, 0);
	const again = poissonGaps(100, createRandom(7));
	expect(gaps.slice(0, 50)).toEqual(Array.from({ length: 50 }, again));
	expect(poissonGaps(100, createRandom(8))()).not.toBe(gaps[0]);
});

test("Markdown of numbers and tables", () => {
	expect(fixed(1234.567, 1)).toBe("1,234.6");
	expect(fixed(Number.NaN, 1)).toBe("–");
	expect(signed(12.6)).toBe("+13");
	expect(signed(-1234.4)).toBe("−1,234");
	expect(signed(0.2)).toBe("0");
	expect(signed(-0.2)).toBe("0");
	expect(table(["what", "how many:"], [["one", 1]])).toBe(
		"| what | how many |\n| ---- | -------: |\n| one  |        1 |",
	);
});
