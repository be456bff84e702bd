import { spawnSync } from "node:child_process";
import {
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	symlinkSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parseYaml } from "../deploy/support/cloudformation.js";
import { fileName, page, root } from "./support/markdown.js";

const project = fileURLToPath(root);
const { blocks } = page("docs/getting-started.md");
const minute = 60_000;
let folder: string;

/** The reader's folder after the page's steps, with this package in the place of the one from the registry. */
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "getting-started-"));
	const files: Record<string, string> = {
		"package.json": '{ "type": "module" }',
		"package-lock.json": "{}",
		"tsconfig.json": JSON.stringify({
			compilerOptions: {
				paths: {
					"middy-lambda-warmer": [join(project, "src/index.ts")],
					"middy-lambda-warmer/cdk": [join(project, "cdk/index.ts")],
				},
			},
		}),
	};
	for (const block of blocks) {
		const name = fileName(block);
		if (name !== undefined) files[name] = block.text;
	}
	for (const [name, text] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), text);
	}
	symlinkSync(join(project, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => {
	rmSync(folder, { recursive: true, force: true });
});

const run = (args: string[], env: Record<string, string> = {}) => {
	// Node.js would take a test runner inside a test runner for a part of it.
	const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...inherited } = process.env;
	const { status, stdout, stderr } = spawnSync(
		process.execPath,
		["--import", "tsx", ...args],
		{ cwd: folder, encoding: "utf8", env: { ...inherited, ...env } },
	);
	return { status, output: stdout + stderr };
};

test(
	"the page's test passes",
	() => {
		expect(
			run(["--test", "--test-reporter=tap", "test/ping.test.ts"]),
		).toMatchObject({
			status: 0,
			output: expect.stringMatching(/^# pass 2$/m),
		});
	},
	5 * minute,
);

test(
	"the page's app is synthesised, bundle included, and the page shows what it becomes",
	() => {
		const outdir = join(folder, "cdk.out");
		const { status, output } = run(["bin/app.ts"], { CDK_OUTDIR: outdir });
		expect([status, output]).toEqual([0, expect.any(String)]);
		const template: unknown = JSON.parse(
			readFileSync(join(outdir, "Orders.template.json"), "utf8"),
		);
		const shown = blocks.find(({ language }) => language === "yaml");
		expect(template).toMatchObject(parseYaml(shown?.text ?? "") as object);
	},
	5 * minute,
);
