import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { type Activity, activities, type Timeline } from "./timeline.js";

/** Okabe and Ito's palette, which colour-blind people can tell apart too, and a grey that stays behind it. */
const colors: Readonly<Record<Activity, string>> = {
	init: "#E69F00",
	ping: "#0072B2",
	request: "#009E73",
	frozen: "#E0E0E0",
};

const ink = "#222222";

/** The timeline as an SVG document. */
export const svgOf = (
	timeline: Timeline,
	title: string,
	subtitle: string[],
): Promise<string> =>
	new View(parse(compile(specOf(timeline, title, subtitle)).spec), {
		renderer: "none",
	}).toSVG();

type LayerSpec = Extract<TopLevelSpec, { layer: unknown }>["layer"][number];

const specOf = (
	timeline: Timeline,
	title: string,
	subtitle: string[],
): TopLevelSpec => ({
	title: { text: title, subtitle },
	description: [title, ...subtitle].join(" "),
	background: "white",
	padding: 20,
	width: 760,
	height: { step: 30 },
	layer: [...momentLayers(timeline), spanLayer(timeline)],
	config: {
		font: "Helvetica, Arial, sans-serif",
		view: { stroke: null },
		title: {
			anchor: "start",
			color: ink,
			fontSize: 18,
			subtitleColor: "#555555",
			subtitleFontSize: 13,
			subtitlePadding: 8,
			subtitleLineHeight: 18,
			offset: 16,
		},
		axis: {
			labelColor: ink,
			labelFontSize: 13,
			titleColor: ink,
			titleFontSize: 13,
			titleFontWeight: "normal",
			titlePadding: 8,
			labelFlush: false,
			gridColor: "#EEEEEE",
			domainColor: "#888888",
			tickColor: "#888888",
		},
		axisY: { domain: false, ticks: false, labelPadding: 8, grid: false },
		legend: {
			orient: "bottom",
			labelColor: ink,
			labelFontSize: 13,
			labelLimit: 0,
			symbolType: "square",
			symbolSize: 180,
			columnPadding: 16,
			offset: 12,
		},
		text: { color: ink, fontSize: 13 },
	},
});

const time = { type: "quantitative", title: "time (ms)" } as const;

const spanLayer = ({ rows, end }: Timeline): LayerSpec => ({
	data: {
		values: rows
			.flatMap(({ environment, spans }) =>
				spans.map((span) => ({ environment, ...span })),
			)
			// What is drawn later covers the outline of what is drawn before.
			.sort(
				(one, other) =>
					Number(other.activity === "frozen") -
					Number(one.activity === "frozen"),
			)
			.map(({ environment, activity, start, end }) => ({
				environment,
				activity: activities[activity],
				start: Number(start.toFixed(1)),
				end: Number(end.toFixed(1)),
			})),
	},
	mark: {
		type: "bar",
		height: { band: 0.62 },
		// Without an outline, a request of a few ms would be about as thin as a pixel.
		stroke: { expr: "scale('color', datum.activity)" },
		strokeWidth: 2,
	},
	encoding: {
		x: {
			field: "start",
			...time,
			scale: { domain: [0, end], nice: false },
		},
		x2: { field: "end" },
		y: {
			field: "environment",
			type: "nominal",
			title: null,
			scale: { domain: rows.map(({ environment }) => environment) },
		},
		color: {
			field: "activity",
			type: "nominal",
			title: null,
			scale: {
				domain: Object.values(activities),
				range: Object.keys(activities).map(
					(activity) => colors[activity as Activity],
				),
			},
		},
	},
});

const momentLayers = ({ moments }: Timeline): LayerSpec[] =>
	moments.flatMap((moment, index) => {
		// Neighbours on different heights do not overlap.
		const top = { value: index % 2 === 0 ? -6 : -24 };
		const data = { values: [moment] };
		const x = { field: "time", ...time };
		return [
			{
				data,
				mark: { type: "rule", color: ink, strokeDash: [3, 3] },
				encoding: { x, y: top, y2: { value: "height" } },
			},
			{
				data,
				mark: { type: "text", align: "left", baseline: "bottom", dx: -1 },
				encoding: { x, y: top, text: { field: "label" } },
			},
		];
	});
