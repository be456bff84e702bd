/**
 * `npm run test:compat -- third-party [PART …]`: the packed package among other people's software, each in a folder of its
 * own. Needs npm; what else a part needs and does not find, it names, and is left out.
 */

import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

const parts = ["commonjs", "nginx", "serverless-offline", "streaming"];

const chosen = process.argv.slice(2).filter((part) => part !== "third-party");
for (const part of chosen) {
	if (!parts.includes(part)) {
		throw new Error(`there is no part ${part}, only ${parts.join(", ")}`);
	}
}
run({
	files: (chosen.length > 0 ? chosen : parts).map((part) =>
		fileURLToPath(new URL(`${part}.ts`, import.meta.url)),
	),
	// Each runs processes of its own.
	concurrency: 1,
})
	.on("test:fail", () => {
		process.exitCode = 1;
	})
	.compose(new spec())
	.pipe(process.stdout);
