import { median } from "../../../cli/statistics.js";

/** What the longest-lived environment held after a ping. */
export interface Sample {
	/** Bytes, after a garbage collection. */
	memory: number;
	/** Open files and sockets (count). */
	files: number;
	/** Active timers, requests and the like. */
	resources: readonly string[];
}

/**
 * How much more memory is held in the last quarter of the samples than in the second: everything has been loaded and
 * compiled by then, and what grows with every ping would go on to grow.
 */
export const growth = (samples: readonly Sample[]): number => {
	const quarter = Math.floor(samples.length / 4);
	const memory = samples.map((sample) => sample.memory);
	return median(memory.slice(-quarter)) / median(memory.slice(quarter, 2 * quarter));
};

/**
 * The different sets of handles that were held from the second quarter on. An immediate is none: a process that was
 * frozen before its last turn of the loop has it in the next one, as when Node.js ends an HTTP/2 session.
 */
export const handles = (samples: readonly Sample[]): string[] => [
	...new Set(
		samples
			.slice(Math.floor(samples.length / 4))
			.map(({ files, resources }) =>
				[`${files} files`, ...resources.filter((resource) => resource !== "Immediate")].join(", "),
			),
	),
];
