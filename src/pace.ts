/**
 * What an initiator's work takes in this environment, in ms of wall time: measured, and before there is a measurement,
 * guessed from the function's memory, which buys its share of a processor.
 *
 * @module
 */

import type { Way } from "./way.js";

/**
 * A function has one processor at so many MB, and with less of them proportionally less (developer guide, "Configure
 * Lambda function memory").
 */
const mbPerProcessor = 1769;

/** Processor time, in ms of a full core, of what has not run before in an environment; measured on Node.js 24. */
const loadingTime = 120;
const times: Readonly<Record<Way, { preparing: number; sending: number }>> = {
	direct: { preparing: 0.4, sending: 0.5 },
	h2: { preparing: 1, sending: 0.7 },
	"http/1.1": { preparing: 1, sending: 4 },
};

/** What reading an answer, and closing a stream that has none, take of what sending a child takes. */
const readingShare = 0.5;
const closingShare = 0.2;

/** What comes after the last answer (report, record, answering), in ms of a full core; the reserve is right for one. */
const finishingTime = 8;

/** So many children (count) does what was known before weigh: a few tell little, since a processor comes in portions. */
const priorChildren = 8;

/** Tells, and learns, how long things take; all but loading for each child. */
export interface Pace {
	/** Loading the SDK, with all that comes before the first child can be prepared. A guess. */
	loading(): number;
	/** Preparing: the child's event, the SDK's middleware if it is used, the signature. */
	preparing(way: Way): number;
	/** Sending, until it has left the process. */
	sending(way: Way): number;
	/** Reading the answer. */
	reading(way: Way): number;
	/** Closing a stream whose answer has not come. */
	closing(way: Way): number;
	/** What a small function needs, beyond the reserve that every ping has, between the last answer and its own. */
	finishing(): number;
	/** Begins to measure. The result is called when that is done for so many children (count). */
	measure(what: "preparing" | "sending", way: Way): (children: number) => void;
}

/** A pace that has measured nothing yet. */
export const createPace = (): Pace => {
	const memory = Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE);
	/** Wall time for processor time. */
	const slowness = memory > 0 ? Math.max(1, mbPerProcessor / memory) : 1;
	const measured = { preparing: new Map<Way, number>(), sending: new Map<Way, number>() };

	const timeOf = (what: keyof typeof measured, way: Way): number =>
		measured[what].get(way) ?? times[way][what] * slowness;

	return {
		loading: () => loadingTime * slowness,
		preparing: (way) => timeOf("preparing", way),
		sending: (way) => timeOf("sending", way),
		reading: (way) => readingShare * timeOf("sending", way),
		closing: (way) => closingShare * timeOf("sending", way),
		finishing: () => finishingTime * (slowness - 1),
		measure: (what, way) => {
			const begun = performance.now();
			const before = timeOf(what, way);
			return (children) => {
				const time = performance.now() - begun;
				measured[what].set(way, (priorChildren * before + time) / (priorChildren + children));
			};
		},
	};
};
