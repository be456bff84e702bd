import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { parseYaml } from "../deploy/support/cloudformation.js";
import { fileName, markedSection, otherPages, page, root } from "./support/markdown.js";

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
	};
	for (const block of blocks) {
		const name = fileName(block);
		if (name !== undefined) files[name] = block.text;
	}
	const { compilerOptions } = JSON.parse(files["tsconfig.json"] ?? "") as {
		compilerOptions: object;
	};
	files["tsconfig.json"] = JSON.stringify({
		compilerOptions: {
			...compilerOptions,
			paths: {
				"middy-lambda-warmer": [join(project, "src/index.ts")],
				"middy-lambda-warmer/cdk": [join(project, "cdk/index.ts")],
			},
		},
	});
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
	const { status, stdout, stderr } = spawnSync(process.execPath, args, {
		cwd: folder,
		encoding: "utf8",
		env: { ...inherited, ...env },
	});
	return { status, output: stdout + stderr };
};

test("the page installs what its files import", () => {
	const installed = blocks.filter(({ language }) => language === "bash").flatMap(({ text }) => text.split(/\s+/));
	const imported = blocks
		.filter(({ language }) => language === "ts")
		.flatMap(({ text }) => [...text.matchAll(/from "([^".][^"]*)"/g)])
		.map(([, specifier = ""]) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0])
		.filter((name) => !name?.startsWith("node:"))
		.map((name) => (name === "aws-lambda" ? "@types/aws-lambda" : name));
	expect(installed).toEqual(expect.arrayContaining(imported));
});

test(
	"the page's files have the types that they say",
	() => {
		expect(run([join(project, "node_modules/typescript/bin/tsc")])).toEqual({
			status: 0,
			output: "",
		});
	},
	5 * minute,
);

test(
	"the page's test passes",
	() => {
		expect(run(["--import", "tsx", "--test", "--test-reporter=tap", "test/ping.test.ts"])).toMatchObject({
			status: 0,
			output: expect.stringMatching(/^# pass 2$/m),
		});
	},
	5 * minute,
);

test(
	"synthesizes the page's app with its bundle into what the page shows",
	() => {
		const outdir = join(folder, "cdk.out");
		const { app } = JSON.parse(readFileSync(join(folder, "cdk.json"), "utf8")) as { app: string };
		const { status, output } = run(["--import", ...app.split(" ").slice(1)], {
			CDK_OUTDIR: outdir,
		});
		expect([status, output]).toEqual([0, expect.any(String)]);
		const template: unknown = JSON.parse(readFileSync(join(outdir, "Orders.template.json"), "utf8"));
		const shown = blocks.find(({ language }) => language === "yaml");
		expect(template).toMatchObject(parseYaml(shown?.text ?? "") as object);
	},
	5 * minute,
);

/** The code below each heading of the tabs. */
const tabs = new Map(
	[...markedSection(page("docs/getting-started.md"), "tabs").matchAll(/^#### (.+)\n\n```\w+\n([\s\S]*?)^```$/gm)].map(
		([, label = "", text = ""]) => [label, text],
	),
);

test("has a tab for each tool", () => {
	expect([...tabs.keys()]).toEqual(["CDK", "SAM", "Serverless", "Terraform", "CLI"]);
});

test.each([
	["CDK", "README.md"],
	["SAM", "docs/sam.md"],
	["Terraform", "docs/terraform.md"],
	["CLI", "examples/deploy/scheduler/README.md"],
])("the tab of %s shows what %s explains", (label, path) => {
	const { text } = otherPages.find((candidate) => candidate.path === path) ?? page(path);
	const commands = (tabs.get(label) ?? "?").split(/(?<=[^\\]\n)(?=aws )/);
	for (const command of commands) expect(text).toContain(command);
});

test("the tab of Serverless is a part of what docs/serverless.md deploys", () => {
	const deployed = page("docs/serverless.md").blocks.find(({ name }) => name === "serverless.yml");
	expect(parseYaml(deployed?.text ?? "")).toMatchObject(parseYaml(tabs.get("Serverless") ?? "") as object);
});
