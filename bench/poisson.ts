/**
 * When requests of independent senders come: the gaps (ms) are exponential, drawn at random.
 *
 * @param perSecond mean rate
 */
export const poissonGaps = (perSecond: number, random: () => number): (() => number) => {
	// 1 - random() is never 0, whose logarithm is not finite.
	return () => (-1000 / perSecond) * Math.log(1 - random());
};
