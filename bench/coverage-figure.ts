/** Draws the figure of docs/benchmarks.md from the committed results: environments reached, and what each costs. */

import { writeFile } from "node:fs/promises";
import {
	BAR_HEIGHT,
	barElement,
	FONT_SIZE,
	LINE_HEIGHT,
	MARGIN,
	type Palette,
	svgDocument,
	TITLE_SIZE,
	textElement,
	WIDTH,
} from "../cli/svg.js";
import { fixed } from "../scripts/lib/markdown.js";
import { lambdaWarmer, ours, pluginWarmup } from "./contenders.js";
import type { CoverageResults, CoverageRow } from "./coverage.js";
import { readResults } from "./results.js";

const CONTENDERS = [
	{ name: ours.name, className: "ours" },
	{ name: pluginWarmup.name, className: "plugin" },
	{ name: lambdaWarmer.name, className: "lambda-warmer" },
] as const;

const PALETTE: Palette = { ours: "blue", plugin: "green", "lambda-warmer": "orange" };

/** Each has a column of bars. */
const CONCURRENCIES = [10, 50] as const;

const COLUMN_WIDTH = (WIDTH - 2 * MARGIN) / CONCURRENCIES.length;
/** Of a bar for 100 %. It leaves room for its label. */
const FULL_BAR_WIDTH = 120;
const BAR_GAP = 4;

const TITLE = "Environments that a ping reaches";
const SUBTITLE = "Percentage of those requested, billed ms for each";

const isDrawn = ({ contender, concurrency, model }: CoverageRow): boolean =>
	CONTENDERS.some(({ name }) => name === contender) &&
	CONCURRENCIES.some((drawn) => drawn === concurrency) &&
	model === "typical";

const placeOf = ({ memoryMb, timeoutMs }: CoverageRow): string =>
	`${fixed(memoryMb)} MB, timeout ${timeoutMs / 1000} s`;

const percentOf = ({ coverage }: CoverageRow): number => Math.round(100 * coverage);

const labelOf = (row: CoverageRow): string => {
	const cost = row.coverage > 0 ? `, ${fixed(row.billedPerEnvironment)} ms` : "";
	return `${percentOf(row)} %${cost}`;
};

const drawLegend = (top: number): string[] =>
	CONTENDERS.flatMap(({ name, className }, index) => {
		const x = MARGIN + (index % 2) * COLUMN_WIDTH;
		const y = top + LINE_HEIGHT * Math.floor(index / 2);
		return [barElement(className, x, y, BAR_HEIGHT), textElement(name, x + BAR_HEIGHT + 8, y + 16)];
	});

/** The bars of one function: a column for each number of environments, a bar for each package. */
const drawPlace = (place: string, rows: readonly CoverageRow[], top: number): string[] => [
	textElement(place, MARGIN, top + FONT_SIZE, { className: "heading" }),
	...CONCURRENCIES.flatMap((concurrency, column) => {
		const x = MARGIN + column * COLUMN_WIDTH;
		return CONTENDERS.flatMap(({ name, className }, index) => {
			const row = rows.find((row) => row.contender === name && row.concurrency === concurrency);
			if (!row) return [];
			const y = top + LINE_HEIGHT + index * (BAR_HEIGHT + BAR_GAP);
			const width = FULL_BAR_WIDTH * row.coverage;
			return [
				barElement(className, x, y, width),
				textElement(labelOf(row), x + Math.max(width, BAR_GAP) + 8, y + BAR_HEIGHT - 4),
			];
		});
	}),
];

const drawCoverage = (rows: readonly CoverageRow[], text: string): string => {
	const places = [...new Set(rows.map(placeOf))];
	const placeHeight = LINE_HEIGHT + CONTENDERS.length * (BAR_HEIGHT + BAR_GAP) + 8;
	const legendTop = MARGIN + 2 * LINE_HEIGHT + 8;
	const headsTop = legendTop + LINE_HEIGHT * Math.ceil(CONTENDERS.length / 2) + 8;
	const placesTop = headsTop + LINE_HEIGHT + 4;
	const elements = [
		textElement(TITLE, MARGIN, MARGIN + TITLE_SIZE - 4, { className: "title" }),
		textElement(SUBTITLE, MARGIN, MARGIN + LINE_HEIGHT + FONT_SIZE),
		...drawLegend(legendTop),
		...CONCURRENCIES.map((concurrency, column) =>
			textElement(`${concurrency} requested`, MARGIN + column * COLUMN_WIDTH, headsTop + FONT_SIZE),
		),
		...places.flatMap((place, index) =>
			drawPlace(
				place,
				rows.filter((row) => placeOf(row) === place),
				placesTop + index * placeHeight,
			),
		),
	];
	const data = rows.map((row) => ({
		contender: row.contender,
		place: placeOf(row),
		requested: row.concurrency,
		percent: percentOf(row),
		billedMs: Math.round(row.billedPerEnvironment),
	}));
	const height = placesTop + places.length * placeHeight + MARGIN;
	return svgDocument({ title: TITLE, description: text, data: { rows: data } }, PALETTE, height, elements);
};

/** The lowest and the highest coverage of a package, in percent. */
const rangeOf = (rows: readonly CoverageRow[], name: string): string => {
	const percents = rows.filter(({ contender }) => contender === name).map(percentOf);
	const [lowest, highest] = [Math.min(...percents), Math.max(...percents)];
	return `${name} ${lowest === highest ? "" : `${lowest} to `}${highest} %`;
};

/** Draws the figure into a file, and returns its alternative text; undefined if nothing has been measured. */
export const drawFigure = async (file: URL): Promise<string | undefined> => {
	const results = await readResults<CoverageResults>("coverage");
	if (!results) return undefined;
	const rows = results.rows.filter(isDrawn);
	const places = [...new Set(rows.map(placeOf))].join("; ");
	const reached = CONTENDERS.map(({ name }) => rangeOf(rows, name)).join(", ");
	const text = `Environments that a ping reaches, of ${CONCURRENCIES.join(" and of ")} requested, and billed ms for each: ${places}. Reached: ${reached}.`;
	await writeFile(file, `${drawCoverage(rows, text)}\n`);
	return text;
};
