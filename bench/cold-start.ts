/**
 * What does the package add to a cold start? Its import in a fresh process, each contender in turn; and what is loaded.
 */

import { copyFile, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Spread, spread } from "../cli/statistics.js";
import { install, installedVersion, projectFolder } from "../scripts/lib/installed.js";
import { fixed, table } from "../scripts/lib/markdown.js";
import { packInto } from "../scripts/lib/packed.js";
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
		/** Time (ms) to load it into a process that has loaded Middy, as one that uses a middleware has. */
		besideMiddy: { node: number; ms: Spread }[];
		/** Bytes of the files loaded by then, gzipped; null where there is no package. */
		gzipped: number | null;
		/** Bytes of a bundle of all that it can ever load, gzipped. */
		bundled: number | null;
	}[];
}

/** A folder with the packed package beside Middy and the peers, in the versions that the project has. */
const installed = async (): Promise<string> => {
	const folder = await realpath(await mkdtemp(join(tmpdir(), "middy-lambda-warmer-bench-")));
	// npm would go up to the next one.
	await writeFile(join(folder, "package.json"), "{}");
	const others = ["@middy/core", "@aws-sdk/client-lambda", ...peers];
	const packages = others.map(async (name) => `${name}@${await installedVersion(projectFolder, name)}`);
	const { tarball } = packInto(folder);
	await install(folder, [tarball, ...(await Promise.all(packages))], "--ignore-scripts");
	await copyFile(workerFile("import.mjs"), join(folder, "import.mjs"));
	await writeFile(join(folder, "empty.mjs"), "");
	return folder;
};

const measure = async ({ quick }: Settings): Promise<ColdStartResults> => {
	const imports = quick ? 3 : 100;
	const nodes = [22, 24] as const;
	const folder = await installed();
	try {
		const cases = nodes.flatMap((node) =>
			contenders.map(({ contender, way, name }) => ({
				contender,
				node,
				file: join(folder, "import.mjs"),
				args: [way, name],
				printed: [],
			})),
		);
		await runRounds("cold-start", imports, cases);
		const rows = await Promise.all(
			contenders.map(async ({ contender, way, name }) => {
				const isPackage = !name.startsWith(".");
				return {
					contender,
					version: isPackage ? await installedVersion(folder, name) : null,
					besideMiddy: nodes.map((node) => ({ node, ms: spread(printedBy(cases, contender, node)) })),
					gzipped: isPackage && way === "import" ? await gzippedBytes(await loadedFiles(name)) : null,
					bundled: isPackage && way === "import" ? await bundledBytes(name) : null,
				};
			}),
		);
		return { imports, rows };
	} finally {
		await rm(folder, { recursive: true });
	}
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
		`Loading the package into a fresh process that has loaded Middy, as Lambda starts Node.js: ms, median of ${results.imports}, in brackets its middle half. Ours ÷ the faster of the two peers: ${[
			22, 24,
		]
			.map((node) => `${fixed(ratioToFasterPeer(results, node), 2)} on Node.js ${node}`)
			.join(", ")}. A bundle has everything in it but the AWS SDK and Middy, ours also what only a ping loads.

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
)}`,
};
