/** Draws the README's figure from the committed results: environments reached, and what each costs. */

import { writeFile } from "node:fs/promises";
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import { lambdaWarmer, ours, pluginWarmup } from "./contenders.js";
import type { CoverageResults, CoverageRow } from "./coverage.js";
import { readResults } from "./results.js";

/** By the colours of Okabe and Ito, which the colour-blind can tell apart. */
const looks = [
	{ name: ours.name, colour: "#0072B2", shape: "circle" },
	{ name: pluginWarmup.name, colour: "#009E73", shape: "diamond" },
	{ name: lambdaWarmer.name, colour: "#D55E00", shape: "square" },
];
const names = looks.map(({ name }) => name);

const isDrawn = ({ contender, concurrency, model }: CoverageRow): boolean =>
	names.includes(contender) && concurrency <= 50 && model === "typical";

const placeOf = ({ memoryMb, timeoutMs }: CoverageRow): string => `${memoryMb} MB, ${timeoutMs / 1000} s`;

const panels = (field: "coveragePercent" | "billedPerEnvironment", title: string, scale: object, isLast: boolean) => ({
	facet: {
		column: {
			field: "place",
			type: "ordinal" as const,
			// As the rows come.
			sort: { field: "order", op: "min" as const },
			header: { labels: !isLast },
		},
	},
	spec: {
		width: 180,
		height: 150,
		mark: { type: "line" as const, point: { size: 60 }, strokeWidth: 2 },
		encoding: {
			x: {
				field: "concurrency",
				type: "ordinal" as const,
				title: isLast ? "environments asked for" : null,
				axis: { labelAngle: 0 },
			},
			y: { field, type: "quantitative" as const, title, scale },
			color: {
				field: "contender",
				type: "nominal" as const,
				legend: { labelLimit: 0 },
				scale: { domain: names, range: looks.map(({ colour }) => colour) },
			},
			shape: {
				field: "contender",
				type: "nominal" as const,
				legend: { labelLimit: 0 },
				scale: { domain: names, range: looks.map(({ shape }) => shape) },
			},
		},
	},
});

const specification = (rows: readonly CoverageRow[]): TopLevelSpec => ({
	$schema: "https://vega.github.io/schema/vega-lite/v6.json",
	// White also on a dark page.
	background: "white",
	padding: 12,
	spacing: 4,
	config: {
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
		legend: { labelFontSize: 12, title: null, orient: "bottom", columns: 3 },
		header: { labelFontSize: 13, labelFontWeight: "bold", title: null },
	},
	data: {
		// What is drawn last lies on top.
		values: rows
			.filter(isDrawn)
			.map((row, order) => ({ ...row, order, place: placeOf(row), coveragePercent: 100 * row.coverage }))
			.reverse(),
	},
	vconcat: [
		panels("coveragePercent", "environments reached, %", { domain: [0, 100] }, false),
		panels("billedPerEnvironment", "billed ms per environment", { zero: true }, true),
	],
});

/** What a contender reaches in all that is drawn: least and most, in %. */
const reachedBy = (rows: readonly CoverageRow[], name: string): string => {
	const percents = rows
		.filter((row) => isDrawn(row) && row.contender === name)
		.map(({ coverage }) => Math.round(100 * coverage));
	const [least, most] = [Math.min(...percents), Math.max(...percents)];
	return `${name} ${least === most ? "" : `${least} to `}${most} %`;
};

/** Draws it into a file. The text says what is seen; undefined without results. */
export const drawFigure = async (file: URL): Promise<string | undefined> => {
	const results = await readResults<CoverageResults>("coverage");
	if (!results) return undefined;
	const { spec } = compile(specification(results.rows));
	const svg = await new View(parse(spec), { renderer: "none" }).toSVG();
	await writeFile(file, `${svg}\n`);
	const reached = names.map((name) => reachedBy(results.rows, name)).join(", ");
	return `Environments reached, and billed ms for each, of 10 and of 50 asked for: 128 MB with a timeout of 3 s and of 30 s, 512 and 1,769 MB with 30 s. Reached: ${reached}.`;
};
