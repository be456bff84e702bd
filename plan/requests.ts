/**
 * Requests in arrays: ten million of them take 120 MB. Pure.
 *
 * @module
 */

/** When requests began, in ascending order, and how long they took. */
export interface Requests {
	/** Epoch ms. */
	readonly startedAt: Float64Array;
	readonly durationMs: Float32Array;
}

/** The largest number of requests that were being served at the same moment (count). */
export const peakOf = ({ startedAt, durationMs }: Requests): number => {
	const endedAt = startedAt.map((start, index) => start + (durationMs[index] ?? 0)).sort();
	let peak = 0;
	let ended = 0;
	for (let started = 0; started < startedAt.length; started++) {
		// A request of 0 ms ends when it starts, and counts nevertheless.
		while (ended < started && (endedAt[ended] ?? 0) <= (startedAt[started] ?? 0)) ended++;
		peak = Math.max(peak, started + 1 - ended);
	}
	return peak;
};

/** Sorts requests by their beginning, in place. Logs are nearly in order, which makes it fast. */
export const sortRequests = (requests: Requests): void => {
	const count = requests.startedAt.length;
	let from = requests;
	let to: Requests | undefined;
	for (let width = 1; width < count; width *= 2) {
		if (isSorted(from.startedAt)) break;
		to ??= { startedAt: new Float64Array(count), durationMs: new Float32Array(count) };
		for (let start = 0; start < count; start += 2 * width) {
			mergeRuns(from, to, start, Math.min(start + width, count), Math.min(start + 2 * width, count));
		}
		[from, to] = [to, from];
	}
	if (from === requests) return;
	requests.startedAt.set(from.startedAt);
	requests.durationMs.set(from.durationMs);
};

const isSorted = (numbers: Float64Array): boolean => {
	for (let index = 1; index < numbers.length; index++) {
		if ((numbers[index - 1] as number) > (numbers[index] as number)) return false;
	}
	return true;
};

/** Merges two runs in order, from `start` to `middle` and from there to `end`. */
const mergeRuns = (from: Requests, to: Requests, start: number, middle: number, end: number): void => {
	const startedAt = from.startedAt;
	if (middle >= end || (startedAt[middle - 1] as number) <= (startedAt[middle] as number)) {
		to.startedAt.set(startedAt.subarray(start, end), start);
		to.durationMs.set(from.durationMs.subarray(start, end), start);
		return;
	}
	let [left, right] = [start, middle];
	for (let index = start; index < end; index++) {
		const isLeft = right >= end || (left < middle && (startedAt[left] as number) <= (startedAt[right] as number));
		const source = isLeft ? left++ : right++;
		to.startedAt[index] = startedAt[source] as number;
		to.durationMs[index] = from.durationMs[source] as number;
	}
};

/** Requests in each hour of the day, in UTC (count). */
export const requestsByHour = ({ startedAt }: Requests): number[] => {
	const counts = new Array<number>(24).fill(0);
	for (const at of startedAt) {
		const hour = Math.floor(at / 3_600_000) % 24;
		counts[hour] = (counts[hour] ?? 0) + 1;
	}
	return counts;
};
