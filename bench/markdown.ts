/** A Markdown table. Columns whose name ends with a colon are aligned to the right, as numbers are. */
export const table = (
	columns: readonly string[],
	rows: readonly (readonly (string | number)[])[],
): string => {
	const lines = [
		columns.map((column) => column.replace(/:$/, "")),
		columns.map((column) => (column.endsWith(":") ? "---:" : "---")),
		...rows,
	];
	return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
};

/** A number with so many decimals, thousands set apart by commas. */
export const fixed = (value: number, decimals = 0): string =>
	value.toLocaleString("en-GB", {
		minimumFractionDigits: decimals,
		maximumFractionDigits: decimals,
	});

/** A number with its sign. */
export const signed = (value: number, decimals = 0): string => {
	const text = fixed(value, decimals);
	return Number(text.replaceAll(",", "")) > 0
		? `+${text}`
		: text.replace("-", "−");
};
