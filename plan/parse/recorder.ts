/**
 * Collects the requests of a file in arrays that grow. Pure.
 *
 * @module
 */

import { createRandom } from "../../local-lambda/delivery.js";
import { type Requests, sortRequests } from "../requests.js";
import type { ParsedRequest } from "./columns.js";

/** What a file contains. */
export interface Recorded {
	readonly requests: Requests;
	/** Functions by name, with their requests (count), the most used first; empty if the file names none. */
	readonly functions: readonly (readonly [name: string, requests: number])[];
	/** Whether the file says how long requests took. */
	readonly hasDurations: boolean;
	/** Cold starts that the file reports (count), and their median (ms). */
	readonly coldStarts: number;
	readonly initMs: number;
	/** To what timestamps are exact (ms): 60,000 if all of them are whole minutes. */
	readonly resolutionMs: number;
}

/** Requests in a chunk (count). */
const CHUNK = 1 << 18;

const RESOLUTIONS_MS = [60_000, 1000];

/**
 * Collects the requests of one function, or of all.
 *
 * @param functionName undefined for all
 * @param assumedDurationMs for requests whose duration is not known
 */
export const createRecorder = (functionName: string | undefined, assumedDurationMs: number) => {
	const starts: Float64Array[] = [];
	const durations: Float32Array[] = [];
	const functions = new Map<string, number>();
	const inits: number[] = [];
	let [count, known] = [0, 0];
	let resolutions = RESOLUTIONS_MS;

	const concatenate = <Chunk extends Float64Array | Float32Array>(whole: Chunk, chunks: Chunk[]): Chunk => {
		for (const [index, chunk] of chunks.entries()) {
			whole.set(chunk.subarray(0, Math.min(CHUNK, count - index * CHUNK)), index * CHUNK);
		}
		// Ten million requests should not be in memory twice.
		chunks.length = 0;
		return whole;
	};

	return {
		add({ at, durationMs, initMs, functionName: name }: ParsedRequest): void {
			if (name !== "") functions.set(name, (functions.get(name) ?? 0) + 1);
			if (functionName !== undefined && name !== functionName) return;
			const index = count % CHUNK;
			if (index === 0) {
				starts.push(new Float64Array(CHUNK));
				durations.push(new Float32Array(CHUNK));
			}
			const chunk = starts.length - 1;
			(starts[chunk] as Float64Array)[index] = at;
			(durations[chunk] as Float32Array)[index] = durationMs >= 0 ? durationMs : assumedDurationMs;
			count++;
			if (durationMs >= 0) known++;
			if (initMs > 0) inits.push(initMs);
			if (resolutions.length > 0) resolutions = resolutions.filter((resolution) => at % resolution === 0);
		},
		/** All requests in order. Those of a whole second or minute are spread over it at random. */
		end(): Recorded {
			const requests = {
				startedAt: concatenate(new Float64Array(count), starts),
				durationMs: concatenate(new Float32Array(count), durations),
			};
			const [resolutionMs = 1] = resolutions;
			if (resolutionMs > 1) {
				const random = createRandom(1);
				for (let index = 0; index < count; index++)
					requests.startedAt[index] = (requests.startedAt[index] ?? 0) + resolutionMs * random();
			}
			sortRequests(requests);
			return {
				requests,
				functions: [...functions].sort((one, other) => other[1] - one[1]),
				hasDurations: known > 0,
				coldStarts: inits.length,
				initMs: inits.sort((one, other) => one - other)[inits.length >> 1] ?? Number.NaN,
				resolutionMs,
			};
		},
	};
};
