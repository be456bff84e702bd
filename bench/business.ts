/** How much time does the middleware add to a request? Each contender runs in a fresh process, in alternating rounds. */

import { type Spread, spread } from "../cli/statistics.js";
import { fixed, signed, table } from "../scripts/lib/markdown.js";
import type { Part, Settings } from "./results.js";
import { printedBy, runRounds, workerFile } from "./worker.js";

const bare = "bare Middy";
const contenders = [bare, "an empty middleware", "middy-lambda-warmer", "@middy/warmup", "lambda-warmer"] as const;

/** `bench/results/business.json`. Times in ns. */
export interface BusinessResults {
	rounds: number;
	rows: {
		contender: string;
		versions: {
			node: number;
			/** Per request. */
			request: Spread;
			/** Per request, minus bare Middy's time in the same round. */
			added: Spread;
		}[];
	}[];
}

const measure = async ({ quick }: Settings): Promise<BusinessResults> => {
	const [rounds, time] = quick ? [2, 50] : [20, 300];
	const nodes = quick ? ([24] as const) : ([22, 24] as const);
	const cases = nodes.flatMap((node) =>
		contenders.map((contender) => ({
			contender,
			node,
			file: workerFile("business.mjs"),
			args: [contender, String(time)],
			printed: [],
		})),
	);
	await runRounds("business", rounds, cases);
	const rows = contenders.map((contender) => ({
		contender,
		versions: nodes.map((node) => {
			const ofBare = printedBy(cases, bare, node);
			const ns = printedBy(cases, contender, node);
			return { node, request: spread(ns), added: spread(ns.map((one, i) => one - (ofBare[i] ?? Number.NaN))) };
		}),
	}));
	return { rounds, rows };
};

export const business: Part<BusinessResults> = {
	title: "Request overhead",
	measure,
	markdown: ({ rounds, rows }) =>
		`An API Gateway event (payload format 2.0) through Middy, with its early timeout off; medians of ${rounds} rounds. Each contender runs in a fresh process in each round. "Added" is the difference from bare Middy in the same round, with its interquartile range in parentheses.

${table(
	["", "Node.js:", "ns per request:", "ns added:", ""],
	rows.flatMap(({ contender, versions }) =>
		versions.map(({ node, request, added }) => [
			contender,
			node,
			fixed(request.median),
			contender === bare ? "" : signed(added.median),
			contender === bare ? "" : `(${signed(added.lowerQuartile)} to ${signed(added.upperQuartile)})`,
		]),
	),
)}`,
};
