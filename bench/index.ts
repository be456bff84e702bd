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
const { quick } = values;
const folder = fileURLToPath(resultsFolder);

const parts: [part: string, ...options: string[]][] = [
	["business"],
	["cold-start"],
	["fan-out"],
	["collateral"],
	["coverage"],
	["figures", "--out", folder],
];

for (const [index, [part, ...quickly]] of parts.entries()) {
	console.log(`\n${index + 1}/${parts.length} ${part}\n`);
	const script = fileURLToPath(new URL(`${part}.ts`, import.meta.url));
	const child = spawn(
		process.execPath,
		[...process.execArgv, script, ...(quick ? ["--quick", ...quickly] : [])],
		{ stdio: "inherit" },
	);
	const [code] = await once(child, "exit");
	if (code !== 0) throw new Error(`${part} failed`);
}
if (!quick) await import("./readme.js");
console.log(`Results are in ${folder}`);
