import { beforeEach, describe, expect, test } from "@jest/globals";
import {
	adoptHold,
	estimatedHoldMs,
	type HoldEstimates,
	holdEndsAt,
	learnHold,
	repairedHoldMs,
} from "../../src/fan-out/hold.js";

const maxDelay = 1000;
/** How much longer a hold is than the slowest arrival. */
const MARGIN = 2;
let estimates: HoldEstimates;

beforeEach(() => {
	estimates = new Map();
});

/** Learns from a ping whose slowest warm child arrived after this time (ms). */
const learn = (slowestArrivalMs: number, { target = undefined as string | undefined, concurrency = 5 } = {}) =>
	learnHold(estimates, target, concurrency, { holdMs: 75, slowestArrivalMs, wasTooShort: false }, maxDelay);
const estimated = (target?: string, concurrency = 5) => estimatedHoldMs(estimates, target, concurrency);

describe("a learned hold", () => {
	test("is 75 ms when nothing has been learned", () => {
		expect(estimated()).toBe(75);
		expect(estimated("other")).toBe(75);
	});

	test("is a margin longer than the slowest arrival at first, then an average", () => {
		learn(40);
		expect(estimated()).toBeCloseTo(MARGIN * 40);
		learn(10);
		expect(estimated()).toBeCloseTo(MARGIN * 20);
	});

	test("follows about five pings", () => {
		for (let ping = 0; ping < 40; ping++) learn(10);
		expect(estimated()).toBeCloseTo(MARGIN * 10);
		learn(10 * 32);
		expect(estimated()).toBeCloseTo(MARGIN * 20);
	});

	test("is kept for each target and number of environments", () => {
		learn(4, { concurrency: 2 });
		learn(400, { concurrency: 30 });
		learn(100, { target: "other" });
		expect(estimated(undefined, 2)).toBeCloseTo(MARGIN * 4);
		expect(estimated(undefined, 30)).toBeCloseTo(MARGIN * 400);
		expect(estimated("other")).toBeCloseTo(MARGIN * 100);
		expect(estimated()).toBe(75);
	});

	test.each<[string, object, number | undefined]>([
		["is not changed when no warm child answered", {}, undefined],
		["covers an arrival in time", { slowestArrivalMs: 20 }, MARGIN * 20],
		["covers an arrival that explains a shared environment", { slowestArrivalMs: 80, wasTooShort: true }, MARGIN * 80],
		["doubles when no arrival explains a shared environment", { slowestArrivalMs: 8, wasTooShort: true }, 150],
		["doubles when the slowest child arrived at its end", { slowestArrivalMs: 75, wasTooShort: true }, 150],
		["begins with 75 ms when a hold of 0 was too short", { holdMs: 0, wasTooShort: true }, 75],
		["is maxDelay when a clock is wrong", { slowestArrivalMs: 1e300 }, maxDelay],
		["stays maxDelay when that was too short", { holdMs: maxDelay, wasTooShort: true }, maxDelay],
	])("%s", (_, sample, expected) => {
		const usual = { holdMs: 75, slowestArrivalMs: 0, wasTooShort: false };
		learnHold(estimates, undefined, 5, { ...usual, ...sample }, maxDelay);
		if (expected === undefined) expect(estimates.size).toBe(0);
		else expect(estimated()).toBeCloseTo(expected);
	});

	test("grows again after it was almost nothing", () => {
		learn(0.001);
		expect(estimated()).toBe(1);
		learn(16 / MARGIN);
		expect(estimated()).toBeCloseTo(4);
	});
});

describe("an adopted hold", () => {
	test("counts until the environment has measured its own", () => {
		adoptHold(estimates, 5, 40);
		adoptHold(estimates, 5, 90);
		expect(estimated()).toBe(90);
		learn(10 / MARGIN);
		expect(estimated()).toBeCloseTo(30);
		adoptHold(estimates, 5, 90);
		expect(estimated()).toBeCloseTo(30);
	});

	test("holds for this function and this number of environments only", () => {
		adoptHold(estimates, 5, 40);
		expect(estimated("other")).toBe(75);
		expect(estimated(undefined, 6)).toBe(75);
	});

	test("can grow again when it was 0", () => {
		adoptHold(estimates, 5, 0);
		expect(estimated()).toBe(1);
	});
});

describe("the hold of a repair", () => {
	test.each([
		["is doubled", 40, 0, 1, 80],
		["ignores arrivals while another repair may follow", 40, 90, 1, 80],
		["covers twice the slowest arrival in the last repair", 40, 90, 2, 180],
		["is at least doubled in the last repair", 40, 20, 2, 80],
		["begins with 75 ms when there was none", 0, 0, 1, 75],
		["is at most maxDelay", 800, 0, 1, maxDelay],
		["is at most maxDelay in the last repair too", 40, 1e300, 2, maxDelay],
	])("%s", (_, holdMs, slowestArrivalMs, incompleteRounds, expected) => {
		expect(repairedHoldMs(holdMs, slowestArrivalMs, incompleteRounds, maxDelay)).toBe(expected);
	});
});

test.each([
	["at the given instant", { until: 5060, delay: 90 }, 40, 5060],
	["at an instant that has passed", { until: 4000, delay: 90 }, 40, 4000],
	["maxDelay after its start when the instant is later", { until: 9000, delay: undefined }, 40, 6000],
	["after the given time", { until: undefined, delay: 90 }, 40, 5090],
	["at once when the given time is 0", { until: undefined, delay: 0 }, 40, 5000],
	["maxDelay after its start when the given time is longer", { until: undefined, delay: 1e300 }, 40, 6000],
	["after its own time when it was told nothing", { until: undefined, delay: undefined }, 40, 5040],
	["maxDelay after its start when its own time is longer", { until: undefined, delay: undefined }, 4000, 6000],
])("ends a child's hold %s", (_, instruction, ownDelay, expected) => {
	expect(holdEndsAt(5000, instruction, ownDelay, maxDelay)).toBe(expected);
});
