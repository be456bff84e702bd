/**
 * The figures that do not depend on the clock, against budgets: run by CI, fails if one is over.
 */

import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { table } from "../scripts/markdown.js";
import { bundle } from "./bundle.js";
import { installed } from "./installation.js";
import { fixed } from "./numbers.js";
import { runWorker } from "./worker.js";

const name = "middy-lambda-warmer";

/** Files of the AWS SDK among those that are loaded to serve an event. */
const sdkFiles = async (event: object): Promise<number> => {
	const files: string[] = JSON.parse(
		await runWorker("modules.mjs", [name, JSON.stringify(event)]),
	);
	return files.filter((file) => file.includes("/@aws-sdk/")).length;
};

/** A measurement that would find nothing in any case says nothing. */
const expectFound = (found: number, what: string): void => {
	if (found === 0) throw new Error(`Expected to find ${what}; found none`);
};

const measure = async (): Promise<Record<string, number>> => {
	await using installation = await installed([name]);
	const { minified, gzipped } = await bundle(name, installation.folder);
	const modules: string[] = JSON.parse(await runWorker("modules.mjs", [name]));
	const promises: { ours: number; asyncHook: number } = JSON.parse(
		await runWorker("promises.mjs", []),
	);
	expectFound(modules.length, "modules that the import loads");
	expectFound(promises.asyncHook, "promises of an async hook");
	expectFound(
		await sdkFiles({ warmer: true, concurrency: 2 }),
		"files of the SDK, loaded by a ping of 2",
	);
	return {
		"bundle, bytes minified": minified,
		"bundle, bytes gzipped": gzipped,
		"modules loaded by the import": modules.length,
		"SDK files loaded by a business request": await sdkFiles({ rawPath: "/" }),
		"SDK files loaded by a ping of 1": await sdkFiles({ warmer: true }),
		"promises per business request": promises.ours,
		"invocations per ping of 2": Number(
			await runWorker("invocations.mjs", ["2"]),
		),
		"invocations per ping of 10": Number(
			await runWorker("invocations.mjs", ["10"]),
		),
	};
};

const { values } = parseArgs({
	options: {
		budgets: {
			type: "string",
			default: new URL("budgets.json", import.meta.url).pathname,
		},
	},
});
const budgets: Record<string, number> = JSON.parse(
	await readFile(values.budgets, "utf8"),
);
const figures = await measure();
const unknown = Object.keys(budgets).filter((figure) => !(figure in figures));
if (unknown.length > 0) {
	throw new Error(`${values.budgets} has unknown figures: ${unknown.join()}`);
}

let over = 0;
const rows = Object.entries(figures).map(([figure, value]) => {
	const budget = budgets[figure];
	if (budget === undefined) throw new Error(`No budget for: ${figure}`);
	if (value > budget) over++;
	return [
		figure,
		fixed(value),
		fixed(budget),
		value > budget ? "OVER" : "within",
	];
});
console.log(table(["figure", "value:", "budget:", ""], rows));
if (over > 0) {
	console.error(`\n${over} of ${rows.length} figures are over budget.`);
	process.exitCode = 1;
}
