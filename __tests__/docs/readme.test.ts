import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import ts from "typescript";
import { checkDeployment } from "../deploy/support/checks.js";
import { parseYaml, type Resources } from "../deploy/support/cloudformation.js";
import { deploymentOf } from "../deploy/support/deployment.js";
import { expandSam } from "../deploy/support/sam.js";
import { markedSection, page, root } from "./support/markdown.js";

const readme = page("README.md");
const read = (path: string) => readFileSync(new URL(path, root), "utf8");

/** The names of the options, from the source. */
const optionNames = (): string[] => {
	const source = ts.createSourceFile(
		"options.ts",
		read("src/options.ts"),
		ts.ScriptTarget.ES2022,
	);
	const options = source.statements
		.filter(ts.isInterfaceDeclaration)
		.find(({ name }) => name.text === "WarmupOptions");
	return (options?.members ?? []).flatMap(({ name }) =>
		name && ts.isIdentifier(name) ? [name.text] : [],
	);
};

test.each(["options", "bench", "compat"])(
	"has a section %s that a command fills",
	(name) => {
		expect(markedSection(readme, name)).toEqual(expect.any(String));
		expect(readme.text.split(`<!-- ${name}:start -->`)).toHaveLength(2);
	},
);

test("the options table has every option", () => {
	const section = markedSection(readme, "options");
	const names = optionNames();
	expect(names).toContain("concurrency");
	for (const name of names) expect(section).toContain(`\`${name}\``);
});

describe("the SAM template", () => {
	const template = readme.blocks.find(
		({ language, text }) => language === "yaml" && text.includes("Transform:"),
	)?.text;

	test("is the tested example", () => {
		expect(template).toBe(read("examples/deploy/sam/template.yaml"));
	});

	checkDeployment(() =>
		deploymentOf(
			expandSam(parseYaml(template ?? "") as { Resources: Resources }),
		),
	);
});

describe("migrating", () => {
	test.each([
		[
			"from lambda-warmer",
			[
				"flag",
				"concurrency",
				"target",
				"test",
				"log",
				"correlationId",
				"delay",
			],
		],
		["from @middy/warmup", ["isWarmingUp", "onWarmup"]],
	])("%s covers each of its options", (heading, options) => {
		const section = new RegExp(
			`### ${heading}\n([\\s\\S]*?)(?=\n###? |$)`,
			"i",
		).exec(readme.text)?.[1];
		for (const option of options) {
			expect(section).toMatch(new RegExp(`\\n\\| \`${option}\``));
		}
	});
});
