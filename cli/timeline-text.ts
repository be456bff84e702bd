import { formatMs, type Line, type Segment, type Style, wrap } from "./terminal.js";
import { ACTIVITY_LABELS, type Activity, presentActivities, type Row, type Timeline } from "./timeline-model.js";

/** Each activity has a texture of its own, so that the drawing needs no color. */
const LOOKS: Readonly<Record<Activity, { glyph: string; style: Style }>> = {
	init: { glyph: "▒", style: "yellow" },
	ping: { glyph: "━", style: "magenta" },
	request: { glyph: "█", style: "green" },
	idle: { glyph: "·", style: "dim" },
};

/** Which activity a character shows if several share it: the shortest-lived first. */
const PRECEDENCE: readonly Activity[] = ["request", "ping", "init", "idle"];

/**
 * Timelines below each other on one scale: a line per environment, the moments above, the time axis and the legend
 * below.
 */
export const drawTimelines = (timelines: readonly Timeline[], width: number): Line[] => {
	const end = Math.max(...timelines.map(({ end }) => end));
	const labelWidth = Math.max(...timelines.flatMap(({ rows }) => rows.map(({ environment }) => environment.length)));
	const margin = " ".repeat(labelWidth + 2);
	const columns = width - margin.length;
	const columnOf = (time: number) => Math.min(columns - 1, Math.floor((time / end) * columns));

	const drawTimeline = ({ title, rows, moments }: Timeline): Line[] => {
		const steps = moments.reduce((text, { time, step }) => text.padEnd(columnOf(time)) + step, "");
		return [
			...(title === undefined ? [] : [title]),
			[{ text: `${margin}${steps}`, style: "bold" }],
			...rows.map((row) => [{ text: `${row.environment.padEnd(labelWidth)}  ` }, ...drawRow(row, columns, end)]),
		];
	};
	const steps = timelines.flatMap(({ moments }) => moments.map(({ step, label }) => `${step} = ${label}`));
	return [
		...timelines.flatMap(drawTimeline),
		...drawAxis(end, columns, columnOf).map((line) => margin + line),
		"",
		...presentActivities(timelines).map((activity): Line => {
			const { glyph, style } = LOOKS[activity];
			return [{ text: glyph.repeat(3), style }, { text: ` ${ACTIVITY_LABELS[activity]}` }];
		}),
		...wrap(steps.join(", "), width),
	];
};

/** The ticks and, below them, their labels. */
const drawAxis = (end: number, columns: number, columnOf: (time: number) => number): [string, string] => {
	const step = axisStep(end, columns);
	const ticks: number[] = [];
	for (let tick = 0; tick <= end; tick += step) ticks.push(tick);
	const place = (mark: (tick: number) => string, filler: string) => {
		let text = "";
		for (const tick of ticks) {
			const label = mark(tick);
			if (columnOf(tick) + label.length > columns) break;
			text = text.padEnd(columnOf(tick), filler) + label;
		}
		return text;
	};
	return [place(() => "┴", "─").padEnd(columns, "─"), place((tick) => (tick === 0 ? "0 ms" : formatMs(tick)), " ")];
};

/** A round number of ms that leaves room for a five-digit label between two ticks. */
const axisStep = (end: number, columns: number): number => {
	for (let decade = 10; ; decade *= 10) {
		for (const step of [decade, 2 * decade, 5 * decade]) {
			if ((step / end) * columns >= 9) return step;
		}
	}
};

/** The life of one environment, a segment for each run of equal characters. */
const drawRow = ({ spans }: Row, columns: number, end: number): Segment[] => {
	const lastEnd = Math.max(...spans.map(({ end }) => end));
	const segments: Segment[] = [];
	let previous: Activity | undefined;
	for (let column = 0; (column / columns) * end < lastEnd; column++) {
		const from = (column / columns) * end;
		const to = ((column + 1) / columns) * end;
		const present = spans.filter((span) => span.start < to && span.end > from).map(({ activity }) => activity);
		const activity = PRECEDENCE.find((candidate) => present.includes(candidate));
		const { glyph, style } = activity ? LOOKS[activity] : { glyph: " ", style: undefined };
		const current = segments.at(-1);
		if (current && activity === previous) current.text += glyph;
		else segments.push({ text: glyph, ...(style && { style }) });
		previous = activity;
	}
	return segments;
};
