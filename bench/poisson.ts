import { createRandom } from "../local-lambda/delivery.js";

/**
 * When requests of independent senders come: the gaps (ms) are exponential, drawn from the seed.
 *
 * @param perSecond mean rate
 */
export const poissonGaps = (perSecond: number, seed: number): (() => number) => {
	const random = createRandom(seed);
	// 1 - random() is never 0, whose logarithm is not finite.
	return () => (-1000 / perSecond) * Math.log(1 - random());
};
