import type { Config } from "vega-lite";

/** Ours, and those beside it, by the colours of Okabe and Ito, which the colour-blind can tell apart. */
export const colours = {
	"middy-lambda-warmer": "#0072B2",
	"serverless-plugin-warmup": "#009E73",
	"lambda-warmer": "#D55E00",
	"@middy/warmup": "#999999",
	"an empty middleware": "#999999",
} as const;

export const config: Config = {
	background: "white",
	font: "Helvetica, Arial, sans-serif",
	view: { stroke: null },
	axis: {
		labelColor: "#333",
		titleColor: "#333",
		labelFontSize: 12,
		titleFontSize: 12,
		titleFontWeight: "normal",
		gridColor: "#e6e6e6",
		domainColor: "#999",
		tickColor: "#999",
	},
	title: { fontSize: 13, fontWeight: "bold", color: "#222", anchor: "start" },
	legend: {
		labelFontSize: 12,
		columnPadding: 24,
		symbolSize: 80,
		title: null,
		orient: "bottom",
		columns: 4,
	},
	header: {
		labelFontSize: 13,
		labelFontWeight: "bold",
		labelColor: "#222",
		title: null,
	},
};
