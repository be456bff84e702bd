import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "@jest/globals";
import { usage as pingUsage } from "../../cli/ping-command.js";
import { usage as tryUsage } from "../../cli/try-command.js";
import { startLocalLambda } from "../../local-lambda/index.js";
import { page, root } from "../docs/support/markdown.js";
import { commandLine, patience, start, variablesOf } from "./support.js";

test("docs/cli.md contains what --help prints", async () => {
	const texts = page("docs/cli.md").blocks.filter(({ language }) => language === "text");
	expect(texts.map(({ text }) => text)).toEqual([`${tryUsage}\n`, `${pingUsage}\n`]);
	for (const [command, usage] of Object.entries({ try: tryUsage, ping: pingUsage })) {
		const help = start([command, "--help"]);
		expect([await help.ended, help.stdout]).toEqual([0, `${usage}\n`]);
	}
});

test(
	"the commands in docs/measure-on-aws.md print a row of its table",
	async () => {
		const { blocks, ...measuring } = page("docs/measure-on-aws.md");
		const textOf = (name: string) => blocks.find((block) => block.name === name)?.text ?? "";
		await using lambda = await startLocalLambda({
			functions: { "Orders-Orders0": { handler: new URL("examples/api.mjs", root), timeoutMs: 60_000 } },
		});
		const folder = await mkdtemp(join(tmpdir(), "measure-"));
		try {
			// Stand-ins for what a reader has installed and deployed.
			const script = [
				`npx() { shift; "${process.execPath}" "${commandLine}" "$@"; }`,
				"aws() { echo Orders-Orders0; }",
				textOf("ping").replace("--every 10s", "--every 1ms"),
				textOf("row"),
			].join("\n");
			const { NODE_OPTIONS: _, ...env } = process.env;
			const { stdout } = await promisify(execFile)("bash", ["-c", script], {
				cwd: folder,
				env: { ...env, ...variablesOf(lambda) },
			});
			expect(stdout).toMatch(/^\| 10 \| \d+ % \| \d+ of 20 \| [\d.]+ \| \d+ \| \d+ \| http\/1\.1 \|\n$/);
			const [head] = measuring.tables[0] ?? [];
			expect(stdout.trim().split(" | ")).toHaveLength(head?.length ?? 0);
		} finally {
			await rm(folder, { recursive: true });
		}
	},
	patience,
);
