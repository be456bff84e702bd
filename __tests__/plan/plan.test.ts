import { describe, expect, test } from "@jest/globals";
import { createPlan, DEFAULT_PLAN_OPTIONS, DEFAULT_PRICES, formatDollars, type Requests } from "../../plan/index.js";
import { costOfPings, costOfProvisioned } from "../../plan/prices.js";

const START = Date.UTC(2026, 10, 2);

const burstsOf = (size: number, everyMs: number, count: number): Requests => ({
	startedAt: Float64Array.from({ length: size * count }, (_, index) => START + Math.floor(index / size) * everyMs),
	durationMs: new Float32Array(size * count).fill(100),
});

const planFor = (requests: Requests) => createPlan(requests, DEFAULT_PLAN_OPTIONS);

test("a plan has a row for each policy, with figures that agree", async () => {
	const { requests, days, peak, rows } = await planFor(burstsOf(4, 1_800_000, 96));
	expect([requests, Math.round(days), peak]).toEqual([384, 2, 4]);
	expect(rows.map(({ policy }) => policy)).toEqual(["none", 1, 2, 5, 10, "auto", "provisioned"]);
	for (const { coldStarts, coldShare, range } of rows) {
		expect(coldShare).toBeCloseTo(coldStarts / requests);
		expect(range[0]).toBeLessThanOrEqual(coldStarts);
		expect(range[1]).toBeGreaterThanOrEqual(coldStarts);
	}
	const none = rows[0];
	expect([none?.coldStarts, none?.dollarsPerMonth, none?.meanConcurrency]).toEqual([384, 0, 0]);
});

describe("the advice", () => {
	test("is not to warm when traffic keeps the function warm", async () => {
		const { advice } = await planFor(burstsOf(1, 5000, 17_280));
		expect(advice).toMatch(/^Do not warm: your traffic keeps itself warm\./);
	});

	test('is "auto", and the fixed number that does as well, when bursts are small', async () => {
		const { advice } = await planFor(burstsOf(4, 1_800_000, 96));
		expect(advice).toContain('Use concurrency: "auto"');
		expect(advice).toContain("A fixed 5 does about as well");
	});

	test("names no fixed number when bursts are larger than those compared", async () => {
		const { advice } = await planFor(burstsOf(20, 1_800_000, 192));
		expect(advice).toContain("No number up to 10 does as well");
	});

	test("is provisioned concurrency when bursts are larger than what pings may ask for", async () => {
		const { advice } = await planFor(burstsOf(100, 1_800_000, 48));
		expect(advice).toMatch(/^This needs provisioned concurrency/);
		expect(advice).toContain("100 provisioned environments");
	});
});

test("costs are those of the table in docs/when-not-to-warm.md", () => {
	const pings = { coldStarts: 0, pings: 10, meanConcurrency: 5, maxConcurrency: 5, invocations: 50, billedMs: 5000 };
	expect(formatDollars(costOfPings(pings, 300_000, 0.5, DEFAULT_PRICES))).toBe("$0.04");
	expect(formatDollars(costOfProvisioned(5, 0.5, DEFAULT_PRICES))).toBe("$27.00");
});
