import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import ts from "typescript";
import { DELIVERY_MODELS } from "../../cli/delivery-models.js";
import { markedSection, page, root, tableWith } from "./support/markdown.js";

const readme = page("README.md");

/** The names of the options, from the source. */
const optionNames = (): string[] => {
	const source = ts.createSourceFile(
		"options.ts",
		readFileSync(new URL("src/options.ts", root), "utf8"),
		ts.ScriptTarget.ES2022,
	);
	const options = source.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === "WarmupOptions");
	return (options?.members ?? []).flatMap(({ name }) => (name && ts.isIdentifier(name) ? [name.text] : []));
};

test("has at most 150 lines", () => {
	expect(readme.text.trimEnd().split("\n").length).toBeLessThanOrEqual(150);
});

test("has a comparison that a command fills", () => {
	expect(markedSection(readme, "bench")).toEqual(expect.any(String));
	expect(readme.text.split("<!-- bench:start -->")).toHaveLength(2);
});

test("says on the first screen that it was not measured on AWS yet", () => {
	const [firstScreen = ""] = readme.text.split("\n## ");
	expect(firstScreen).toContain("not yet measured on AWS");
});

test("the table of docs/options.md has every option", () => {
	const names = optionNames();
	expect(names).toContain("concurrency");
	const rows = tableWith(page("docs/options.md"), "default");
	expect(rows.map(([name]) => name)).toEqual(names.map((name) => `[\`${name}\`](#${name.toLowerCase()})`));
});

test("the table of the first screen has the figures that the demo's output shows", () => {
	const rows = tableWith(readme, "cold starts");
	const shown = readme.blocks.find(({ language }) => language === "text")?.text ?? "";
	for (const [, coldStarts, median] of rows) {
		expect(shown).toContain(`${coldStarts} of 5 met a cold start. The median request took ${median}.`);
	}
});

test("the costs are those of docs/when-not-to-warm.md, with their assumptions", () => {
	const [, n, megabytes, warming, provisioned] =
		/\b(\w+) environments of (\d+) MB cost about \*\*\$([\d.]+) a month\*\*.* against \*\*\$(\d+)\*\*/.exec(
			readme.text,
		) ?? [];
	expect(n).toBe("Five");
	const row = tableWith(page("docs/when-not-to-warm.md"), "M, GB").find(
		([environments, gigabytes, hours]) =>
			environments === "5" && Number(gigabytes) * 1024 === Number(megabytes) && hours === "720",
	);
	expect(row?.slice(3).map(Number)).toEqual([Number(warming), Number(provisioned)]);
});

test("states the delivery that the benchmarks simulate", () => {
	const { RequestResponse, Event } = DELIVERY_MODELS.typical;
	expect(readme.text).toContain(
		`${RequestResponse.median} ms in the median, ${RequestResponse.p99} ms at the 99th percentile (asynchronous: ${Event.median} and ${Event.p99} ms)`,
	);
});

test.each([
	["lambda-warmer", ["flag", "concurrency", "target", "test", "log", "correlationId", "delay"]],
	["@middy/warmup", ["isWarmingUp", "onWarmup"]],
])("migrating covers each option of %s", (heading, options) => {
	const rows = tableWith(page("docs/migration.md"), heading);
	expect(rows.map(([name]) => name)).toEqual(options.map((option) => `\`${option}\``));
});

test("shows what the demo prints, apart from the times", () => {
	const withoutTimes = (text: string) => text.replace(/[\d,.]+ ms/g, "… ms");
	const output = execFileSync(
		process.execPath,
		[...["--import", "tsx", "cli/index.ts", "try"], ...["examples/api.mjs", "--event", "examples/event.json"]],
		{ cwd: root, encoding: "utf8" },
	);
	const shown = readme.blocks.find(({ language }) => language === "text");
	expect(withoutTimes(output).split("\n")).toEqual(
		expect.arrayContaining(withoutTimes(shown?.text ?? "?").split("\n")),
	);
});
