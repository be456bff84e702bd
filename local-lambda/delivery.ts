import type { LocalLambdaOptions } from "./options.js";
import type { DelayDistribution } from "./types.js";

/** The 99th percentile of the standard normal distribution. */
const Z99 = 2.3263;

/** A generator of random numbers from 0 (included) to 1 (excluded), the same for the same seed. */
export const createRandom = (seed: number): (() => number) => {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
};

/** Lognormal delays, drawn at random. Throws if no distribution has these percentiles. */
export const lognormal = ({ median, p99 }: DelayDistribution, random: () => number): (() => number) => {
	if (!(median > 0 && p99 >= median)) {
		throw new RangeError(`delivery: 0 < median <= p99 is required, got a median of ${median} and a p99 of ${p99}`);
	}
	const sigma = Math.log(p99 / median) / Z99;
	return () => {
		// The logarithm of 0 is not finite; 1 - random() is never 0.
		const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
		return median * Math.exp(sigma * normal);
	};
};

/**
 * The delivery delays, in ms, of both invocation types. Each type has its own generator, so its nth accepted request
 * gets the same delay in every run with the same seed, however the two types interleave.
 */
export const createDelivery = (
	seed: number,
	distributions: LocalLambdaOptions["delivery"] = {},
): Record<"RequestResponse" | "Event", () => number> => {
	const sampler = (distribution: DelayDistribution | undefined, seed: number) =>
		distribution ? lognormal(distribution, createRandom(seed)) : () => 0;
	return {
		RequestResponse: sampler(distributions.RequestResponse, seed),
		Event: sampler(distributions.Event, seed ^ 0x5bd1e995),
	};
};
