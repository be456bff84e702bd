/**
 * `npm run bench`: every part, one after the other, and the figures.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { resultsFolder } from "./results.js";

const { values } = parseArgs({
	options: { quick: { type: "boolean", default: false } },
});
const options = values.quick ? ["--quick"] : [];

const parts = [
	"business",
	"cold-start",
	"fan-out",
	"collateral",
	"coverage",
	"figures",
];

for (const [index, part] of parts.entries()) {
	console.log(`\n${index + 1}/${parts.length} ${part}\n`);
	const script = fileURLToPath(new URL(`${part}.ts`, import.meta.url));
	const child = spawn(
		process.execPath,
		[...process.execArgv, script, ...options],
		{ stdio: "inherit" },
	);
	const [code] = await once(child, "exit");
	if (code !== 0) throw new Error(`${part} failed`);
}
if (!values.quick) await import("./readme.js");
console.log(`Results are in ${fileURLToPath(resultsFolder)}`);
