/**
 * When requests of independent senders come: the gaps (ms) are exponential, drawn from the seed.
 *
 * @param perSecond mean rate
 */
export const poissonGaps = (
	perSecond: number,
	seed: number,
): (() => number) => {
	// A linear congruential generator (Numerical Recipes) of full period; its upper bits are random enough for gaps.
	let state = seed >>> 0;
	return () => {
		state = (Math.imul(1664525, state) + 1013904223) >>> 0;
		return (-1000 / perSecond) * Math.log((state + 1) / 2 ** 32);
	};
};
