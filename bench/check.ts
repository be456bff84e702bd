/** `npm run bench -- check` compares sizes and the committed ratios with their budgets. */

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { table } from "../scripts/lib/markdown.js";
import { ratioInOneFile } from "./bundles.js";
import { type ColdStartResults, ratioToFasterPeer } from "./cold-start.js";
import { bundledBuiltIns, bundledBytes, gzippedBytes, loadedFiles } from "./loaded.js";
import { keptResults } from "./results.js";

const name = "middy-lambda-warmer";

const { values } = parseArgs({
	allowPositionals: true,
	options: {
		budgets: { type: "string", default: new URL("budgets.json", import.meta.url).pathname },
		results: { type: "string", default: new URL("cold-start.json", keptResults).pathname },
	},
});
const read = async <Content>(path: string): Promise<Content> => JSON.parse(await readFile(path, "utf8"));

/** Files of the AWS SDK among those that are loaded to serve an event. */
const sdkFiles = async (event: object): Promise<number> =>
	(await loadedFiles(name, event)).filter((file) => file.includes("/@aws-sdk/")).length;

/** A check that could never find anything would always pass. */
const expectFound = (found: number, what: string): void => {
	if (found === 0) throw new Error(`Expected to find ${what}; found none`);
};

const measure = async (): Promise<Record<string, number>> => {
	const loaded = await loadedFiles(name, { rawPath: "/" });
	const committed = await read<ColdStartResults>(values.results);
	expectFound(loaded.length, "files loaded before a ping");
	expectFound(await sdkFiles({ warmer: true, concurrency: 2 }), "files of the SDK, loaded by a ping of 2");
	expectFound(
		(await bundledBuiltIns("node:http2", "esm")).length,
		"built-in modules, loaded by a file that imports one",
	);
	return {
		"bytes loaded before a ping, gzipped": await gzippedBytes(loaded),
		"files loaded before a ping": loaded.length,
		"bytes of a bundle, gzipped": await bundledBytes(name),
		"built-in modules loaded by an ESM bundle": (await bundledBuiltIns(name, "esm")).length,
		"built-in modules loaded by a CommonJS bundle": (await bundledBuiltIns(name, "cjs")).length,
		"files of the SDK loaded by a ping of 1": await sdkFiles({ warmer: true }),
		"import ÷ the faster peer's, Node.js 22": ratioToFasterPeer(committed, 22),
		"import ÷ the faster peer's, Node.js 24": ratioToFasterPeer(committed, 24),
		"ESM bundle ÷ lambda-warmer's, Node.js 22": ratioInOneFile(committed.bundles, "esm", 22),
		"ESM bundle ÷ lambda-warmer's, Node.js 24": ratioInOneFile(committed.bundles, "esm", 24),
		"CommonJS bundle ÷ lambda-warmer's, Node.js 22": ratioInOneFile(committed.bundles, "cjs", 22),
		"CommonJS bundle ÷ lambda-warmer's, Node.js 24": ratioInOneFile(committed.bundles, "cjs", 24),
	};
};

const budgets = await read<Record<string, number>>(values.budgets);
const figures = await measure();
const unknown = Object.keys(budgets).filter((figure) => !(figure in figures));
if (unknown.length > 0) {
	throw new Error(`${values.budgets} has unknown figures: ${unknown.join()}`);
}

let over = 0;
const rows = Object.entries(figures).map(([figure, value]) => {
	const budget = budgets[figure];
	if (budget === undefined) throw new Error(`No budget for: ${figure}`);
	// NaN, a failed measurement, is over budget.
	const isWithin = value <= budget;
	if (!isWithin) over++;
	const shown = Math.round(1000 * value) / 1000;
	return [figure, shown, budget, isWithin ? "within" : "OVER"];
});
console.log(table(["figure", "value:", "budget:", ""], rows));
if (over > 0) {
	console.error(`\n${over} of ${rows.length} figures are over budget.`);
	process.exitCode = 1;
}
