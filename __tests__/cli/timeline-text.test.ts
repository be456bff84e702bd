import { stripVTControlCharacters } from "node:util";
import { expect, test } from "@jest/globals";
import { render } from "../../cli/terminal.js";
import type { Timeline } from "../../cli/timeline-model.js";
import { drawTimelines } from "../../cli/timeline-text.js";

const timeline: Timeline = {
	rows: [
		{
			environment: "api-1",
			spans: [
				{ activity: "init", start: 0, end: 400 },
				{ activity: "ping", start: 400, end: 401 },
				{ activity: "idle", start: 401, end: 900 },
				{ activity: "request", start: 900, end: 901 },
				{ activity: "idle", start: 901, end: 1000 },
			],
		},
	],
	moments: [{ time: 900, step: 3, label: "2 requests" }],
	end: 1000,
};

const draw = (timelines: readonly Timeline[], width: number, color = false): string[] =>
	drawTimelines(timelines, width).map((line) => render(line, color));

test("shows an activity that is shorter than a character, in its place", () => {
	const [steps = "", row = ""] = draw([timeline], 107);
	expect(row).toBe(`api-1  ${"▒".repeat(40)}━${"·".repeat(49)}█${"·".repeat(9)}`);
	expect(steps.indexOf("3")).toBe(row.indexOf("█"));
});

test("explains only the activities that occur", () => {
	const lines = draw([timeline, timeline], 60);
	expect(lines).toEqual(expect.arrayContaining(["▒▒▒ initialization", "━━━ ping and hold"]));
	const started = {
		...timeline,
		rows: [{ environment: "api-1", spans: [{ activity: "init" as const, start: 0, end: 400 }] }],
	};
	expect(draw([started], 60).join("\n")).not.toContain("ping");
});

test.each([60, 80, 120])("fills %i columns", (width) => {
	const lines = draw([timeline], width);
	expect(lines[1]?.length).toBe(width);
	expect(Math.max(...lines.map((line) => line.length))).toBe(width);
});

test("reads the same without color", () => {
	expect(draw([timeline], 80, true)).not.toEqual(draw([timeline], 80));
	expect(draw([timeline], 80, true).map(stripVTControlCharacters)).toEqual(draw([timeline], 80));
});
