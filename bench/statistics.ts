import { median, quantile } from "../cli/statistics.js";

export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

export const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;

/** A sample's middle, and between what its middle half and its extremes lie. */
export interface Spread {
	median: number;
	lowerQuartile: number;
	upperQuartile: number;
	min: number;
	max: number;
	count: number;
}

export const spread = (numbers: readonly number[]): Spread => ({
	median: median(numbers),
	lowerQuartile: quantile(numbers, 0.25),
	upperQuartile: quantile(numbers, 0.75),
	min: Math.min(...numbers),
	max: Math.max(...numbers),
	count: numbers.length,
});
