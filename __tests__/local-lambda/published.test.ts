import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { packInto } from "../../scripts/lib/packed.js";
import { fileName, page, root } from "../docs/support/markdown.js";

const installed = join(fileURLToPath(root), "node_modules");
const minute = 60_000;
let folder: string;

/** Writes the files of docs/testing.md into a CommonJS project that has the packed package. */
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "testing-"));
	for (const block of page("docs/testing.md").blocks) {
		const name = fileName(block);
		if (name) writeFileSync(join(folder, name), block.text);
	}
	const modules = join(folder, "node_modules");
	mkdirSync(join(modules, "middy-lambda-warmer"), { recursive: true });
	for (const name of readdirSync(installed)) {
		symlinkSync(join(installed, name), join(modules, name));
	}
	const { tarball } = packInto(folder);
	execFileSync("tar", [...["-xzf", tarball, "--strip-components=1"], ...["-C", join(modules, "middy-lambda-warmer")]]);
	const jest = { preset: "ts-jest", testMatch: ["**/jest.test.ts"], testTimeout: minute };
	writeFileSync(join(folder, "package.json"), JSON.stringify({ jest }));
	const compilerOptions = {
		module: "node16",
		isolatedModules: true,
		strict: true,
		types: ["node"],
	};
	writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions }));
}, minute);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (command: string, ...args: string[]) => {
	// Node.js would take a test runner inside a test runner for a part of it.
	const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
	for (const name of Object.keys(env)) if (/^(JEST|VITEST)/.test(name)) delete env[name];
	const { status, stdout, stderr } = spawnSync(process.execPath, [command, ...args], {
		cwd: folder,
		encoding: "utf8",
		env: { ...env, NODE_ENV: "test" },
	});
	return { status, output: stdout + stderr };
};

test.each([
	["node", ["--test", "--test-reporter=tap", "unit.test.mjs", "node.test.mjs"], /^# pass 2$/m],
	["jest", [join(installed, "jest/bin/jest.js")], /1 passed/],
	["vitest", [join(installed, "vitest/vitest.mjs"), "run", "--testTimeout=60000", "vitest.test.mjs"], /1 passed/],
])(
	"the tests of docs/testing.md pass with %s",
	(_, [command = "", ...args], passed) => {
		expect(run(command, ...args)).toEqual({ status: 0, output: expect.stringMatching(passed) });
	},
	minute,
);
