/**
 * What does the package add to a cold start? The import in a fresh process, each contender in turn; and what is loaded.
 */

import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { table } from "../scripts/markdown.js";
import { type BundleBytes, bundle } from "./bundle.js";
import { installed, versionOf } from "./installation.js";
import { fixed } from "./numbers.js";
import { progress } from "./progress.js";
import { writeResults } from "./results.js";
import { type Spread, spread } from "./statistics.js";
import { runNode, runWorker } from "./worker.js";

const contenders = [
	"middy-lambda-warmer",
	"@middy/warmup",
	"lambda-warmer",
] as const;
type Contender = (typeof contenders)[number];

/** `bench/results/cold-start.json`. Times in ms. */
export interface ColdStartResults {
	imports: number;
	rows: {
		contender: Contender;
		version: string;
		/** Import into a process that has loaded nothing. */
		alone: Spread;
		/** Import into a process that has loaded Middy, as one that uses a middleware has. */
		besideMiddy: Spread;
		/** Files that the import loads (count). */
		modules: number;
		bundle: BundleBytes;
	}[];
}

const { values } = parseArgs({ options: { quick: { type: "boolean" } } });
const imports = values.quick ? 5 : 100;

await using installation = await installed([...contenders, "@middy/core"]);
const { folder } = installation;
/** Workers find the packages from where they are. */
const worker = async (name: string): Promise<string> => {
	const copy = new URL(name, folder);
	await copyFile(new URL(`workers/${name}`, import.meta.url), copy);
	return fileURLToPath(copy);
};
const importWorker = await worker("import.mjs");

const cases = contenders.flatMap((contender) => [
	{ contender, before: [], times: [] as number[] },
	{ contender, before: ["@middy/core"], times: [] as number[] },
]);
const step = progress("cold start", imports * cases.length);
for (let round = 0; round < imports; round++) {
	for (const index of cases.keys()) {
		const one = cases[(index + round) % cases.length];
		if (!one) continue;
		const { contender, before, times } = one;
		times.push(Number(await runNode(importWorker, [contender, ...before])));
		step(contender);
	}
}

const rows = await Promise.all(
	contenders.map(async (contender) => {
		const [alone = [], besideMiddy = []] = cases
			.filter((one) => one.contender === contender)
			.map(({ times }) => times);
		const loaded: unknown[] = JSON.parse(
			await runWorker("modules.mjs", [contender]),
		);
		return {
			contender,
			version: await versionOf(contender),
			alone: spread(alone),
			besideMiddy: spread(besideMiddy),
			modules: loaded.length,
			bundle: await bundle(contender, folder),
		};
	}),
);
const results: ColdStartResults = { imports, rows };

const time = ({ median, lowerQuartile, upperQuartile }: Spread): string =>
	`${fixed(median, 2)} (${fixed(lowerQuartile, 2)} to ${fixed(upperQuartile, 2)})`;

await writeResults(
	"cold-start",
	results,
	`# Cold start

\`npm run bench -- cold-start\`: \`import\` of the package in a fresh process, ms, median of ${imports}, in brackets its middle half: into a process that has loaded nothing, and into one that has loaded Middy. Bundles have everything in them but the AWS SDK and Middy.

${table(
	[
		"",
		"alone, ms:",
		"beside Middy, ms:",
		"modules:",
		"bundle, bytes minified:",
		"gzipped:",
	],
	rows.map((row) => [
		`${row.contender} ${row.version}`,
		time(row.alone),
		time(row.besideMiddy),
		row.modules,
		fixed(row.bundle.minified),
		fixed(row.bundle.gzipped),
	]),
)}`,
);
