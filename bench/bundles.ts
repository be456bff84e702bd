/** What a warmer adds to a cold start in a bundle, as users deploy it: beside the same bundle with Middy alone. */

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { type Bundling, bundle } from "../__tests__/suites/third-party/support/bundling.js";
import { type Spread, spread } from "../cli/statistics.js";
import { fixed, table } from "../scripts/lib/markdown.js";
import { printedBy, runRounds } from "./worker.js";

const ours = "middy-lambda-warmer";
const reference = "lambda-warmer";
const middyAlone = "Middy alone";

/** The middleware that each contender's handler uses, by what its file imports. */
const middlewares: Record<string, string> = {
	[middyAlone]: "",
	[ours]: ".use(warmer())",
	[reference]:
		'.use({ before: async ({ event, context }) => ((await warmer(event, {}, context)) ? "warmed" : undefined) })',
	"@middy/warmup": ".use(warmer())",
};
const contenders = Object.keys(middlewares);

/** A kind of bundle: commands of docs/bundling.md, minified or not. */
interface Kind {
	bundling: Bundling;
	isMinified: boolean;
	title: string;
}

const singleFiles = [
	{ bundling: "esbuild-esm", title: "one file, ESM" },
	{ bundling: "esbuild-cjs", title: "one file, CommonJS" },
] as const;
const kinds: readonly Kind[] = [
	...singleFiles.map((kind) => ({ ...kind, isMinified: true })),
	...singleFiles.map((kind) => ({ ...kind, title: `${kind.title}, not minified`, isMinified: false })),
	{ bundling: "rollup", title: "one file, ESM, by Rollup", isMinified: true },
	{ bundling: "esbuild-split", title: "split, ESM", isMinified: true },
	{ bundling: "webpack", title: "split, CommonJS, by webpack", isMinified: true },
	{ bundling: "esbuild-external", title: "external, ESM", isMinified: true },
];

const nodes = [22, 24] as const;

/** Part of `bench/results/cold-start.json`: what each contender adds to each kind of bundle. */
export interface BundleResults {
	rounds: number;
	rows: (Kind & {
		contender: string;
		/** Of the files that the bundler wrote. */
		bytes: number;
		versions: {
			node: number;
			/** Time (ms) to load the bundle. */
			load: Spread;
			/** The same (ms), less that of Middy alone in the same round. */
			added: Spread;
		}[];
	})[];
}

/** A bundle that can be measured. */
interface Built extends Kind {
	contender: string;
	handler: string;
	bytes: number;
}

const handlerSource = (contender: string): string =>
	[
		'import middy from "@middy/core";',
		contender === middyAlone ? "" : `import warmer from ${JSON.stringify(contender)};`,
		`export const handler = middy()${middlewares[contender]}.handler(async () => ({ statusCode: 200 }));`,
	].join("\n");

const bytesIn = async (folder: string): Promise<number> => {
	let bytes = 0;
	for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
		if (entry.isFile()) bytes += (await readFile(join(entry.parentPath, entry.name))).length;
	}
	return bytes;
};

const build = async (app: string, contender: string, kind: Kind): Promise<Built> => {
	await mkdir(join(app, "src"), { recursive: true });
	await writeFile(join(app, "src/handler.mjs"), handlerSource(contender));
	const external = contender === middyAlone ? ours : contender;
	const handler = await bundle(app, kind.bundling, (command) =>
		(kind.isMinified ? command : command.replace(" --minify", "")).replace(ours, external),
	);
	return { ...kind, contender, handler, bytes: await bytesIn(join(app, "dist")) };
};

const caseName = ({ title, contender }: Pick<Built, "title" | "contender">): string => `${title}: ${contender}`;

/**
 * Bundles and measures every contender in every kind of bundle, side by side.
 *
 * @param folder has the bundlers, Middy and the contenders installed
 * @param worker a script that loads the module it is given, and prints how long that took
 */
export const measureBundles = async (folder: string, worker: string, rounds: number): Promise<BundleResults> => {
	const built: Built[] = [];
	for (const kind of kinds) {
		for (const contender of contenders) {
			process.stderr.write(`bundling: ${caseName({ ...kind, contender })}\n`);
			built.push(await build(join(folder, `app-${built.length}`), contender, kind));
		}
	}
	const cases = nodes.flatMap((node) =>
		built.map((one) => ({
			contender: caseName(one),
			node,
			file: worker,
			// As the runtime does.
			args: [extname(one.handler) === ".cjs" ? "require" : "import", one.handler],
			printed: [],
		})),
	);
	await runRounds("bundles", rounds, cases);
	const rows = built.map(({ handler: _, ...one }) => ({
		...one,
		versions: nodes.map((node) => {
			const alone = printedBy(cases, caseName({ ...one, contender: middyAlone }), node);
			const load = printedBy(cases, caseName(one), node);
			return { node, load: spread(load), added: spread(load.map((ms, round) => ms - (alone[round] ?? Number.NaN))) };
		}),
	}));
	return { rounds, rows };
};

const isSingleFile = (bundling: Bundling) => (row: Kind) => row.bundling === bundling && row.isMinified;

const addedTo = ({ rows }: BundleResults, bundling: Bundling, contender: string) =>
	rows.find((row) => row.contender === contender && isSingleFile(bundling)(row))?.versions ?? [];

/** What a contender adds to a single minified file (ms, median), on one version of Node.js. */
export const addedToOneFile = (
	results: BundleResults,
	format: "esm" | "cjs",
	contender: string,
	node: number,
): number | undefined =>
	addedTo(results, `esbuild-${format}`, contender).find((version) => version.node === node)?.added.median;

/** What our package adds ÷ what lambda-warmer adds, on one version of Node.js. */
export const ratioInOneFile = (results: BundleResults, format: "esm" | "cjs", node: number): number => {
	const [own, other] = [ours, reference].map((contender) => addedToOneFile(results, format, contender, node));
	return (own ?? Number.NaN) / (other ?? Number.NaN);
};

const time = ({ median, lowerQuartile, upperQuartile }: Spread): string =>
	`${fixed(median, 2)} (${fixed(lowerQuartile, 2)} to ${fixed(upperQuartile, 2)})`;

const addedHeads = nodes.map((node) => `added, Node.js ${node}, ms:`);

/** For docs/benchmarks.md: everything. */
export const bundlesTable = ({ rounds, rows }: BundleResults): string =>
	`The same in bundles made by the commands of [bundling](bundling.md), and loaded as the runtime does: ES modules are imported, CommonJS is required. "Added" is the difference from the same bundle with only Middy in the same round: median of ${rounds}, with the interquartile range in parentheses. Bytes are the size of the bundler's output, without external packages.

${table(
	["bundle", "", ...addedHeads, "bytes:"],
	rows.map(({ title, contender, versions, bytes }) => [
		title,
		contender,
		...versions.map(({ load, added }) => (contender === middyAlone ? `loads in ${time(load)}` : time(added))),
		fixed(bytes),
	]),
)}`;

/** For docs/bundling.md: what ours adds to each kind of bundle. */
export const bundlesOfOurs = ({ rounds, rows }: BundleResults): string =>
	`What this package adds to the time that Node.js takes to load a handler's bundle: ms, median of ${rounds} fresh processes, with the interquartile range in parentheses.

${table(
	["bundle", ...nodes.map((node) => `Node.js ${node}:`), "its code, kB:"],
	rows
		.filter(({ contender }) => contender === ours)
		.map(({ title, bundling, isMinified, versions, bytes }) => {
			const alone = rows.find(
				(row) => row.contender === middyAlone && row.bundling === bundling && row.isMinified === isMinified,
			);
			const own = bundling === "esbuild-external" ? "" : fixed((bytes - (alone?.bytes ?? 0)) / 1000, 1);
			return [title, ...versions.map(({ added }) => time(added)), own];
		}),
)}`;
