import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { root } from "../docs/support/markdown.js";
import { commandLine, patience, start } from "./support.js";

test("the middleware never loads the command line or the local Lambda", async () => {
	const dist = fileURLToPath(new URL("dist/", root));
	const files = (await readdir(dist, { recursive: true })).filter(
		(file) => /\.c?js$/.test(file) && !/^(cli|local|cdk|serverless)\//.test(file),
	);
	expect(files).toEqual(expect.arrayContaining(["index.js", "index.cjs"]));
	for (const file of files) {
		const text = await readFile(join(dist, file), "utf8");
		expect([file, /["'](?:\.{1,2}\/|middy-lambda-warmer\/)(?:cli|local)\b/.test(text)]).toEqual([file, false]);
	}
});

test(
	"the commands say how to install the optional packages if they are missing",
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
