import { stripVTControlCharacters } from "node:util";
import { expect, test } from "@jest/globals";
import { drawHistogram, type Sample } from "../../cli/histogram.js";
import { render } from "../../cli/terminal.js";

const cold: Sample = { title: "cold", style: "yellow", values: [450, 510, 990] };
const warm: Sample = { title: "warm", style: "green", values: [0.4, 3, 4] };

const draw = (samples: readonly [Sample, Sample], width: number, color = false): string[] =>
	drawHistogram(samples, width).map((line) => render(line, color));

test("puts every value into one bin", () => {
	const lines = draw([cold, warm], 80);
	const bars = lines.filter((line) => line.includes("■"));
	expect(bars.map((line) => line.trim().replace(/ +/g, " "))).toEqual([
		"1 – 2 ■ 1",
		"2 – 5 ■■ 2",
		"200 – 500 ■ 1",
		"500 – 1,000 ■■ 2",
	]);
	expect(lines.slice(-3).map((line) => line.split(/ +/).slice(-3))).toEqual([
		["min", "450", "0.4"],
		["median", "510", "3"],
		["max", "990", "4"],
	]);
});

test("shows the second sample in one column, whether or not the first has values in the bin", () => {
	const columns = draw([cold, { ...warm, values: [3, 510] }], 80)
		.filter((line) => /■|warm/.test(line))
		.filter((line) => !line.includes("200 – 500"))
		.map((line) => Math.max(line.lastIndexOf("  ") + 2, line.indexOf("warm")));
	expect(new Set(columns).size).toBe(1);
});

test.each([60, 80, 120])("fits %i columns, however many values there are", (width) => {
	const many: Sample = { title: "50", style: "green", values: Array.from({ length: 50 }, () => 5) };
	for (const line of draw([cold, many], width)) expect(line.length).toBeLessThanOrEqual(width);
});

test("reads the same without color", () => {
	expect(draw([cold, warm], 80, true)).not.toEqual(draw([cold, warm], 80));
	expect(draw([cold, warm], 80, true).map(stripVTControlCharacters)).toEqual(draw([cold, warm], 80));
});
