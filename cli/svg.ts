import type { TopLevelSpec } from "vega-lite";
import { importOptional } from "./optional-package.js";
import { ACTIVITY_LABELS, type Activity, type Moment, presentActivities, type Timeline } from "./timeline-model.js";

/** Okabe and Ito's palette, which colour-blind people can tell apart too, and a grey that stays behind it. */
const colors: Readonly<Record<Activity, string>> = {
	init: "#E69F00",
	ping: "#0072B2",
	request: "#009E73",
	frozen: "#E0E0E0",
};

const ink = "#222222";

/** Of the part where time passes (pixels). */
const plotWidth = 760;

/** What is drawn. */
export interface Figure {
	title: string;
	subtitle: string[];
	/** Drawn below each other, on one scale. */
	timelines: Timeline[];
	/** The numbers that the figure shows, for whoever writes or checks a text about it. */
	data: Record<string, unknown>;
}

/**
 * Loads Vega, and returns what draws a figure as an SVG document, with its data as JSON in `<metadata>`.
 *
 * @throws CommandError where Vega is not installed
 */
export const loadDrawing = async (): Promise<(figure: Figure) => Promise<string>> => {
	const [{ parse, View }, { compile }] = await importOptional(
		() => Promise.all([import("vega"), import("vega-lite")]),
		"--svg",
		"vega vega-lite",
	);
	return async (figure) => {
		const view = new View(parse(compile(specOf(figure)).spec), { renderer: "none" });
		const svg = await view.toSVG();
		const data = JSON.stringify(figure.data).replaceAll("&", "&amp;").replaceAll("<", "&lt;");
		return svg.replace(/^<svg[^>]*>/, `$&<metadata>${data}</metadata>`);
	};
};

type LayerSpec = Extract<TopLevelSpec, { layer: unknown }>["layer"][number];

const specOf = ({ title, subtitle, timelines }: Figure): TopLevelSpec => ({
	title: { text: title, subtitle },
	description: [title, ...subtitle].join(" "),
	// Opaque, so that the ink is readable on a dark page too.
	background: "white",
	padding: 20,
	vconcat: timelines.map((timeline) => ({
		...(timeline.title !== undefined && { title: { text: timeline.title, fontSize: 14, offset: 8 } }),
		width: plotWidth,
		height: { step: 30 },
		layer: layersOf(timeline, timelines),
	})),
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

const layersOf = ({ rows, moments }: Timeline, timelines: readonly Timeline[]): LayerSpec[] => {
	const end = Math.max(...timelines.map(({ end }) => end));
	return [...momentLayers(moments, end), spanLayer(rows, end, presentActivities(timelines))];
};

const spanLayer = (rows: Timeline["rows"], end: number, used: Activity[]): LayerSpec => ({
	data: {
		values: rows
			.flatMap(({ environment, spans }) => spans.map((span) => ({ environment, ...span })))
			// What is drawn later covers the outline of what is drawn before.
			.sort((one, other) => Number(other.activity === "frozen") - Number(one.activity === "frozen"))
			.map(({ environment, activity, start, end }) => ({
				environment,
				activity: ACTIVITY_LABELS[activity],
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
		x: { field: "start", ...time, scale: { domain: [0, end], nice: false } },
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
				domain: used.map((activity) => ACTIVITY_LABELS[activity]),
				range: used.map((activity) => colors[activity]),
			},
		},
	},
});

/** How high each label stands, so that no line of a later moment goes through it. */
export const levelsOf = (moments: readonly Moment[], end: number): number[] => {
	const levels: number[] = [];
	for (const [index, { time, label }] of [...moments.entries()].reverse()) {
		// 8 pixels a character are more than it takes.
		const labelEnd = time + ((8 * label.length) / plotWidth) * end;
		const crossing = moments.flatMap(({ time }, later) =>
			later > index && time <= labelEnd ? (levels[later] ?? 0) : [],
		);
		levels[index] = Math.max(-1, ...crossing) + 1;
	}
	return levels;
};

const momentLayers = (moments: readonly Moment[], end: number): LayerSpec[] => {
	const levels = levelsOf(moments, end);
	return moments.flatMap((moment, index) => {
		const top = { value: -6 - 18 * (levels[index] ?? 0) };
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
};
