/** How much processor time does the initiator need per child, and how far apart do the children arrive? */

import { type Spread, spread } from "../cli/statistics.js";
import { fixed, table } from "../scripts/lib/markdown.js";
import { fanningOut } from "./contenders.js";
import { measureCells, nodeVersion, settling, usualPlaces } from "./pings.js";
import type { Part, Settings } from "./results.js";

interface FanOutResults {
	node: number;
	/** How each environment's share of a processor is enforced. */
	confinement: string;
	/** Times in ms. */
	rows: {
		contender: string;
		memoryMb: number;
		/** Environments requested. */
		concurrency: number;
		pings: number;
		/** Processor time of the initiator per child. */
		cpuPerChild: Spread;
		/** From the first child's arrival at the Invoke API to the last one's, first round. */
		arrivalSpread: Spread;
		/** Distinct environments reached (count). */
		reached: Spread;
		/** Until the ping was answered. */
		answered: Spread;
	}[];
}

const measure = async (settings: Settings): Promise<FanOutResults> => {
	const cells = usualPlaces(settings).flatMap((place) => fanningOut.map((contender) => ({ ...place, contender })));
	const { confinement, runs } = await measureCells("fan-out", cells, settings.seed);
	const rows = runs.map(({ contender, memoryMb, concurrency, settled }) => ({
		contender: contender.name,
		memoryMb,
		concurrency,
		pings: settled.length,
		cpuPerChild: spread(settled.flatMap(({ cpuPerChildMs = [] }) => cpuPerChildMs)),
		arrivalSpread: spread(settled.map(({ spreadMs }) => spreadMs)),
		reached: spread(settled.map(({ reached }) => reached)),
		answered: spread(settled.map(({ answeredMs }) => answeredMs)),
	}));
	return { node: nodeVersion, confinement, rows };
};

export const fanOut: Part<FanOutResults> = {
	title: "Fan-out",
	measure,
	markdown: ({ node, confinement, rows }) =>
		`Without delivery delays, so that only the initiator determines how far apart the children arrive (with 300 children, also the local Lambda's event loop). Medians; the first ${settling} pings are not counted; Node.js ${node}, processor share by ${confinement}. The initiator of serverless-plugin-warmup is the plugin's own function.

${table(
	[
		"MB:",
		"N:",
		"",
		"processor time per child, ms:",
		"last arrival after the first, ms:",
		"environments reached:",
		"answered after, ms:",
	],
	rows.map((row) => [
		row.memoryMb,
		row.concurrency,
		row.contender,
		fixed(row.cpuPerChild.median, 2),
		fixed(row.arrivalSpread.median, 1),
		fixed(row.reached.median),
		fixed(row.answered.median),
	]),
)}`,
};
