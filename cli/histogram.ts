import { median } from "./statistics.js";
import { formatMs, type Line, type Style } from "./terminal.js";

/** A distribution and its title. */
export interface Sample {
	title: string;
	style: Style;
	/** In ms. */
	values: readonly number[];
}

/** The edges 1, 2, 5, 10, 20, 50 … that enclose the values. */
const binEdges = (values: readonly number[]): number[] => {
	const smallest = Math.max(1, Math.min(...values));
	const largest = Math.max(1, ...values);
	const edges: number[] = [];
	for (let decade = 1; ; decade *= 10) {
		for (const edge of [decade, 2 * decade, 5 * decade]) {
			// The last edge that is not above the smallest value begins the first bin.
			if (edge <= smallest) edges.length = 0;
			edges.push(edge);
			if (edge > largest) return edges;
		}
	}
};

/** Two distributions side by side, in bins of equal width on a logarithmic scale, with minimum, median and maximum. */
export const drawHistogram = (samples: readonly [Sample, Sample], width: number): Line[] => {
	const edges = binEdges(samples.flatMap(({ values }) => values));
	const bins = edges.slice(1).map((end, index) => {
		const start = edges[index] ?? 0;
		return { start, end, label: `${formatMs(start)} – ${formatMs(end)}` };
	});
	const labelWidth = Math.max(...bins.map(({ label }) => label.length), "median".length);
	const columnWidth = Math.floor((width - labelWidth) / 2) - 2;
	const longestBar = columnWidth - " 99".length;
	const largestCount = Math.max(...samples.map(({ values }) => values.length));
	const scale = Math.min(1, longestBar / largestCount);

	const [left, right] = samples;
	const row = (label: string, cell: (sample: Sample) => string): Line => {
		const [leftText, rightText] = [cell(left), cell(right)];
		return [
			{ text: label.padStart(labelWidth) },
			{ text: leftText && `  ${leftText}`, style: left.style },
			{ text: rightText && " ".repeat((leftText ? 2 : 4) + Math.max(0, columnWidth - leftText.length)) },
			{ text: rightText, style: right.style },
		];
	};
	return [
		row("ms", ({ title }) => title),
		...bins.map(({ start, end, label }, bin) =>
			row(label, ({ values }) => {
				// The first bin also holds the values below 1 ms.
				const count = values.filter((value) => (value >= start || bin === 0) && value < end).length;
				return count === 0 ? "" : `${"■".repeat(Math.max(1, Math.round(count * scale)))} ${count}`;
			}),
		),
		"",
		row("min", ({ values }) => formatMs(Math.min(...values))),
		row("median", ({ values }) => formatMs(median(values))),
		row("max", ({ values }) => formatMs(Math.max(...values))),
	];
};
