/** Generated Markdown. */

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";

/** A table with its columns aligned, as formatters leave it. */
export const table = (
	head: readonly string[],
	body: readonly (readonly string[])[],
): string => {
	const escaped = [head, ...body].map((row) =>
		row.map((cell) => cell.replaceAll("|", "\\|")),
	);
	const widths = head.map((_, column) =>
		Math.max(3, ...escaped.map((row) => row[column]?.length ?? 0)),
	);
	const lines = escaped.map(
		(row) =>
			`| ${widths.map((width, column) => (row[column] ?? "").padEnd(width)).join(" | ")} |`,
	);
	const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
	return [lines[0], rule, ...lines.slice(1)].join("\n");
};

/** A text with a generated part between its `<!-- name:start -->` and `<!-- name:end -->`; unchanged if it has none. */
export const withPart = (text: string, name: string, part: string): string => {
	const start = `<!-- ${name}:start -->`;
	const end = `<!-- ${name}:end -->`;
	const from = text.indexOf(start);
	const to = text.indexOf(end);
	return from < 0 || to < from
		? text
		: `${text.slice(0, from + start.length)}\n\n${part}\n\n${text.slice(to)}`;
};

/** Writes a generated part into a file, if the file and its markers are there. */
export const replacePart = async (
	path: string,
	name: string,
	part: string,
): Promise<void> => {
	if (!existsSync(path)) return;
	const text = await readFile(path, "utf8");
	const updated = withPart(text, name, part);
	if (updated !== text) await writeFile(path, updated);
};
