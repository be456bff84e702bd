import {
	BAR_HEIGHT,
	barElement,
	FONT_SIZE,
	LINE_HEIGHT,
	lineElement,
	MARGIN,
	type Palette,
	svgDocument,
	TITLE_SIZE,
	textElement,
	WIDTH,
	widthOf,
	wrapWords,
} from "./svg.js";
import { ACTIVITY_LABELS, type Activity, type Moment, presentActivities, type Timeline } from "./timeline-model.js";

/** What is drawn. */
export interface Figure {
	title: string;
	subtitle: string[];
	/** Drawn below each other, on one scale. */
	timelines: Timeline[];
	/** The numbers that the figure shows, so that a text about it can be checked. */
	data: Record<string, unknown>;
}

/** The color of each activity. */
const PALETTE: Readonly<Record<Activity, Palette[string]>> = {
	init: "orange",
	ping: "blue",
	request: "green",
	idle: "gray",
};

const GAP = 8;
const ROW_HEIGHT = 30;
const MAX_NAME_LENGTH = 14;
const MAX_INTERVALS = 5;

/** Draws a figure as an SVG document, with its data as JSON in `<metadata>`. */
export const drawFigure = ({ title, subtitle, timelines, data }: Figure): string => {
	const scale = scaleOf(timelines);
	const blocks: Block[] = [
		textBlock(title, "title", TITLE_SIZE),
		...subtitle.map((line) => textBlock(line)),
		...timelines.flatMap((timeline) => timelineBlocks(timeline, scale)),
		axisTitle(scale),
		legend(presentActivities(timelines)),
	];
	const elements: string[] = [];
	let top = MARGIN;
	for (const { height, draw } of blocks) {
		elements.push(...draw(top));
		top += height;
	}
	return svgDocument({ title, description: subtitle.join(" "), data }, PALETTE, top + MARGIN, elements);
};

/** A part of the drawing that takes its full width, and its elements, once its top is known. */
interface Block {
	height: number;
	draw(top: number): string[];
}

/** How times become lengths. All timelines share it. */
interface Scale {
	/** The end of the longest timeline, in ms. */
	end: number;
	left: number;
	width: number;
	toX(time: number): number;
}

const scaleOf = (timelines: readonly Timeline[]): Scale => {
	const end = Math.max(1, ...timelines.map(({ end }) => end));
	const names = timelines.flatMap(({ rows }) => rows.map(({ environment }) => shortName(environment)));
	const left = MARGIN + Math.max(0, ...names.map((name) => widthOf(name))) + GAP;
	const available = WIDTH - MARGIN - left;
	const labels = [
		...ticksOf(end).map((time) => ({ time, labelWidth: widthOf(formatTime(time)) / 2 })),
		...timelines.flatMap(({ moments }) => moments.map(({ time, label }) => ({ time, labelWidth: widthOf(label) }))),
	];
	// The plot is so wide that every label has room to the right of its time.
	const width = Math.min(
		available,
		...labels.map(({ time, labelWidth }) => ((available - labelWidth) * end) / Math.max(time, 1)),
	);
	return { end, left, width, toX: (time) => left + (time / end) * width };
};

const timelineBlocks = ({ title, rows, moments }: Timeline, scale: Scale): Block[] => {
	const levels = levelsOf(moments, scale.end, scale.width);
	const labelsHeight = LINE_HEIGHT * (Math.max(-1, ...levels) + 1);
	const plotHeight = ROW_HEIGHT * rows.length;
	return [
		{ height: GAP, draw: () => [] },
		...(title === undefined ? [] : [textBlock(title, "heading")]),
		{
			height: labelsHeight + plotHeight + LINE_HEIGHT + GAP,
			draw: (top) => {
				const plotTop = top + labelsHeight;
				const plotBottom = plotTop + plotHeight;
				return [
					...drawGrid(scale, plotTop, plotBottom),
					...moments.flatMap((moment, index) =>
						drawMoment(moment, scale.toX(moment.time), plotTop - LINE_HEIGHT * (levels[index] ?? 0), plotBottom),
					),
					...rows.flatMap((row, index) => drawRow(row, scale, plotTop + index * ROW_HEIGHT)),
				];
			},
		},
	];
};

const drawGrid = (scale: Scale, top: number, bottom: number): string[] =>
	ticksOf(scale.end).flatMap((time) => [
		lineElement("grid", scale.toX(time), top, bottom + 4),
		textElement(formatTime(time), scale.toX(time), bottom + LINE_HEIGHT - 4, { anchor: "middle" }),
	]);

const drawMoment = ({ label }: Moment, x: number, top: number, bottom: number): string[] => [
	lineElement("moment", x, top - 4, bottom),
	textElement(label, x, top - 8),
];

const drawRow = ({ environment, spans }: Timeline["rows"][number], { left, toX }: Scale, top: number): string[] => [
	textElement(shortName(environment), left - GAP, top + ROW_HEIGHT / 2 + 6, { anchor: "end" }),
	...[...spans]
		// A short activity is drawn longer than it was, and must not vanish under what follows it.
		.sort((one, other) => Number(other.activity === "idle") - Number(one.activity === "idle"))
		.map(({ activity, start, end }) =>
			barElement(activity, toX(start), top + (ROW_HEIGHT - BAR_HEIGHT) / 2, toX(end) - toX(start)),
		),
];

/** How high each moment's label stands, in lines, so that the line of no later moment crosses it. */
export const levelsOf = (moments: readonly Moment[], end: number, plotWidth: number): number[] => {
	const levels: number[] = [];
	for (const [index, { time, label }] of [...moments.entries()].reverse()) {
		const labelEnd = time + (widthOf(label) / plotWidth) * end;
		const crossing = moments.flatMap(({ time }, later) =>
			later > index && time <= labelEnd ? (levels[later] ?? 0) : [],
		);
		levels[index] = Math.max(-1, ...crossing) + 1;
	}
	return levels;
};

/** The axis's labeled times in ms: from 0, in steps of 1, 2 or 5 times a power of ten. */
export const ticksOf = (end: number): number[] => {
	const magnitude = 10 ** Math.floor(Math.log10(end / MAX_INTERVALS));
	const step = magnitude * ([1, 2, 5].find((factor) => end / (factor * magnitude) <= MAX_INTERVALS) ?? 10);
	return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
};

const axisTitle = ({ left, width }: Scale): Block => ({
	height: LINE_HEIGHT,
	draw: (top) => [textElement("time (ms)", left + width / 2, top + FONT_SIZE, { anchor: "middle" })],
});

const legend = (activities: readonly Activity[]): Block => ({
	height: GAP + LINE_HEIGHT * Math.ceil(activities.length / 2),
	draw: (top) =>
		activities.flatMap((activity, index) => {
			const x = MARGIN + (index % 2) * (WIDTH / 2 - MARGIN);
			const y = top + GAP + LINE_HEIGHT * Math.floor(index / 2);
			return [
				barElement(activity, x, y, BAR_HEIGHT),
				textElement(ACTIVITY_LABELS[activity], x + BAR_HEIGHT + GAP, y + 16),
			];
		}),
});

const textBlock = (text: string, className?: string, size = FONT_SIZE): Block => {
	const lines = wrapWords(text, WIDTH - 2 * MARGIN, size);
	return {
		height: LINE_HEIGHT * lines.length + 2,
		draw: (top) =>
			lines.map((line, index) => textElement(line, MARGIN, top + LINE_HEIGHT * index + FONT_SIZE, { className })),
	};
};

/** Environments of one function differ in the end of their names. */
const shortName = (name: string): string =>
	name.length > MAX_NAME_LENGTH ? `…${name.slice(1 - MAX_NAME_LENGTH)}` : name;

const formatTime = (time: number): string => time.toLocaleString("en-US");
