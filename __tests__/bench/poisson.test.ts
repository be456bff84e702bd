import { expect, test } from "@jest/globals";
import { poissonGaps } from "../../bench/poisson.js";
import { mean } from "../../cli/statistics.js";
import { createRandom } from "../../local-lambda/delivery.js";

test("poissonGaps has the mean and the variance of a Poisson process, and repeats itself for the same seed", () => {
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
