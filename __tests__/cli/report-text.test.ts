import { expect, test } from "@jest/globals";
import type { WarmupReport } from "middy-lambda-warmer";
import { describeDemand, describeReport, describeTotal } from "../../cli/report-text.js";
import { report } from "./support.js";

const traffic = { requests: 120, coldStarts: 2, peak: 4, sinceMs: 300_000 };

test("says how the ping went", () => {
	expect(describeReport(report)).toEqual(["2 rounds of invocations over h2 took 96 ms, with a hold of 46 ms."]);
	const { protocol: _, ...alone } = report;
	expect(describeReport({ ...alone, rounds: 1 })).toEqual(["1 round of invocations took 96 ms, with a hold of 46 ms."]);
});

test("says that a ping of one environment invoked nothing", () => {
	const { protocol: _, ...alone } = report;
	expect(describeReport({ ...alone, requested: 1, warmed: 1, rounds: 0, delay: 0, durationMs: 0 })).toEqual([
		"The function did not have to invoke itself.",
	]);
});

test("names maxConcurrency if it limited the ping", () => {
	expect(describeReport(report, 60)[0]).toMatch(/maxConcurrency limited the ping to 5 of the 60 environments.*raise/);
});

test("says why nothing was invoked", () => {
	expect(describeReport({ ...report, skipped: "provisioned concurrency" })).toEqual([
		"Nothing was invoked: provisioned concurrency",
	]);
});

test("says nothing about demand if the report is from an older version", () => {
	expect(describeDemand(report)).toEqual([]);
	expect(describeTotal([report, report])).toEqual([]);
});

test.each<[string, Partial<WarmupReport>, string[]]>([
	[
		"the requests, their cold starts and the peak",
		{ traffic, recommended: 5 },
		[
			"In the last 5 min, these environments served 120 requests: at least 2 met a cold start, and at most 4 environments were busy at the same time.",
			"Recommended concurrency: 5.",
		],
	],
	[
		"that no request met a cold start",
		{ traffic: { requests: 1, coldStarts: 0, peak: 1, sinceMs: 900 }, recommended: 2 },
		[
			"In the last 900 ms, these environments served 1 request: none met a cold start, and at most 1 environment was busy at the same time.",
			"Recommended concurrency: 2.",
		],
	],
	[
		"that there were no requests, and what an automatic ping chose",
		{
			traffic: { requests: 0, coldStarts: 0, peak: 0, sinceMs: 7_200_000 },
			recommended: 7,
			basis: "peak of 6 at 2026-11-28T14Z, plus 1",
		},
		[
			"In the last 2 h, these environments served no requests.",
			'"auto" chose the number of environments: peak of 6 at 2026-11-28T14Z, plus 1.',
			"Recommended concurrency: 7.",
		],
	],
])("says %s", (_, fields, sentences) => {
	expect(describeDemand({ ...report, ...fields })).toEqual(sentences);
});

test("adds up the requests of several pings, and recommends what the last one does", () => {
	const later = { requests: 30, coldStarts: 1, peak: 6, sinceMs: 60_000 };
	expect(
		describeTotal([
			{ ...report, traffic, recommended: 5 },
			{ ...report, traffic: later, recommended: 7 },
		]),
	).toEqual([
		"In the last 6 min, these environments served 150 requests: at least 3 met a cold start, and at most 6 environments were busy at the same time.",
		"Recommended concurrency: 7.",
	]);
});
