import { styleText } from "node:util";
import { median } from "./statistics.js";
import { ACTIVITY_LABELS, type Activity, presentActivities, type Row, type Timeline } from "./timeline-model.js";

/** Where the text goes. */
export interface Terminal {
	/** In characters, from 60 to 120. */
	width: number;
	paint: Paint;
	/** Prints lines as they are. */
	say(...lines: string[]): void;
	/** Prints sentences, each wrapped to the width. */
	tell(...sentences: string[]): void;
	heading(text: string): void;
}

/** Standard output: coloured where it is a terminal that shows colours and `NO_COLOR` is not set. */
export const openTerminal = (): Terminal => {
	const { isTTY, columns = Number(process.env.COLUMNS) || 80 } = process.stdout;
	const width = Math.min(120, Math.max(60, columns));
	const paint = painter(isTTY && process.stdout.hasColors());
	const say = (...lines: string[]) => {
		for (const line of lines) console.log(line);
	};
	return {
		width,
		paint,
		say,
		tell: (...sentences) => say(...sentences.flatMap((text) => wrap(text, width))),
		heading: (text) => say("", ...wrap(text, width).map((line) => paint("bold", line))),
	};
};

/** Breaks a text at its blanks, so that no line but one of a single word is longer than the width. */
export const wrap = (text: string, width: number): string[] => {
	const lines: string[] = [];
	const indent = /^ */.exec(text)?.[0] ?? "";
	let line = indent;
	for (const word of text.trim().split(/\s+/)) {
		if (line.trim() && line.length + 1 + word.length > width) {
			lines.push(line);
			line = indent;
		}
		line += line.trim() ? ` ${word}` : word;
	}
	return [...lines, line];
};

/** How text gets colour, or does not. */
export type Paint = (style: Style, text: string) => string;

type Style = "bold" | "dim" | "yellow" | "magenta" | "green" | "red";

/** A distribution, and what it is headed with. */
export interface Sample {
	title: string;
	style: Style;
	/** In ms. */
	values: readonly number[];
}

/** Whether there is colour is decided here and nowhere else. */
export const painter =
	(color: boolean): Paint =>
	(style, text) =>
		color && text ? styleText(style, text, { validateStream: false }) : text;

/** Told apart by texture alone, so that colour adds nothing that is needed. */
const looks: Readonly<Record<Activity, { glyph: string; style: Style }>> = {
	init: { glyph: "▒", style: "yellow" },
	ping: { glyph: "━", style: "magenta" },
	request: { glyph: "█", style: "green" },
	frozen: { glyph: "·", style: "dim" },
};

/** What shows where several activities share a character: the shortest-lived first. */
const precedence: readonly Activity[] = ["request", "ping", "init", "frozen"];

/** A duration to read, in ms: whole, or with one decimal below 10. */
export const ms = (value: number): string => value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });

/** Edges 1, 2, 5, 10, 20, 50 … around the values. */
const binEdges = (values: readonly number[]): number[] => {
	const least = Math.max(1, Math.min(...values));
	const most = Math.max(1, ...values);
	const edges: number[] = [];
	for (let decade = 1; ; decade *= 10) {
		for (const edge of [decade, 2 * decade, 5 * decade]) {
			// The last edge below the least value begins the first bin.
			if (edge <= least) edges.length = 0;
			edges.push(edge);
			if (edge > most) return edges;
		}
	}
};

/** Two distributions side by side, in bins of the same width on a logarithmic scale, each with its figures. */
export const histogram = (samples: readonly [Sample, Sample], width: number, paint: Paint): string[] => {
	const edges = binEdges(samples.flatMap(({ values }) => values));
	const bins = edges.slice(1).map((end, index) => {
		const start = edges[index] ?? 0;
		return { start, end, label: `${ms(start)} – ${ms(end)}` };
	});
	const labelWidth = Math.max(...bins.map(({ label }) => label.length), 6);
	const columnWidth = Math.floor((width - labelWidth) / 2) - 2;
	const longestBar = columnWidth - " 99".length;
	const most = Math.max(...samples.map(({ values }) => values.length));
	const scale = Math.min(1, longestBar / most);

	const line = (label: string, cell: (sample: Sample) => string) =>
		[
			label.padStart(labelWidth),
			...samples.map((sample) => {
				const text = cell(sample);
				return `${paint(sample.style, text)}${" ".repeat(Math.max(0, columnWidth - text.length))}`;
			}),
		]
			.join("  ")
			.trimEnd();
	return [
		line("ms", ({ title }) => title),
		...bins.map(({ start, end, label }, bin) =>
			line(label, ({ values }) => {
				const count = values.filter(
					// What is below 1 ms belongs to the first bin too.
					(value) => (value >= start || bin === 0) && value < end,
				).length;
				if (count === 0) return "";
				return `${"■".repeat(Math.max(1, Math.round(count * scale)))} ${count}`;
			}),
		),
		"",
		line("min", ({ values }) => ms(Math.min(...values))),
		line("median", ({ values }) => ms(median(values))),
		line("max", ({ values }) => ms(Math.max(...values))),
	];
};

/**
 * Timelines below each other on one scale: a line per environment, the moments above, the time axis and the legend
 * below.
 */
export const drawTimelines = (timelines: readonly Timeline[], width: number, paint: Paint): string[] => {
	const end = Math.max(...timelines.map(({ end }) => end));
	const labelWidth = Math.max(...timelines.flatMap(({ rows }) => rows.map(({ environment }) => environment.length)));
	const margin = " ".repeat(labelWidth + 2);
	const columns = width - margin.length;
	const columnOf = (time: number) => Math.min(columns - 1, Math.floor((time / end) * columns));

	const step = axisStep(end, columns);
	const ticks: number[] = [];
	for (let tick = 0; tick <= end; tick += step) ticks.push(tick);
	const tickAt = (mark: (tick: number) => string, filler: string) => {
		let text = "";
		for (const tick of ticks) {
			const label = mark(tick);
			if (columnOf(tick) + label.length > columns) break;
			text = text.padEnd(columnOf(tick), filler) + label;
		}
		return text;
	};
	const part = ({ title, rows, moments }: Timeline): string[] => {
		const numbers = moments.reduce((text, { time, step }) => text.padEnd(columnOf(time)) + step, "");
		return [
			...(title === undefined ? [] : [title]),
			paint("bold", `${margin}${numbers}`),
			...rows.map((row) => `${row.environment.padEnd(labelWidth)}  ${drawRow(row, columns, end, paint)}`),
		];
	};
	const steps = timelines.flatMap(({ moments }) => moments.map(({ step, label }) => `${step} = ${label}`));
	return [
		...timelines.flatMap(part),
		`${margin}${tickAt(() => "┴", "─").padEnd(columns, "─")}`,
		`${margin}${tickAt((tick) => (tick === 0 ? "0 ms" : ms(tick)), " ")}`,
		"",
		...presentActivities(timelines).map((activity) => {
			const { glyph, style } = looks[activity];
			return `${paint(style, glyph.repeat(3))} ${ACTIVITY_LABELS[activity]}`;
		}),
		...wrap(steps.join(", "), width),
	];
};

/** A round number of ms, with room for a number of five digits between two ticks. */
const axisStep = (end: number, columns: number): number => {
	for (let decade = 10; ; decade *= 10) {
		for (const step of [decade, 2 * decade, 5 * decade]) {
			if ((step / end) * columns >= 9) return step;
		}
	}
};

const drawRow = ({ spans }: Row, columns: number, end: number, paint: Paint): string => {
	const activityAt = (column: number): Activity | undefined => {
		const from = (column / columns) * end;
		const to = ((column + 1) / columns) * end;
		const present = spans.filter((span) => span.start < to && span.end > from).map(({ activity }) => activity);
		return precedence.find((activity) => present.includes(activity));
	};
	let text = "";
	let run = "";
	let previous: Activity | undefined;
	const flush = () => {
		text += previous ? paint(looks[previous].style, run) : run;
		run = "";
	};
	const last = Math.max(...spans.map(({ end }) => end));
	for (let column = 0; (column / columns) * end < last; column++) {
		const activity = activityAt(column);
		if (activity !== previous) flush();
		run += activity ? looks[activity].glyph : " ";
		previous = activity;
	}
	flush();
	return text;
};
