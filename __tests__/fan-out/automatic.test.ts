import { expect, test } from "@jest/globals";
import { wantedConcurrency } from "../../src/fan-out/automatic.js";

const limits = { minConcurrency: 1, maxConcurrency: 20 };
/** A pool that gives no reason to look for more. */
const calm = { reached: 5, peak: 1, foundUnpinged: false, hasStarted: false };

test.each([
	["runs no other round when nothing is news", 5, {}, {}, calm, undefined],
	["runs no other round when the children were told all peaks", 5, { 10: 4 }, { 10: 4 }, calm, undefined],
	["asks for the largest peak plus one", 5, {}, { 10: 8 }, calm, 9],
	["repeats the number when only the children lack a peak", 5, { 9: 4 }, { 9: 4, 10: 4 }, calm, 5],
	["doubles when a request had to start an environment", 5, {}, {}, { ...calm, foundUnpinged: true }, 10],
	["doubles when all environments were busy at once", 5, {}, {}, { ...calm, peak: 5 }, 10],
	["asks for the larger of both numbers", 5, {}, { 10: 14 }, { ...calm, foundUnpinged: true }, 15],
	["never exceeds maxConcurrency", 15, {}, {}, { ...calm, foundUnpinged: true }, 20],
	[
		"ends when a child started an environment",
		5,
		{},
		{},
		{ ...calm, foundUnpinged: true, hasStarted: true },
		undefined,
	],
] as const)("%s", (_, concurrency, told, known, pool, expected) => {
	expect(wantedConcurrency(concurrency, told, known, pool, limits)).toBe(expected);
});
