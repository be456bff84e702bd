import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { drawFigure, type Figure, levelsOf, ticksOf } from "../../cli/timeline-svg.js";

const figure: Figure = {
	title: "Ping & <hold>",
	subtitle: ["One sentence that is far too long for one line of a drawing that has to be readable on a phone."],
	timelines: [
		{
			title: "With a ping",
			rows: [
				{
					environment: "api-1",
					spans: [
						{ activity: "init", start: 0, end: 400 },
						{ activity: "request", start: 400, end: 401 },
						{ activity: "idle", start: 401, end: 1000 },
					],
				},
				{
					environment: "a-function-with-a-long-name-2",
					spans: [{ activity: "ping", start: 200, end: 700 }],
				},
			],
			moments: [{ time: 950, step: 1, label: "next ping" }],
			end: 1000,
		},
	],
	data: { note: "</metadata> & more" },
};

const svg = drawFigure(figure);
const sizeOf = (drawing: string) => Number(/<svg[^>]* width="(\d+)"/.exec(drawing)?.[1]);

/** The attributes of each element of a kind, and its text. */
const elements = (drawing: string, kind: string): Record<string, string>[] =>
	[...drawing.matchAll(new RegExp(`<${kind}([^>]*?)/?>(?:([^<]*)</${kind}>)?`, "g"))].map(
		([, attributes = "", content = ""]) => ({
			...Object.fromEntries([...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, name, value]) => [name, value])),
			content,
		}),
	);

const unescapeText = (text = "") => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

describe("the drawing of timelines", () => {
	test("says what it shows to those who cannot see it", () => {
		expect(unescapeText(elements(svg, "title")[0]?.content)).toBe(figure.title);
		expect(unescapeText(elements(svg, "desc")[0]?.content)).toBe(figure.subtitle.join(" "));
	});

	test("carries its numbers, whatever characters they contain", () => {
		expect(JSON.parse(unescapeText(elements(svg, "metadata")[0]?.content))).toEqual(figure.data);
	});

	test("has text of at least 12 px when it is 400 px wide", () => {
		const sizes = [...svg.matchAll(/(?:font|font-size): (\d+)px/g)].map(([, size]) => Number(size));
		expect(sizes.length).toBeGreaterThan(0);
		for (const size of sizes) expect((size * 400) / sizeOf(svg)).toBeGreaterThanOrEqual(12);
	});

	test("has readable text on a light and on a dark page", () => {
		const [light = "", dark = ""] = svg.split("@media (prefers-color-scheme: dark)");
		const papers = [light, dark].map((style) => {
			const [text, paper] = ["text", ".paper"].map((selector) => luminance(colorOf(style, selector)));
			// The ratio that WCAG 2.2 asks for at level AAA.
			expect(contrast(text ?? 0, paper ?? 0)).toBeGreaterThanOrEqual(7);
			return paper ?? 0;
		});
		expect(papers[0]).toBeGreaterThan(papers[1] ?? 1);
	});

	test("gives each activity a color of its own, on a light and on a dark page", () => {
		const [light = "", dark = ""] = svg.split("@media (prefers-color-scheme: dark)");
		const selectors = [".paper", ".init", ".ping", ".request", ".idle"];
		for (const style of [light, `${dark}${light}`]) {
			const colors = selectors.map((selector) => colorOf(style, selector));
			expect(new Set(colors).size).toBe(selectors.length);
		}
	});

	test("draws a request of 1 ms wide enough to be seen, and not under what follows it", () => {
		const bars = elements(svg, "rect");
		const request = bars.findIndex((bar) => bar.class === "request");
		expect(Number(bars[request]?.width)).toBeGreaterThanOrEqual(3);
		expect(request).toBeGreaterThan(bars.findIndex((bar) => bar.class === "idle"));
	});

	test("keeps the end of a long name, which tells the environments of a function apart", () => {
		expect(elements(svg, "text").map(({ content }) => content)).toContain("…a-long-name-2");
	});

	test("breaks a long sentence into lines, and loses no word", () => {
		const lines = elements(svg, "text").map(({ content }) => content);
		expect(lines).not.toContain(figure.subtitle[0]);
		expect(lines.join(" ")).toContain(figure.subtitle[0]);
	});

	test("leaves room for every label, wherever its moment is", () => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 1e6 }), fc.double({ min: 0, max: 1, noNaN: true }), (end, share) => {
				const moments = [{ time: share * end, step: 1, label: "simultaneous requests" }];
				const drawing = drawFigure({ ...figure, timelines: [{ rows: [], moments, end }] });
				const label = elements(drawing, "text").find(({ content }) => content === "simultaneous requests");
				// The average character of Helvetica takes half of the font's size.
				expect(Number(label?.x) + "simultaneous requests".length * 9).toBeLessThanOrEqual(sizeOf(drawing));
			}),
		);
	});
});

test("the axis has at most six labels, the first at 0, and covers most of the time", () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 1e7 }), (end) => {
			const ticks = ticksOf(end);
			expect(ticks[0]).toBe(0);
			expect(ticks.length).toBeLessThanOrEqual(6);
			expect(ticks.at(-1)).toBeLessThanOrEqual(end);
			expect(ticks.at(-1)).toBeGreaterThan(end / 2);
		}),
	);
});

test("labels stand higher where the line of a later moment would cross them", () => {
	const moment = (time: number, label: string) => ({ time, step: 1, label });
	const moments = [
		moment(0, "ping"),
		moment(3, "round 1"),
		moment(22, "hold ends"),
		moment(24, "round 2"),
		moment(77, "hold ends"),
	];
	expect(levelsOf(moments, 85, 500)).toEqual([1, 0, 1, 0, 0]);
});

/** The color that the first rule for a selector fills with. */
const colorOf = (style: string, selector: string): string => {
	const [rule = ""] = style.split("\n").filter((line) => line.startsWith(`${selector} {`));
	return /fill: (#[0-9a-f]{6})/.exec(rule)?.[1] ?? `${selector} has no color`;
};

/** Relative luminance and contrast, by WCAG 2.2. */
const luminance = (color: string): number => {
	const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
		const channel = Number.parseInt(color.slice(at, at + 2), 16) / 255;
		return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const contrast = (one: number, other: number): number => (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
