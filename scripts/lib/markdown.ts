/** Generated Markdown. */

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";

/** A number with so many decimals, thousands set apart by commas; a dash for one that could not be measured. */
export const fixed = (value: number, decimals = 0): string =>
	Number.isFinite(value)
		? value.toLocaleString("en-GB", { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
		: "–";

/** A number with its sign; none if it rounds to nothing. */
export const signed = (value: number, decimals = 0): string => {
	const size = fixed(Math.abs(value), decimals);
	if (Number(size.replaceAll(",", "")) === 0) return size;
	return `${value < 0 ? "−" : "+"}${size}`;
};

/**
 * A table with its columns aligned, as formatters leave it. Columns whose name ends with a colon are aligned to the
 * right, as numbers are.
 */
export const table = (columns: readonly string[], rows: readonly (readonly (string | number)[])[]): string => {
	const names = columns.map((column) => column.replace(/:$/, ""));
	const escaped = [names, ...rows].map((row) => row.map((cell) => String(cell).replaceAll("|", "\\|")));
	const widths = names.map((_, column) => Math.max(3, ...escaped.map((row) => row[column]?.length ?? 0)));
	const line = (cell: (column: number, width: number) => string) =>
		`| ${widths.map((width, column) => cell(column, width)).join(" | ")} |`;
	const isRight = (column: number) => columns[column]?.endsWith(":");
	const [head, ...body] = escaped.map((row) =>
		line((column, width) => {
			const cell = row[column] ?? "";
			return isRight(column) ? cell.padStart(width) : cell.padEnd(width);
		}),
	);
	const rule = line((column, width) => (isRight(column) ? `${"-".repeat(width - 1)}:` : "-".repeat(width)));
	return [head, rule, ...body].join("\n");
};

/** A text with a generated part between its `<!-- name:start -->` and `<!-- name:end -->`; unchanged if it has none. */
const withPart = (text: string, name: string, part: string): string => {
	const start = `<!-- ${name}:start -->`;
	const end = `<!-- ${name}:end -->`;
	const from = text.indexOf(start);
	const to = text.indexOf(end);
	return from < 0 || to < from ? text : `${text.slice(0, from + start.length)}\n\n${part}\n\n${text.slice(to)}`;
};

/** Writes a generated part into a file, if the file and its markers are there. */
export const replacePart = async (path: string, name: string, part: string): Promise<void> => {
	if (!existsSync(path)) return;
	const text = await readFile(path, "utf8");
	const updated = withPart(text, name, part);
	if (updated !== text) await writeFile(path, updated);
};
