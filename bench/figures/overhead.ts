import type { TopLevelSpec } from "vega-lite";
import type { BusinessResults } from "../business.js";
import type { ColdStartResults } from "../cold-start.js";
import { fixed, signed } from "../numbers.js";
import type { Spread } from "../statistics.js";
import { colours, config } from "./style.js";

interface Bar {
	contender: string;
	value: number;
	low: number;
	high: number;
	label: string;
}

const bar = (contender: string, spread: Spread, label: string): Bar => ({
	contender,
	value: spread.median,
	low: spread.lowerQuartile,
	high: spread.upperQuartile,
	label,
});

/** Bars by contender, each with the middle half of what was measured as a line, and its number to the right of both. */
const panel = (title: string, bars: Bar[], axis: string) => ({
	title,
	width: 300,
	height: { step: 30 },
	data: { values: bars },
	encoding: {
		y: {
			field: "contender",
			type: "nominal" as const,
			sort: null,
			title: null,
			axis: { ticks: false, domain: false, labelLimit: 200, labelPadding: 8 },
		},
	},
	layer: [
		{
			mark: { type: "bar" as const, height: 16 },
			encoding: {
				x: {
					field: "value",
					type: "quantitative" as const,
					title: axis,
					// Room for the number behind the longest.
					scale: {
						domain: [
							Math.min(0, ...bars.map(({ low }) => low)),
							1.25 * Math.max(...bars.map(({ high }) => high)),
						],
						nice: false,
					},
					axis: { tickCount: 5 },
				},
				color: {
					field: "contender",
					type: "nominal" as const,
					legend: null,
					scale: {
						domain: Object.keys(colours),
						range: Object.values(colours),
					},
				},
			},
		},
		{
			mark: { type: "rule" as const, strokeWidth: 1.5, color: "#222" },
			encoding: {
				x: { field: "low", type: "quantitative" as const },
				x2: { field: "high" },
			},
		},
		{
			mark: {
				type: "text" as const,
				align: "left" as const,
				dx: 6,
				fontSize: 12,
				color: "#222",
			},
			encoding: {
				x: { field: "end", type: "quantitative" as const },
				text: { field: "label" },
			},
			transform: [{ calculate: "max(datum.value, datum.high)", as: "end" }],
		},
	],
});

/** What the middleware adds to a business request and to a cold start. */
export const overheadFigure = (
	business: BusinessResults,
	coldStart: ColdStartResults,
): TopLevelSpec => ({
	$schema: "https://vega.github.io/schema/vega-lite/v6.json",
	config,
	padding: 12,
	spacing: 48,
	hconcat: [
		panel(
			"Business request",
			business.rows
				.filter(({ contender }) => contender !== "bare Middy")
				.map(({ contender, added }) =>
					bar(contender, added, signed(added.median)),
				),
			"ns added to bare Middy",
		),
		panel(
			"Cold start",
			coldStart.rows.map(({ contender, alone }) =>
				bar(contender, alone, fixed(alone.median, 1)),
			),
			"ms to import the package",
		),
	],
});
