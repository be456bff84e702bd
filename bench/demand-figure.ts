/** The figure of cold starts that users met, by policy, on a real trace. */

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

/** In px. At this width of the picture, text is 13 px high. */
const WIDTH = 400;
const LABEL_WIDTH = 140;
const BAR_WIDTH = WIDTH - LABEL_WIDTH - 50;
const ROW_HEIGHT = 26;
const TOP = 56;

const escapeText = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** Draws the figure. The text says what is seen. */
export const drawDemand = ({ traces, rows }: DemandResults): { svg: string; text: string } => {
	const trace = traces.find(({ name }) => name === TRACE);
	const bars = LABELS.map(([policy, label]) => {
		const row = rows.find((row) => row.trace === TRACE && row.variant === "usual" && row.policy === policy);
		return { label, policy, coldStarts: row?.coldStarts ?? Number.NaN };
	});
	const most = Math.max(...bars.map(({ coldStarts }) => coldStarts));
	const summary = bars.map(({ label, coldStarts }) => `${label} ${fixed(coldStarts)}`).join(", ");
	const text = `Requests that meet a cold start, of ${fixed(trace?.requests ?? Number.NaN)} in ${fixed(trace?.days ?? Number.NaN)} days of a public data API, simulated: ${summary}.`;
	const height = TOP + bars.length * ROW_HEIGHT + 8;
	const drawn = bars.map(({ label, policy, coldStarts }, index) => {
		const y = TOP + index * ROW_HEIGHT;
		const width = Math.max(1, (coldStarts / most) * BAR_WIDTH).toFixed(1);
		return [
			`<text x="${LABEL_WIDTH - 8}" y="${y + 15}" text-anchor="end">${escapeText(label)}</text>`,
			`<rect class="${policy === "auto" ? "auto" : "other"}" x="${LABEL_WIDTH}" y="${y}" width="${width}" height="20"/>`,
			`<text class="number" x="${(LABEL_WIDTH + Number(width) + 6).toFixed(1)}" y="${y + 15}">${fixed(coldStarts)}</text>`,
		].join("");
	});
	const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${1.4 * WIDTH}" role="img">
<title>${escapeText(text)}</title>
<style>
text { font: 13px Helvetica, Arial, sans-serif; fill: #222 }
.head { font-weight: bold; font-size: 14px }
.number { font-weight: bold }
.other { fill: #8a8a8a }
.auto { fill: #0072b2 }
@media (prefers-color-scheme: dark) {
text { fill: #e6e6e6 }
.auto { fill: #56b4e9 }
}
</style>
<text class="head" x="8" y="20">Requests that meet a cold start</text>
<text x="8" y="40">${fixed(trace?.requests ?? Number.NaN)} requests, ${fixed(trace?.days ?? Number.NaN)} days, a ping every 5 minutes</text>
${drawn.join("\n")}
</svg>
`;
	return { svg, text };
};
