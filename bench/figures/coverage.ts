import type { TopLevelSpec } from "vega-lite";
import type { CoverageRow } from "../coverage.js";
import { models } from "../models.js";
import { colours, config } from "./style.js";

const contenders = [
	"middy-lambda-warmer",
	"serverless-plugin-warmup",
	"lambda-warmer",
	"@middy/warmup",
] as const;

const panels = (
	field: "coveragePercent" | "billedPerEnvironment",
	title: string,
	scale: object,
	last: boolean,
) => ({
	facet: {
		column: {
			field: "model",
			type: "nominal" as const,
			sort: Object.keys(models),
			header: { labels: !last, labelExpr: "datum.value + ' delivery'" },
		},
	},
	spec: {
		width: 245,
		height: 150,
		mark: { type: "line" as const, point: { size: 60 }, strokeWidth: 2 },
		encoding: {
			x: {
				field: "concurrency",
				type: "ordinal" as const,
				title: last ? "environments asked for" : null,
				axis: { labelAngle: 0 },
			},
			y: { field, type: "quantitative" as const, title, scale },
			color: {
				field: "contender",
				type: "nominal" as const,
				legend: { labelLimit: 0 },
				scale: {
					domain: [...contenders],
					range: contenders.map((contender) => colours[contender]),
				},
			},
			shape: {
				field: "contender",
				type: "nominal" as const,
				legend: { labelLimit: 0 },
				scale: {
					domain: [...contenders],
					range: ["circle", "diamond", "square", "triangle-up"],
				},
			},
		},
	},
});

/** How many of the environments asked for are reached, and what each costs. */
export const coverageFigure = (rows: CoverageRow[]): TopLevelSpec => ({
	$schema: "https://vega.github.io/schema/vega-lite/v6.json",
	config,
	padding: 12,
	spacing: 4,
	data: {
		// What is drawn last lies on top.
		values: rows
			.map((row) => ({ ...row, coveragePercent: 100 * row.coverage }))
			.reverse(),
	},
	vconcat: [
		panels(
			"coveragePercent",
			"environments reached, %",
			{ domain: [0, 100] },
			false,
		),
		panels(
			"billedPerEnvironment",
			"billed ms per environment",
			{ zero: true },
			true,
		),
	],
});
