import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { root } from "../docs/support/markdown.js";
import { commandLine, patience, start } from "./support.js";

test("the middleware loads nothing of the tools", async () => {
	for (const file of ["index.js", "index.cjs", "warm-up.js", "fan-out.js"]) {
		const text = await readFile(new URL(`dist/${file}`, root), "utf8");
		expect(text).not.toMatch(/["'](?:\.\/|middy-lambda-warmer\/)(?:cli|local)\b/);
	}
});

test(
	"without the optional packages, the commands say how to get them",
	async () => {
		const folder = await mkdtemp(join(tmpdir(), "alone-"));
		try {
			await writeFile(join(folder, "package.json"), `{ "type": "module" }`);
			const dist = dirname(dirname(commandLine));
			for (const part of ["cli", "local"]) {
				await cp(join(dist, part), join(folder, part), { recursive: true });
			}
			const cases: [string[], string][] = [[["ping", "orders"], "@aws-sdk/client-lambda"]];
			for (const [args, packages] of cases) {
				const run = start(args, {}, join(folder, "cli/index.js"));
				expect([await run.ended, run.stdout]).toEqual([2, ""]);
				expect(run.stderr).toMatch(new RegExp(`^middy-lambda-warmer: .*npm install ${packages}\n$`));
			}
		} finally {
			await rm(folder, { recursive: true });
		}
	},
	patience,
);
