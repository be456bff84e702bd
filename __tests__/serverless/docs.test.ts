import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { FUNCTION_SCHEMA, problemOf, SETTINGS_SCHEMA } from "../../serverless/schema.js";
import { type Properties, parseYaml, validated } from "../deploy/support/cloudformation.js";
import { run } from "../deploy/support/serverless.js";
import { fileName, page, place, tableWith } from "../docs/support/markdown.js";

const root = fileURLToPath(new URL("../../", import.meta.url));
const { blocks } = page("docs/serverless.md");

interface Configuration {
	custom?: { warmup?: unknown };
	functions?: Record<string, { warmup?: unknown }>;
}

// The installed package is a link to this project, which is not to be zipped.
const withoutModules = (yaml: string): string =>
	`${yaml}\npackage:\n  excludeDevDependencies: false\n  patterns: ["!node_modules/**"]\n`;

test("docs/serverless.md: of three functions, two have a schedule and a statement each, and the third has none", async () => {
	const folder = mkdtempSync(join(tmpdir(), "shop-"));
	for (const block of blocks) {
		const name = fileName(block);
		if (name === "serverless.yml" || name === "handler.mjs") writeFileSync(join(folder, name), block.text);
	}
	const { exitCode, resources, output, clean } = await run(relative(root, folder), ["package"], {
		edit: withoutModules,
	});
	await clean();
	rmSync(folder, { recursive: true });
	expect([exitCode, output]).toEqual([0, expect.stringContaining("Service packaged")]);

	const added = Object.entries(validated(resources)).filter(([id]) => id.includes("Warmup"));
	const arn = (name: string) => ({ "Fn::GetAtt": [`${name}LambdaFunction`, "Arn"] });
	const ofType = (type: string) =>
		added.flatMap(([, { Type, Properties }]) => (Type === type && Properties ? [Properties] : []));
	expect(ofType("AWS::Scheduler::Schedule").map(({ Target }) => (Target as Properties).Arn)).toEqual([
		arn("Orders"),
		arn("Search"),
	]);
	expect(ofType("AWS::IAM::Policy").map(({ PolicyDocument }) => (PolicyDocument as Properties).Statement)).toEqual([
		[expect.objectContaining({ Resource: arn("Orders") })],
		[expect.objectContaining({ Resource: arn("Search") })],
	]);
	expect(added.map(([, { Type }]) => Type).sort()).toEqual([
		"AWS::IAM::Policy",
		"AWS::IAM::Policy",
		"AWS::IAM::Role",
		"AWS::Scheduler::Schedule",
		"AWS::Scheduler::Schedule",
	]);
});

const configurations = [...blocks, ...page("docs/migration.md").blocks]
	.filter(({ language }) => language === "yaml")
	.map((block) => [place(block), block] as const);

test.each(configurations)("%s has settings that the plugin accepts", (_, { text }) => {
	const { custom, functions = {} } = parseYaml(text) as Configuration;
	const problems = [
		custom?.warmup && problemOf(custom.warmup, SETTINGS_SCHEMA, "custom.warmup"),
		...Object.entries(functions).map(
			([name, { warmup }]) => warmup !== undefined && problemOf(warmup, FUNCTION_SCHEMA, name),
		),
	].filter(Boolean);
	expect(problems).toEqual([]);
});

test("the table of properties has all of them", () => {
	const listed = tableWith(page("docs/serverless.md"), "property").map(([name = ""]) => name.replaceAll("`", ""));
	const accepted = "properties" in SETTINGS_SCHEMA ? Object.keys(SETTINGS_SCHEMA.properties) : [];
	expect([...listed].sort()).toEqual(accepted.sort());
});

test("docs/migration.md names every option of serverless-plugin-warmup", () => {
	const schema = readFileSync(
		new URL("../../node_modules/serverless-plugin-warmup/src/schema.js", import.meta.url),
		"utf8",
	);
	const options = ["globalConfigSchemaProperties", "functionConfigSchemaProperties"].flatMap((name) => {
		const [, properties = ""] = new RegExp(`const ${name} = \\{\\n(.*?)\\n\\t\\};`, "s").exec(schema) ?? [];
		return [...properties.matchAll(/^\t\t(\w+):/gm)].map(([, option = ""]) => option);
	});
	expect(options.length).toBeGreaterThan(20);
	const named = tableWith(page("docs/migration.md"), "serverless-plugin-warmup")
		.map(([option]) => option)
		.join();
	expect(options.filter((option) => !named.includes(`\`${option}\``) && !named.includes(`\`${option}:`))).toEqual([]);
});
