import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { MAX_BUSY_SECONDS, packBusySeconds, unpackBusySeconds } from "../../src/demand/busy-seconds.js";

const lastSecond = fc.integer({ min: 1_700_000_000, max: 4_000_000_000 });
const secondsUpTo = (last: number, oldest: number) =>
	fc.uniqueArray(fc.integer({ min: last - oldest, max: last }), { maxLength: 700 });
const ascending = (seconds: readonly number[]) => [...seconds].sort((one, other) => one - other);

describe("packing", () => {
	test("keeps every second of the window, in whatever order the seconds come", () => {
		fc.assert(
			fc.property(
				lastSecond.chain((last) => secondsUpTo(last, MAX_BUSY_SECONDS - 1)),
				(seconds) => expect(ascending(unpackBusySeconds(packBusySeconds(seconds)))).toEqual(ascending(seconds)),
			),
		);
	});

	test("leaves out only what is older than the window", () => {
		fc.assert(
			fc.property(
				lastSecond.chain((last) => secondsUpTo(last, 3 * MAX_BUSY_SECONDS)),
				(seconds) => {
					const kept = seconds.filter((second) => Math.max(...seconds) - second < MAX_BUSY_SECONDS);
					expect(ascending(unpackBusySeconds(packBusySeconds(seconds)))).toEqual(ascending(kept));
				},
			),
		);
	});

	test("leaves out the first second that is too old", () => {
		expect(unpackBusySeconds(packBusySeconds([2000, 2001 - MAX_BUSY_SECONDS, 2000 - MAX_BUSY_SECONDS]))).toEqual([
			2000,
			2001 - MAX_BUSY_SECONDS,
		]);
	});

	test("takes at most 160 characters", () => {
		const all = Array.from({ length: 2 * MAX_BUSY_SECONDS }, (_, index) => 4_000_000_000 + index);
		expect(packBusySeconds(all).length).toBeLessThanOrEqual(160);
	});
});

test("packs an empty list as an empty string", () => {
	expect(packBusySeconds([])).toBe("");
	expect(unpackBusySeconds("")).toEqual([]);
});

test.each([
	["a last second that is too long", "123456789.1"],
	["something before the last second", "-zz.1"],
	["more than a window of seconds", `zz.${"1".repeat(151)}`],
	["a digit that is not hexadecimal", "zz.1g"],
	["no last second", ".1"],
	["no digits", "zz."],
])("reads nothing from a text with %s", (_, text) => {
	expect(unpackBusySeconds(text)).toEqual([]);
});

test("reads any text without an error, and never more than a window of seconds from it", () => {
	const hex = fc.string({ unit: fc.constantFrom(..."0123456789abcdef"), maxLength: 200 });
	const like = fc.tuple(fc.string({ unit: fc.constantFrom(..."0123456789abcxyz"), maxLength: 10 }), hex);
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string(),
				like.map((parts) => parts.join(".")),
			),
			(text) => {
				const seconds = unpackBusySeconds(text);
				expect(seconds.length).toBeLessThanOrEqual(MAX_BUSY_SECONDS);
				expect(seconds.every(Number.isSafeInteger)).toBe(true);
			},
		),
	);
});
