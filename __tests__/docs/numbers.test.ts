import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, test } from "@jest/globals";
import { DELIVERY_MODELS } from "../../cli/delivery-models.js";
import { estimatedHoldMs, type HoldEstimates, learnHold, MAX_ROUNDS } from "../../src/fan-out/hold.js";
import { MAX_REQUESTS } from "../../src/fan-out/resend.js";
import { reserveMsOf } from "../../src/ping/deadline.js";
import { resolveOptions } from "../../src/resolve-options.js";
import { otherPages, page, pages, root, tableWith } from "./support/markdown.js";
import { sampleEntries } from "./support/service.js";

const inWords = ["no", "one", "two", "three", "four", "five", "six"];
const rounds = inWords[MAX_ROUNDS];

const textOf = (path: string): string =>
	[...pages, ...otherPages].find((candidate) => candidate.path === path)?.text ?? "";

test.each(["SECURITY.md", "docs/verified-warming.md", "docs/wire-protocol.md"])(
	"%s states the limit of rounds",
	(path) => {
		expect(textOf(path).toLowerCase()).toContain(`${rounds} rounds`);
	},
);

test.each(["docs/verified-warming.md", "docs/wire-protocol.md"])("%s states how much longer a hold is", (path) => {
	const estimates: HoldEstimates = new Map();
	learnHold(estimates, undefined, 5, { holdMs: 75, slowestArrivalMs: 100, wasTooShort: false }, 1000);
	const factor = estimatedHoldMs(estimates, undefined, 5) / 100;
	expect(textOf(path)).toContain(`${factor === 2 ? "twice" : `${factor} times`} the slowest arrival of a`);
});

test("SECURITY.md states the limits of what an event may ask for", () => {
	const { maxConcurrency, maxDelay, maxDuration } = resolveOptions({});
	const security = textOf("SECURITY.md");
	expect(security).toContain(`\`maxConcurrency\` (${maxConcurrency})`);
	expect(security).toContain(`\`maxDelay\` (${maxDelay.toLocaleString("en")} ms)`);
	expect(security).toContain(`\`maxDuration\` (${maxDuration / 1000} s)`);
});

test.each(["SECURITY.md", "docs/verified-warming.md", "docs/wire-protocol.md", "docs/recipes.md"])(
	"%s states when a ping is answered before the timeout",
	(path) => {
		expect(textOf(path)).toMatch(new RegExp(`${reserveMsOf(3)} ms before .*${reserveMsOf(2)} ms`));
	},
);

test.each(["docs/verified-warming.md", "docs/wire-protocol.md", "SECURITY.md"])(
	"%s states how often a child may fail",
	(path) => {
		expect(textOf(path)).toMatch(
			new RegExp(
				`(?:${inWords[MAX_REQUESTS]}|${MAX_REQUESTS}) (?:failed|of its) requests|requests failed ${inWords[MAX_REQUESTS]} times`,
			),
		);
	},
);

test("SECURITY.md names every environment variable that the direct transport reads", () => {
	const source = readFileSync(new URL("src/transport/invoke-api.ts", root), "utf8");
	const names = new Set(source.match(/\b(?:AWS|_X_AMZN)_[A-Z_]+\b|\bhttps_proxy\b/gi));
	expect(names).toContain("AWS_SESSION_TOKEN");
	for (const name of names) expect(textOf("SECURITY.md")).toContain(`\`${name}\``);
});

test.each([...pages, ...otherPages].map(({ path }) => path))("%s is in US English", (path) => {
	const british = /\b(?:recognis|initialis|authoris|synthesis(?:e|ed|es)\b|organis|behaviour|colour|licence)\w*/gi;
	expect(textOf(path).match(british) ?? []).toEqual([]);
});

test("docs/cli.md states how late invocations arrive", () => {
	const [calm, typical, busy] = [DELIVERY_MODELS.calm, DELIVERY_MODELS.typical, DELIVERY_MODELS.busy].map(
		({ RequestResponse }) => RequestResponse,
	);
	expect(textOf("docs/cli.md")).toContain(
		`calm has a median of ${calm?.median} ms and a 99th percentile of ${calm?.p99} ms, typical ${typical?.median} and ${typical?.p99} ms, busy ${busy?.median} and ${busy?.p99} ms`,
	);
});

describe("docs/observability.md", () => {
	const observability = page("docs/observability.md");

	test.each([
		["warmer", "field of a record"],
		["warmer-report", "field of a report"],
	])("explains every field of a %s", async (action, heading) => {
		const entries = (await sampleEntries()).filter((entry) => entry.action === action);
		const fields = new Set(entries.flatMap(Object.keys));
		// What says whose it is, a sentence explains.
		for (const name of ["action", "function", "id", "target", "correlationId"]) fields.delete(name);
		const explained = tableWith(observability, heading).flatMap(([names = ""]) => names.match(/\w+/g) ?? []);
		expect([...explained].sort()).toEqual([...fields].sort());
	});
});

test.each(["lambda-warmer", "serverless-plugin-warmup", "@middy/warmup"])(
	"the README compares with the %s that is installed",
	(name) => {
		const { version } = createRequire(import.meta.url)(`../../node_modules/${name}/package.json`) as {
			version: string;
		};
		expect(textOf("README.md")).toContain(`${name} ${version}`);
	},
);
