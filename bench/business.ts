/** What does the middleware add to a business request? Each contender in a fresh process, side by side, round after round. */

import { lambdaFlags, nodeBinary } from "../scripts/installed.js";
import { table } from "../scripts/markdown.js";
import { fixed, signed } from "./numbers.js";
import { progress } from "./progress.js";
import type { Part, Settings } from "./results.js";
import { type Spread, spread } from "./statistics.js";
import { runWorker, workerFile } from "./worker.js";

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
		contender: string;
		versions: {
			node: number;
			/** Per request. */
			request: Spread;
			/** Per request, less bare Middy's of the same round. */
			added: Spread;
		}[];
	}[];
}

const measure = async ({ quick }: Settings): Promise<BusinessResults> => {
	const [rounds, time] = quick ? [2, 50] : [20, 300];
	const nodes = quick ? ([24] as const) : ([22, 24] as const);
	const cases = nodes.flatMap((node) =>
		contenders.map((contender) => ({ node, contender, ns: [] as number[] })),
	);
	const file = workerFile("business.mjs");
	const step = progress("business", rounds * cases.length);
	for (let round = 0; round < rounds; round++) {
		for (const index of cases.keys()) {
			// Another one begins each round, so that none is always measured beside the same neighbour's heat.
			const one = cases[(index + round) % cases.length];
			if (!one) continue;
			const args = [one.contender, String(time)];
			const command = [await nodeBinary(one.node), ...lambdaFlags(one.node)];
			one.ns.push(Number(await runWorker(file, args, command)));
			step(`${one.contender}, Node.js ${one.node}`);
		}
	}
	const measured = (node: number, contender: string) =>
		cases.find((one) => one.node === node && one.contender === contender)?.ns ??
		[];
	const rows = contenders.map((contender) => ({
		contender,
		versions: nodes.map((node) => {
			const ofBare = measured(node, bare);
			const ns = measured(node, contender);
			return {
				node,
				request: spread(ns),
				added: spread(ns.map((one, i) => one - (ofBare[i] ?? Number.NaN))),
			};
		}),
	}));
	return { rounds, rows };
};

export const business: Part<BusinessResults> = {
	title: "Business request",
	measure,
	markdown: ({ rounds, rows }) =>
		`An API Gateway event (payload format 2.0) through Middy, with its early timeout off; medians of ${rounds} rounds, each contender in a fresh process in each round. "Added" is the difference from bare Middy in the same round; in brackets its middle half.

${table(
	["", "Node.js:", "ns per request:", "ns added:", ""],
	rows.flatMap(({ contender, versions }) =>
		versions.map(({ node, request, added }) => [
			contender,
			node,
			fixed(request.median),
			contender === bare ? "" : signed(added.median),
			contender === bare
				? ""
				: `(${signed(added.lowerQuartile)} to ${signed(added.upperQuartile)})`,
		]),
	),
)}`,
};
