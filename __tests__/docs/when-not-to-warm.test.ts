import { describe, expect, test } from "@jest/globals";
import { page, tableWith } from "./support/markdown.js";

const costs = page("docs/when-not-to-warm.md");

const prices = Object.fromEntries(
	tableWith(costs, "US dollars").map(([sign = "", , dollars]) => [sign.replaceAll("`", ""), Number(dollars)]),
);
const { r = 0, d = 0, p = 0, q = 0 } = prices;

test("every sign of the formulas has a price", () => {
	expect(prices).toEqual({
		r: expect.any(Number),
		d: expect.any(Number),
		p: expect.any(Number),
		q: expect.any(Number),
	});
});

describe("the costs follow from the formulas", () => {
	test.each(tableWith(costs, "M, GB").map((row) => [row.join(" | "), row] as const))("%s", (_, row) => {
		const [n = 0, m = 0, h = 0, warming, provisioned] = row.map(Number);
		const b = 100;
		expect(warming).toBeCloseTo(12 * h * n * (r + (b / 1000) * m * d), 2);
		expect(provisioned).toBeCloseTo(3600 * h * n * m * p, 2);
	});
});

test("the break-even point follows from the prices", () => {
	expect(p / (d - q)).toBeCloseTo(0.6, 3);
});
