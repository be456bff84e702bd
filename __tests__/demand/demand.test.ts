import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { createDemand, type Demand, formatHour, isNews, largestPeak, mergeDemand } from "../../src/demand/demand.js";

const MS_PER_HOUR = 3_600_000;
const hourNow = 494_611;
const now = hourNow * MS_PER_HOUR + 1;

/** Tables of the hours around now, some of which are too old or too late to count. */
const peaks = fc.integer({ min: 1, max: 9999 });
const anyTable = fc.dictionary(
	fc.integer({ min: hourNow - 30, max: hourNow + 3 }).map(String),
	fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) }, peaks),
	{ maxKeys: 34 },
);
const demands = anyTable.map((table) => createDemand(now, (hour) => table[hour]));
const merge = (one: Demand, other: Demand) => mergeDemand(one, other, now);

describe("merging", () => {
	test("is commutative", () => {
		fc.assert(fc.property(demands, demands, (one, other) => expect(merge(one, other)).toEqual(merge(other, one))));
	});

	test("is associative", () => {
		fc.assert(
			fc.property(demands, demands, demands, (one, two, three) =>
				expect(merge(merge(one, two), three)).toEqual(merge(one, merge(two, three))),
			),
		);
	});

	test("is idempotent", () => {
		fc.assert(fc.property(demands, (demand) => expect(merge(demand, demand)).toEqual(demand)));
	});

	test("never lowers the largest peak", () => {
		fc.assert(
			fc.property(demands, demands, (one, other) => {
				const largest = Math.max(0, ...Object.values(one), ...Object.values(other));
				expect(largestPeak(merge(one, other))?.peak ?? 0).toBe(largest);
			}),
		);
	});
});

test("takes the larger peak of each hour", () => {
	expect(merge({ [hourNow]: 3, [hourNow - 1]: 2 }, { [hourNow]: 1, [hourNow - 2]: 7 })).toEqual({
		[hourNow]: 3,
		[hourNow - 1]: 2,
		[hourNow - 2]: 7,
	});
});

describe("a table that anyone may have sent", () => {
	test("keeps only peaks from 1 to 9,999, however malformed it is", () => {
		fc.assert(
			fc.property(fc.dictionary(fc.oneof(fc.constant(`${hourNow}`), fc.string()), fc.anything()), (table) => {
				for (const [hour, peak] of Object.entries(createDemand(now, (hour) => table[hour]))) {
					expect([hour, peak]).toEqual([`${hourNow}`, table[hour]]);
					expect(Number.isInteger(peak) && peak >= 1 && peak <= 9999).toBe(true);
				}
			}),
		);
	});

	test.each([1, 9999])("keeps a peak of %i", (peak) => {
		expect(createDemand(now, (hour) => (hour === `${hourNow}` ? peak : undefined))).toEqual({ [hourNow]: peak });
	});

	test.each([0, -1, 1.5, 10_000, Number.POSITIVE_INFINITY, Number.NaN, "3", null, true, [3]])(
		"does not contain %p",
		(peak) => {
			expect(createDemand(now, () => peak)).toEqual({});
		},
	);
});

describe("what is remembered", () => {
	const isRemembered = (recordedAt: number, askedAt: number) =>
		largestPeak(
			createDemand(askedAt, (hour) => (Number(hour) === Math.floor(recordedAt / MS_PER_HOUR) ? 6 : undefined)),
		)?.peak === 6;
	const instants = fc.integer({ min: now, max: now + 48 * MS_PER_HOUR });

	test("covers a full day, so that a peak at 8:30 counts until 8:30 of the next day", () => {
		fc.assert(fc.property(instants, (instant) => expect(isRemembered(instant, instant + 24 * MS_PER_HOUR)).toBe(true)));
	});

	test("is forgotten after one hour more", () => {
		fc.assert(
			fc.property(instants, (instant) => expect(isRemembered(instant, instant + 25 * MS_PER_HOUR)).toBe(false)),
		);
	});

	test("is never more than 24 hours, of which the smallest peak is left out", () => {
		const full = createDemand(now, (hour) => (Number(hour) === hourNow - 7 ? 2 : 3));
		expect(Object.keys(full)).toHaveLength(24);
		expect(full[hourNow - 7]).toBeUndefined();
	});

	test("is a full table of 24 hours, the oldest included", () => {
		const full = createDemand(now, (hour) => (Number(hour) === hourNow ? undefined : 3));
		expect(Object.keys(full)).toHaveLength(24);
	});

	test("leaves out the oldest hour when all peaks are equal", () => {
		expect(createDemand(now, () => 3)[hourNow - 24]).toBeUndefined();
	});
});

test("does not take a peak from an hour ahead of its clock, and takes it when that hour has come", () => {
	const ahead = { [hourNow + 1]: 9 };
	expect(merge({}, ahead)).toEqual({});
	expect(mergeDemand({}, ahead, now + MS_PER_HOUR)).toEqual(ahead);
});

test("a clock that is an hour off does not change the peaks that still count a day later", () => {
	fc.assert(
		fc.property(demands, fc.constantFrom(-1, 1), fc.integer({ min: 1, max: 9999 }), (demand, hoursOff, peak) => {
			const wrong = createDemand(now + hoursOff * MS_PER_HOUR, (hour) =>
				Number(hour) === hourNow + hoursOff ? peak : demand[hour],
			);
			const aDayLater = now + 26 * MS_PER_HOUR;
			expect(mergeDemand(merge(demand, wrong), {}, aDayLater)).toEqual(mergeDemand(demand, {}, aDayLater));
		}),
	);
});

test("the largest peak is the latest of equal ones", () => {
	expect(largestPeak({ 494610: 6, 494611: 6, 494612: 2 })).toEqual({ peak: 6, hour: 494_611 });
	expect(largestPeak({})).toBeUndefined();
});

describe("a peak is news", () => {
	test.each([
		["if it is the first", { 7: 1 }, {}, true],
		["if it is larger than what was told of its hour", { 7: 4 }, { 7: 3 }, true],
		["if what was told is as large, but earlier, and so is forgotten first", { 6: 4, 7: 4 }, { 6: 4 }, true],
		["but not if what was told is as large and later", { 6: 4, 7: 4 }, { 7: 4 }, false],
		["but not if it was told", { 6: 2, 7: 4 }, { 6: 2, 7: 4 }, false],
	])("%s", (_, known, told, expected) => expect(isNews(known, told)).toBe(expected));

	test("exactly if the table that was told would recommend less at some later time", () => {
		const peakLater = (demand: Demand, hours: number) =>
			largestPeak(mergeDemand(demand, {}, now + hours * MS_PER_HOUR))?.peak ?? 0;
		fc.assert(
			fc.property(demands, demands, (known, told) => {
				const hours = Array.from({ length: 26 }, (_, index) => index);
				const isForgotten = hours.some((later) => peakLater(known, later) > peakLater(told, later));
				expect(isNews(known, told)).toBe(isForgotten);
			}),
		);
	});
});

test("formats an hour in UTC", () => {
	expect(formatHour(Date.UTC(2026, 10, 28, 14) / MS_PER_HOUR)).toBe("2026-11-28T14Z");
});
