/** The quantile of a sample, interpolated between neighbours. */
export const quantile = (numbers: readonly number[], share: number): number => {
	const ascending = [...numbers].sort((one, other) => one - other);
	const position = share * (numbers.length - 1);
	const below = Math.floor(position);
	const low = ascending[below] ?? Number.NaN;
	const high = ascending[Math.ceil(position)] ?? Number.NaN;
	return low + (position - below) * (high - low);
};

/** The middle of a sample. */
export const median = (numbers: readonly number[]): number => quantile(numbers, 0.5);
