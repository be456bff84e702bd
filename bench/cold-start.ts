/**
 * How much time does the package add to a cold start? Measures its import from `node_modules` and in bundles, in
 * alternating rounds, and lists what is loaded.
 */

import { copyFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Folder, installedCopy } from "../__tests__/suites/third-party/support/installed.js";
import { type Spread, spread } from "../cli/statistics.js";
import { installedVersion, projectFolder } from "../scripts/lib/installed.js";
import { fixed, table } from "../scripts/lib/markdown.js";
import { type BundleResults, bundlesTable, measureBundles } from "./bundles.js";
import { bundledBytes, gzippedBytes, loadedFiles } from "./loaded.js";
import type { Part, Settings } from "./results.js";
import { printedBy, runRounds, workerFile } from "./worker.js";

const ours = "middy-lambda-warmer";
const peers = ["@middy/warmup", "lambda-warmer"];
const contenders = [
	{ contender: "an empty file", way: "import", name: "./empty.mjs" },
	{ contender: ours, way: "import", name: ours },
	{ contender: `${ours}, CommonJS`, way: "require", name: ours },
	...peers.map((name) => ({ contender: name, way: "import", name })),
];

/** `bench/results/cold-start.json`. */
export interface ColdStartResults {
	imports: number;
	rows: {
		contender: string;
		version: string | null;
		/** Time (ms) to load it in a process that has loaded Middy. */
		besideMiddy: { node: number; ms: Spread }[];
		/** Bytes of the files loaded by then, gzipped; null if there is no package. */
		gzipped: number | null;
		/** Bytes of a bundle of everything that it can load, gzipped. */
		bundled: number | null;
	}[];
	bundles: BundleResults;
}

/** A folder with the packed package beside the bundlers, Middy and the peers, in the versions that the project has. */
const installed = async (): Promise<Folder> => {
	const others = ["@middy/core", "@aws-sdk/client-lambda", ...peers];
	const packages = others.map(async (name) => `${name}@${await installedVersion(projectFolder, name)}`);
	const folder = await installedCopy("bundlers", ...(await Promise.all(packages)));
	await copyFile(workerFile("import.mjs"), join(folder.path, "import.mjs"));
	await writeFile(join(folder.path, "empty.mjs"), "");
	return folder;
};

const measure = async ({ quick }: Settings): Promise<ColdStartResults> => {
	const imports = quick ? 3 : 60;
	const nodes = [22, 24] as const;
	using folder = await installed();
	const worker = join(folder.path, "import.mjs");
	const cases = nodes.flatMap((node) =>
		contenders.map(({ contender, way, name }) => ({
			contender,
			node,
			file: worker,
			args: [way, name, "@middy/core"],
			printed: [],
		})),
	);
	await runRounds("imports", imports, cases);
	const rows = await Promise.all(
		contenders.map(async ({ contender, way, name }) => {
			const isPackage = !name.startsWith(".");
			return {
				contender,
				version: isPackage ? await installedVersion(folder.path, name) : null,
				besideMiddy: nodes.map((node) => ({ node, ms: spread(printedBy(cases, contender, node)) })),
				gzipped: isPackage && way === "import" ? await gzippedBytes(await loadedFiles(name)) : null,
				bundled: isPackage && way === "import" ? await bundledBytes(name) : null,
			};
		}),
	);
	return { imports, rows, bundles: await measureBundles(folder.path, worker, quick ? 3 : 41) };
};

/** The import of ours ÷ that of the faster peer. */
export const ratioToFasterPeer = ({ rows }: ColdStartResults, node: number): number => {
	const medianOf = (name: string) =>
		rows.find(({ contender }) => contender === name)?.besideMiddy.find((one) => one.node === node)?.ms.median ??
		Number.NaN;
	return medianOf(ours) / Math.min(...peers.map(medianOf));
};

const time = ({ median, lowerQuartile, upperQuartile }: Spread): string =>
	`${fixed(median, 2)} (${fixed(lowerQuartile, 2)} to ${fixed(upperQuartile, 2)})`;

export const coldStart: Part<ColdStartResults> = {
	title: "Cold start",
	measure,
	markdown: (results) =>
		`Time to load the package in a fresh process that has loaded Middy, with the flags that Lambda starts Node.js with: ms, median of ${results.imports}, with the interquartile range in parentheses. Ours ÷ the faster of the two peers: ${[
			22, 24,
		]
			.map((node) => `${fixed(ratioToFasterPeer(results, node), 2)} on Node.js ${node}`)
			.join(
				", ",
			)}. A bundle contains everything except for the AWS SDK and Middy; ours also contains the code that only a ping loads.

${table(
	[
		"",
		...(results.rows[0]?.besideMiddy ?? []).map(({ node }) => `Node.js ${node}, ms:`),
		"bytes loaded, gzipped:",
		"bundle, gzipped:",
	],
	results.rows.map((row) => [
		row.version ? `${row.contender} ${row.version}` : row.contender,
		...row.besideMiddy.map(({ ms }) => time(ms)),
		row.gzipped === null ? "" : fixed(row.gzipped),
		row.bundled === null ? "" : fixed(row.bundled),
	]),
)}

${bundlesTable(results.bundles)}`,
};
