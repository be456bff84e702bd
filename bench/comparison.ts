/** The README's comparison: what each package does, and what was measured at 512 MB. */

import { fixed, signed, table } from "../scripts/lib/markdown.js";
import { addedToOneFile } from "./bundles.js";
import type { BusinessResults } from "./business.js";
import type { ColdStartResults } from "./cold-start.js";
import { lambdaWarmer, ours, pluginWarmup } from "./contenders.js";
import type { CoverageResults, CoverageRow } from "./coverage.js";
import { readResults } from "./results.js";

const packages = [ours, lambdaWarmer, pluginWarmup].map(({ name }) => name);

/** By the code of the versions that the README names. */
const features = [
	["counts distinct environments", "yes", "no", "no"],
	["tries again if some are missing", "yes", "no", "no"],
	["each invocation stays busy", "until all have arrived", "75 ms", "as long as your handler"],
	["chooses the number from your traffic", 'yes, `"auto"`', "no", "no"],
	["works without Middy", "no", "yes", "yes"],
	["works without permission to invoke itself", "no", "no", "yes"],
	["configures all functions at once", "no", "no", "yes"],
	["years in production", "no, new", "yes", "yes"],
];

const MEMORY_MB = 512;
const NODE = 24;

/** The feature table, and the table of figures with the sentence that introduces it. */
export const comparison = async (): Promise<string> =>
	[table(["", ...packages], features), ...(await figures())].join("\n\n");

/** Nothing if nothing has been measured. */
const figures = async (): Promise<string[]> => {
	const coverage = await readResults<CoverageResults>("coverage");
	const rows = [...coverageRows(coverage?.rows ?? []), ...(await sizeRows())]
		.map(([label, figure]) => [label, ...packages.map((name) => figure(name) ?? "")])
		.filter(([, ...cells]) => cells.some(Boolean));
	if (rows.length === 0) return [];
	return [
		`Measured at ${MEMORY_MB} MB, on a [stand-in for Lambda](docs/benchmarks.md). Every figure except for the bundle's size depends on the speed of the machine: compare columns only.`,
		table(["", ...packages.map((name) => `${name}:`)], rows),
	];
};

/** A label, and a cell for each package; undefined if it was not measured. */
type FigureRow = readonly [label: string, figure: (name: string) => string | undefined];

const coverageRows = (rows: readonly CoverageRow[]): FigureRow[] =>
	[10, 50].flatMap((concurrency): FigureRow[] => {
		const measured = rows.filter(
			(row) => row.memoryMb === MEMORY_MB && row.concurrency === concurrency && row.model === "typical",
		);
		const cell = (figure: (row: CoverageRow) => string) => (name: string) =>
			measured.filter(({ contender }) => contender === name).map(figure)[0];
		return [
			[
				`environments reached, ${concurrency} requested: mean of ${measured[0]?.pings} pings (range)`,
				cell(
					({ coverage, reached }) =>
						`${fixed(coverage * concurrency, 1)} (${Math.min(...reached)} to ${Math.max(...reached)})`,
				),
			],
			[`billed ms per environment reached, ${concurrency} requested`, cell((row) => fixed(row.billedPerEnvironment))],
		];
	});

const sizeRows = async (): Promise<FigureRow[]> => {
	const coldStart = await readResults<ColdStartResults>("cold-start");
	const business = await readResults<BusinessResults>("business");
	return [
		[
			`added to a cold start, ms (one ESM file, Node.js ${NODE})`,
			(name) => {
				const added = coldStart && addedToOneFile(coldStart.bundles, "esm", name, NODE);
				return added === undefined ? undefined : signed(added, 1);
			},
		],
		[
			`added to a request, ns (Node.js ${NODE})`,
			(name) => {
				const versions = business?.rows.find(({ contender }) => contender === name)?.versions;
				const added = versions?.find(({ node }) => node === NODE)?.added;
				return added && signed(added.median);
			},
		],
		[
			"size in a bundle, gzipped, kB",
			(name) => {
				const bundled = coldStart?.rows.find(({ contender }) => contender === name)?.bundled;
				return typeof bundled === "number" ? fixed(bundled / 1000, 1) : undefined;
			},
		],
	];
};
