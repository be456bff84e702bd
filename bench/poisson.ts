/**
 * Draws the gaps (ms) between requests of independent senders: they are exponentially distributed.
 *
 * @param perSecond mean rate
 */
export const poissonGaps = (perSecond: number, random: () => number): (() => number) => {
	// 1 - random() is never 0, whose logarithm is not finite.
	return () => (-1000 / perSecond) * Math.log(1 - random());
};
