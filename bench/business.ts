/**
 * What does the middleware add to a business request? Each contender in a fresh process, side by side, round after round.
 */

import { parseArgs } from "node:util";
import { table } from "../scripts/markdown.js";
import { fixed, signed } from "./numbers.js";
import { progress } from "./progress.js";
import { writeResults } from "./results.js";
import { type Spread, spread } from "./statistics.js";
import { runWorker } from "./worker.js";

const bare = "bare Middy";
const contenders = [
	bare,
	"an empty middleware",
	"middy-lambda-warmer",
	"@middy/warmup",
	"lambda-warmer",
] as const;

/** `bench/results/business.json`. Times in ns. */
export interface BusinessResults {
	rounds: number;
	rows: {
		contender: (typeof contenders)[number];
		/** Per request. */
		request: Spread;
		/** Per request, less bare Middy's of the same round. */
		added: Spread;
	}[];
}

const { values } = parseArgs({ options: { quick: { type: "boolean" } } });
const [rounds, time] = values.quick ? [3, 50] : [25, 300];

const measured = new Map<string, number[]>(
	contenders.map((contender) => [contender, []]),
);
const step = progress("business", rounds * contenders.length);
for (let round = 0; round < rounds; round++) {
	for (const index of contenders.keys()) {
		// Another one begins each round, so that none is always measured beside the same neighbour's heat.
		const contender = contenders[(index + round) % contenders.length] ?? bare;
		const ns = await runWorker("business.mjs", [contender, String(time)]);
		measured.get(contender)?.push(Number(ns));
		step(contender);
	}
}

const ofBare = measured.get(bare) ?? [];
const rows = contenders.map((contender) => {
	const requests = measured.get(contender) ?? [];
	return {
		contender,
		request: spread(requests),
		added: spread(
			requests.map((ns, round) => ns - (ofBare[round] ?? Number.NaN)),
		),
	};
});
const results: BusinessResults = { rounds, rows };

await writeResults(
	"business",
	results,
	`# Business request

\`npm run bench -- business\`: an API Gateway event (payload format 2.0) through Middy, with its early timeout off; medians of ${rounds} rounds, each contender in a fresh process in each round. "Added" is the difference from bare Middy in the same round; in brackets its middle half.

${table(
	["", "ns per request:", "ns added:", ""],
	rows.map(({ contender, request, added }) => [
		contender,
		fixed(request.median),
		contender === bare ? "" : signed(added.median),
		contender === bare
			? ""
			: `(${signed(added.lowerQuartile)} to ${signed(added.upperQuartile)})`,
	]),
)}`,
);
