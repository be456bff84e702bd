/** Draws how many requests met a cold start, by policy, on a real trace. */

import {
	BAR_HEIGHT,
	barElement,
	FONT_SIZE,
	LINE_HEIGHT,
	MARGIN,
	type Palette,
	svgDocument,
	textElement,
} from "../cli/svg.js";
import { fixed } from "../scripts/lib/markdown.js";
import type { DemandResults } from "./demand.js";

const TRACE = "ERDDAP";

const LABELS: readonly (readonly [policy: string | number, label: string])[] = [
	["none", "no warming"],
	[1, "concurrency 1"],
	[2, "concurrency 2"],
	[5, "concurrency 5"],
	[10, "concurrency 10"],
	["auto", 'concurrency "auto"'],
];

const PALETTE: Palette = { auto: "blue", other: "orange" };

/** The bars begin here, to the right of their labels. */
const LEFT = 216;
/** Of the longest bar. It leaves room for its number. */
const MAX_BAR_WIDTH = 310;
const ROW_HEIGHT = 32;
const TOP = MARGIN + 2 * LINE_HEIGHT + 12;

/** Draws the figure, and says in its alternative text what it shows. */
export const drawDemand = ({ traces, rows }: DemandResults): { svg: string; text: string } => {
	const trace = traces.find(({ name }) => name === TRACE);
	const [requests, days] = [fixed(trace?.requests ?? Number.NaN), fixed(trace?.days ?? Number.NaN)];
	const bars = LABELS.map(([policy, label]) => {
		const row = rows.find((row) => row.trace === TRACE && row.variant === "usual" && row.policy === policy);
		return { label, policy, coldStarts: row?.coldStarts ?? Number.NaN };
	});
	const maxColdStarts = Math.max(...bars.map(({ coldStarts }) => coldStarts));
	const summary = bars.map(({ label, coldStarts }) => `${label} ${fixed(coldStarts)}`).join(", ");
	const title = "Requests that meet a cold start";
	const text = `${title}, of ${requests} in ${days} days of a public data API, simulated: ${summary}.`;
	const elements = [
		textElement(title, MARGIN, MARGIN + FONT_SIZE, { className: "title" }),
		textElement(
			`${requests} requests in ${days} days, a ping every 5 minutes`,
			MARGIN,
			MARGIN + LINE_HEIGHT + FONT_SIZE,
		),
		...bars.flatMap(({ label, policy, coldStarts }, index) => {
			const y = TOP + index * ROW_HEIGHT;
			const width = (coldStarts / maxColdStarts) * MAX_BAR_WIDTH;
			return [
				textElement(label, LEFT - 8, y + BAR_HEIGHT - 4, { anchor: "end" }),
				barElement(policy === "auto" ? "auto" : "other", LEFT, y, width),
				textElement(fixed(coldStarts), LEFT + Math.max(width, 3) + 8, y + BAR_HEIGHT - 4, { className: "heading" }),
			];
		}),
	];
	const data = Object.fromEntries(bars.map(({ label, coldStarts }) => [label, coldStarts]));
	const height = TOP + bars.length * ROW_HEIGHT + MARGIN;
	return { svg: `${svgDocument({ title, description: text, data }, PALETTE, height, elements)}\n`, text };
};
