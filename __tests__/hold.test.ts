import { beforeEach, describe, expect, test } from "@jest/globals";
import { adoptHold, endOfHold, type HoldMemory, learnedHold, learnHold, repairedHold } from "../src/hold.js";

const maxDelay = 1000;
let memory: HoldMemory;

beforeEach(() => {
	memory = new Map();
});

/** Learns from a ping of this function whose slowest warm child came after so many ms. */
const learn = (slowest: number, { target = undefined as string | undefined, concurrency = 5 } = {}) =>
	learnHold(memory, target, concurrency, { hold: 75, slowest, tooShort: false }, maxDelay);
const learned = (target?: string, concurrency = 5) => learnedHold(memory, target, concurrency);

describe("a learned hold", () => {
	test("is 75 ms before anything was learned", () => {
		expect(learned()).toBe(75);
		expect(learned("other")).toBe(75);
	});

	test("is at first a margin longer than the slowest arrival, then an average", () => {
		learn(40);
		expect(learned()).toBeCloseTo(52);
		learn(10);
		expect(learned()).toBeCloseTo(26);
	});

	test("follows about five pings", () => {
		for (let ping = 0; ping < 40; ping++) learn(20);
		expect(learned()).toBeCloseTo(26);
		learn(20 * 32);
		expect(learned()).toBeCloseTo(52);
	});

	test("is one for each target and number of environments", () => {
		learn(4, { concurrency: 2 });
		learn(400, { concurrency: 30 });
		learn(100, { target: "other" });
		expect(learned(undefined, 2)).toBeCloseTo(5.2);
		expect(learned(undefined, 30)).toBeCloseTo(520);
		expect(learned("other")).toBeCloseTo(130);
		expect(learned()).toBe(75);
	});

	test.each<[string, object, number | undefined]>([
		["no warm child tells", { slowest: 0 }, undefined],
		["the slowest came in time", { slowest: 20 }, 26],
		["the slowest came too late", { slowest: 80, tooShort: true }, 104],
		["no arrival explains it", { slowest: 8, tooShort: true }, 150],
		["the slowest came at its end", { slowest: 75, tooShort: true }, 150],
		["there was no hold", { hold: 0, slowest: 0, tooShort: true }, 75],
		["a clock lies", { slowest: 1e300 }, maxDelay],
		["maxDelay was too short", { hold: maxDelay, slowest: 8, tooShort: true }, maxDelay],
	])("where %s", (_, experience, expected) => {
		learnHold(memory, undefined, 5, { hold: 75, slowest: 0, tooShort: false, ...experience }, maxDelay);
		if (expected === undefined) expect(memory.size).toBe(0);
		else expect(learned()).toBeCloseTo(expected);
	});

	test("comes back from almost nothing", () => {
		learn(0.001);
		expect(learned()).toBe(1);
		learn(16 / 1.3);
		expect(learned()).toBeCloseTo(4);
	});
});

describe("an adopted hold", () => {
	test("counts until there is experience of one's own", () => {
		adoptHold(memory, 5, 40);
		adoptHold(memory, 5, 90);
		expect(learned()).toBe(90);
		learn(10 / 1.3);
		expect(learned()).toBeCloseTo(30);
		adoptHold(memory, 5, 90);
		expect(learned()).toBeCloseTo(30);
	});

	test("is this function's, for so many environments", () => {
		adoptHold(memory, 5, 40);
		expect(learned("other")).toBe(75);
		expect(learned(undefined, 6)).toBe(75);
	});

	test("of 0 can grow again", () => {
		adoptHold(memory, 5, 0);
		expect(learned()).toBe(1);
	});
});

describe("the hold of another round", () => {
	test.each<[string, number, object, number, number]>([
		["stays where it was not too short", 40, { slowest: 500 }, 2, 40],
		["is doubled", 40, { tooShort: true }, 1, 80],
		["is not driven by arrivals", 40, { tooShort: true, slowest: 90 }, 1, 80],
		["as the last chance is", 40, { tooShort: true, slowest: 90 }, 2, 180],
		["as the last chance is no less than twice", 40, { tooShort: true, slowest: 20 }, 2, 80],
		["begins with 75", 0, { tooShort: true }, 1, 75],
		["is maxDelay at most", 800, { tooShort: true }, 1, maxDelay],
		["as the last chance is maxDelay at most", 40, { tooShort: true, slowest: 1e300 }, 2, maxDelay],
	])("%s", (_, hold, experience, rounds, expected) => {
		expect(repairedHold(hold, { hold, slowest: 0, tooShort: false, ...experience }, rounds, maxDelay)).toBeCloseTo(
			expected,
		);
	});
});

test.each<[string, { until?: number; delay?: number }, number]>([
	["at the instant that it was told", { until: 5_060, delay: 90 }, 5_060],
	["at an instant that has passed", { until: 4_000, delay: 90 }, 4_000],
	["maxDelay after its start, whatever it was told", { until: 9_000 }, 6_000],
	["after the time that it was told", { delay: 90 }, 5_090],
	["at once where it was told no time", { delay: 0 }, 5_000],
	["maxDelay after its start, for however long", { delay: 1e300 }, 6_000],
	["after its own time where it was told nothing", {}, 5_040],
])("a child's hold ends %s", (_, { until, delay }, expected) => {
	expect(endOfHold(5_000, { until, delay }, 40, maxDelay)).toBe(expected);
});

test("a child's own hold is maxDelay at most", () => {
	expect(endOfHold(5_000, { until: undefined, delay: undefined }, 4_000, maxDelay)).toBe(6_000);
});
