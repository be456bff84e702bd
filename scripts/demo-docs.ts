/**
 * Runs the demo once, and writes what it prints into the README, the medians into its first table, and the timeline
 * into docs/timeline.svg. Usage, after `npm run build`: `npx tsx scripts/demo-docs.ts`.
 */

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { table } from "./lib/markdown.js";

const root = fileURLToPath(new URL("../", import.meta.url));

/** The steps that the README shows: the others repeat the first, and take much room. */
const SHOWN_STEPS = 3;

const output = execFileSync(
	process.execPath,
	[
		...["dist/cli/index.js", "try", "examples/api.mjs", "--event", "examples/event.json"],
		...["--concurrency", "5", "--svg", "docs/timeline.svg"],
	],
	{ cwd: root, encoding: "utf8", env: { ...process.env, COLUMNS: "80", NO_COLOR: "1" } },
);

/** Each step up to its first empty line, without details of the transport. */
const steps = [...output.matchAll(/^Step \d: .*(?:\n.+)*/gm)]
	.slice(0, SHOWN_STEPS)
	.map(([step]) => step.replace(/\n\d+ rounds? of invocations .*/, ""));
if (steps.length < SHOWN_STEPS) throw new Error(`The demo printed fewer than ${SHOWN_STEPS} steps:\n${output}`);

const resultOf = (step: string | undefined, label: string): [string, string, string] => {
	const [, coldStarts, median] =
		/^(\d+) of \d+ met a cold start\. The median request took ([\d,.]+ ms)\.$/m.exec(step ?? "") ?? [];
	if (coldStarts === undefined || median === undefined) throw new Error(`No result in:\n${step}`);
	return [label, coldStarts, median];
};

const rows = [resultOf(steps[0], "without a ping"), resultOf(steps[2], "after a ping")];
const firstTable = table(["5 simultaneous requests to the [demo](#see-it)", "cold starts", "median time"], rows);

const readme = `${root}README.md`;
const updated = readFileSync(readme, "utf8")
	.replace(/^\| 5 simultaneous requests .*(?:\n\|.*)*/m, () => firstTable)
	.replace(/^```text\nStep 1:[^`]*```/m, () => ["```text", ...steps.join("\n\n").split("\n"), "```"].join("\n"));
writeFileSync(readme, updated);
console.log(steps.join("\n\n"));
