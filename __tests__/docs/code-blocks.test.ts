import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import {
	COLD_START_SHARE,
	COLD_STARTS_BY_PINGS,
	COLD_STARTS_BY_REQUESTS,
	COVERAGE,
	IDLE_ENVIRONMENTS,
	UNUSED_ENVIRONMENTS,
} from "../../cdk/queries.js";
import { parseYaml } from "../deploy/support/cloudformation.js";
import { unknownNames } from "./support/logs-insights.js";
import { type Block, page, pages, place, root } from "./support/markdown.js";
import { childFields, feed, misspeltPings, pingsIn, sampleEntries } from "./support/service.js";
import { jsonArguments, problemsOf } from "./support/shell.js";
import { typeCheck } from "./support/type-check.js";

const languages: Record<string, string> = {
	ts: "code",
	js: "code",
	mjs: "code",
	json: "json",
	yaml: "yaml",
	hcl: "hcl", // planned by the tests in deploy/
	bash: "shell",
	sh: "shell",
	logsinsights: "query",
	text: "output",
};

const blocks = pages.flatMap((page) => page.blocks);
const of = (kind: string): [string, Block][] =>
	blocks.filter(({ language }) => languages[language] === kind).map((block) => [place(block), block]);

/** The constructs' examples, in doc comments. */
const examples = ["cdk/prewarm.ts", "cdk/prewarm-hook.ts", "cdk/warmup-schedule.ts"].flatMap((path) =>
	[...readFileSync(new URL(path, root), "utf8").matchAll(/\* @example\n(.*?)\n\s*\*\//gs)].map(
		([, text = ""], index): [string, Block] => [
			`${path}, example ${index + 1}`,
			{ page: `${path}-${index}`, line: 1, language: "ts", name: "", text: text.replaceAll(/^\s*\* ?/gm, "") },
		],
	),
);

const originalEnv = process.env;
beforeAll(() => {
	process.env = {
		...originalEnv,
		AWS_LAMBDA_FUNCTION_NAME: "api",
		AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
	};
});
afterAll(() => {
	process.env = originalEnv;
});

/** Hands every ping inside a value to the middleware. */
const checkPings = async (value: unknown): Promise<void> => {
	for (const ping of pingsIn(value)) {
		const { answer, reachedBusiness, warnings } = await feed(ping);
		expect([ping, reachedBusiness, warnings]).toEqual([ping, false, []]);
		expect(answer).toMatch(/^warmed$|"action":"warmer(-report)?"/);
	}
};

test.each(blocks.map((block): [string, Block] => [place(block), block]))(
	"%s is in a language that is checked",
	(_, { language }) => {
		expect(Object.keys(languages)).toContain(language);
	},
);

describe("code compiles", () => {
	const code = [...of("code"), ...examples];
	let problems: Map<Block, string[]>;
	beforeAll(() => {
		problems = typeCheck(code.map(([, block]) => block));
	}, 300_000);

	test.each(code)("%s", (_, block) => {
		expect(problems.get(block)).toEqual([]);
	});

	test("fails for a block with an unknown option", () => {
		const wrong = {
			page: "wrong.md",
			line: 1,
			language: "ts",
			name: "",
			text: 'import warmup from "middy-lambda-warmer";\nwarmup({ concurency: 5 });\n',
		};
		expect(typeCheck([wrong]).get(wrong)).toEqual([expect.stringContaining("concurency")]);
	}, 300_000);
});

describe("JSON", () => {
	test.each(of("json"))(
		"%s is what it says: pings are answered, entries and payloads have their fields",
		async (_, { text }) => {
			const value: unknown = JSON.parse(text);
			await checkPings(value);
			expect(misspeltPings(value)).toEqual([]);
			const entries = await sampleEntries();
			for (const example of [value].flat()) {
				if (typeof example !== "object" || example === null) continue;
				const { action } = example as { action?: unknown };
				const fields = new Set(
					Object.keys(example).some((key) => key.startsWith("__WARMER_"))
						? await childFields()
						: entries.filter((entry) => entry.action === action).flatMap((entry) => Object.keys(entry)),
				);
				if (fields.size === 0) continue;
				// What a child answers is not a record: an identity, which wire-protocol.test.ts reads.
				if ("startedAt" in example) continue;
				expect([...fields]).toEqual(expect.arrayContaining(Object.keys(example)));
			}
		},
	);

	test.each(of("shell"))("in %s too", async (_, { text }) => {
		for (const argument of jsonArguments(text)) await checkPings(argument);
	});
});

test.each(of("yaml"))("%s is YAML, and its pings are answered", async (_, { text }) => {
	await checkPings(parseYaml(text));
});

test.each(of("shell"))("%s names commands, scripts and packages that exist", (_, { text }) => {
	expect(problemsOf(text)).toEqual([]);
});

describe("queries of CloudWatch Logs Insights", () => {
	let fields: Set<string>;
	beforeAll(async () => {
		fields = new Set((await sampleEntries()).flatMap(Object.keys));
	});

	test.each(of("query"))("%s names known fields only", (_, { text }) => {
		expect(unknownNames(text, fields)).toEqual([]);
	});

	test("are rejected when a field is misspelled", () => {
		expect(unknownNames('filter message.acton = "warmer"\n| sort by bin(5m)', fields)).toEqual(["message.acton"]);
	});

	test("the dashboard's are among those that docs/observability.md explains", () => {
		const explained = page("docs/observability.md")
			.blocks.filter(({ language }) => language === "logsinsights")
			.map(({ text }) => text);
		for (const query of [
			COVERAGE,
			COLD_STARTS_BY_PINGS,
			COLD_STARTS_BY_REQUESTS,
			COLD_START_SHARE,
			UNUSED_ENVIRONMENTS,
			IDLE_ENVIRONMENTS,
		]) {
			expect(explained).toContain(`${query.join("\n| ")}\n`);
		}
	});
});
