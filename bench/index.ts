/**
 * `npm run bench`: every part, one after the other, and the figures; `npm run bench -- coverage`: one part.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { resultsFolder } from "./results.js";

const [chosen, ...rest] = process.argv.slice(2);
const isPart = chosen !== undefined && !chosen.startsWith("-");
const options = isPart ? rest : process.argv.slice(2);
const isQuick = options.includes("--quick");

const all = [
	"business",
	"cold-start",
	"fan-out",
	"collateral",
	"coverage",
	"figures",
];
const parts = isPart ? [chosen] : all;

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
if (!isQuick && !isPart) await import("./readme.js");
console.log(`Results are in ${fileURLToPath(resultsFolder)}`);
