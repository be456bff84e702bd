import { createRandom } from "./delivery.js";
import type { Fault, FaultRequest } from "./fault.js";

/** Decides what goes wrong with a request to the Invoke API. */
export type ChooseFault = (request: FaultRequest) => Fault | undefined;

/** A fault of chosen requests, by how many the Invoke API got before them: `faultAt([0, 3], "reset")`. */
export const faultAt =
	(indexes: readonly number[], fault: Fault): ChooseFault =>
	({ index }) =>
		indexes.includes(index) ? fault : undefined;

/**
 * A fault of a share of the requests, drawn at random; the same ones for the same seed.
 *
 * @param share from 0 to 1
 */
export const faultShare = (share: number, fault: Fault, seed = 1): ChooseFault => {
	const random = createRandom(seed);
	return () => (random() < share ? fault : undefined);
};
