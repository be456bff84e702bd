import { describe, expect, test } from "@jest/globals";
import { childMs, departureToleranceMs, planDeparture } from "../../src/fan-out/departure.js";

/** 6.7 ms of work for each child, of which preparing takes 3.3. */
const cost = { prepareMs: 3, sendMs: 2 };

test("counts preparing with a safety factor, and reading and closing with sending", () => {
	expect(childMs(cost)).toBeCloseTo(1.1 * 3 + 1.7 * 2);
});

describe("planDeparture", () => {
	test.each([
		["departs a tenth and three children later than preparing takes", 20, 10_000, 20, 75, 75 + 12 * 2 + 100],
		["lets the hold cover the sending of eight children", 8, 10_000, 8, 35.4, 135.4],
		["adds the sending of the ninth child to the hold", 9, 10_000, 9, 38.7, 140.7],
		["departs with as many as fit before the deadline", 20, 160, 8, 35.4, 135.4],
		["departs with all when they fit exactly", 10, 167.01, 10, 42, 146],
		["sends nothing when the hold itself does not fit", 20, 90, 0, 9, 109],
		["sends nothing when the deadline has passed", 20, -1000, 0, 9, 109],
	])("%s", (_, childCount, deadline, count, departureAt, holdsUntil) => {
		const departure = planDeparture(5000, childCount, 100, 5000 + deadline, cost);
		expect(departure.count).toBe(count);
		expect(departure.departureAt - 5000).toBeCloseTo(departureAt);
		expect(departure.holdsUntil - 5000).toBeCloseTo(holdsUntil);
	});
});

test.each([
	[0, 20],
	[100, 20],
	[500, 100],
])("tolerates a fifth of a hold of %i ms, or 20 ms: %i ms", (holdMs, expected) => {
	expect(departureToleranceMs(holdMs)).toBe(expected);
});
