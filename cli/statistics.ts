/** The quantile of a sample for a share between 0 and 1, interpolated between neighbors. */
export const quantile = (numbers: readonly number[], share: number): number => {
	const ascending = [...numbers].sort((one, other) => one - other);
	const position = share * (numbers.length - 1);
	const below = Math.floor(position);
	const low = ascending[below] ?? Number.NaN;
	const high = ascending[Math.ceil(position)] ?? Number.NaN;
	return low + (position - below) * (high - low);
};

/** The median of a sample. */
export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);

/** The sum of a sample. */
export const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

/** The arithmetic mean of a sample. */
export const mean = (numbers: readonly number[]): number => sum(numbers) / numbers.length;

/** Median, quartiles and extremes of a sample. */
export interface Spread {
	median: number;
	lowerQuartile: number;
	upperQuartile: number;
	min: number;
	max: number;
	count: number;
}

/** Summarizes a sample. */
export const spread = (numbers: readonly number[]): Spread => ({
	median: median(numbers),
	lowerQuartile: quantile(numbers, 0.25),
	upperQuartile: quantile(numbers, 0.75),
	min: Math.min(...numbers),
	max: Math.max(...numbers),
	count: numbers.length,
});
