/** The results as Markdown. */

import { table } from "../../../scripts/lib/markdown.js";
import {
	type Column,
	columns,
	type ExecutionMode,
	isSupportedByMiddy,
	type Loading,
	type MiddyVersion,
	middyVersions,
	type Row,
	rows,
} from "./matrix.js";

/** What was run, and what came of it. */
export interface Results {
	readonly date: string;
	readonly packageVersion: string;
	readonly typescript: string;
	readonly ric: string;
	/** Version of Middy, and of Node.js, that was installed for each major version. */
	readonly middy: ReadonlyMap<MiddyVersion, string>;
	readonly node: ReadonlyMap<Column["node"], string>;
	/** Whether the cell passed. */
	readonly passed: (row: Row, column: Column) => boolean;
	/** The lowest and the newest version of the AWS SDK, and whether the lowest passed, too. */
	readonly sdk: readonly [string, string];
	readonly sdkPassed: boolean;
	readonly typesPassed: (middy: MiddyVersion) => boolean;
}

const modeNames: Readonly<Record<ExecutionMode, string>> = {
	standard: "standard",
	streamified: "response streaming",
	durable: "durable context",
};

const loadingNames: Readonly<Record<Loading, string>> = {
	import: "`import`",
	require: "`require`",
	esm: "bundled, ESM",
	cjs: "bundled, CommonJS",
};

const columnName = ({ node, runtime }: Column, { node: versions, ric }: Results): string =>
	`Node.js ${versions.get(node)}${runtime === "ric" ? `, aws-lambda-ric ${ric}` : ""}`;

const outside = "¹";

const cell = (row: Row, column: Column, { passed }: Results): string =>
	(passed(row, column) ? "yes" : "**no**") + (isSupportedByMiddy(row, column) ? "" : outside);

/** A row for each version of Middy, execution mode and way of loading. */
const fullTable = (results: Results): string =>
	table(
		["Middy", "execution mode", "loaded by", ...columns.map((column) => columnName(column, results))],
		rows.map((row) => [
			results.middy.get(row.middy) ?? "",
			modeNames[row.mode],
			loadingNames[row.loading],
			...columns.map((column) => cell(row, column, results)),
		]),
	);

/** A row for each version of Middy: how many of its cells passed. */
const summary = (results: Results): string =>
	`${table(
		["Middy", ...columns.map((column) => columnName(column, results)), "types"],
		middyVersions.map((middy) => {
			const own = rows.filter((row) => row.middy === middy);
			return [
				results.middy.get(middy) ?? "",
				...columns.map((column) => {
					const passed = own.filter((row) => results.passed(row, column));
					const supported = own.every((row) => isSupportedByMiddy(row, column));
					return `${passed.length} of ${own.length}${supported ? "" : outside}`;
				}),
				results.typesPassed(middy) ? "yes" : "**no**",
			];
		}),
	)}\n\n${outside} Middy 7 declares Node.js 22 or later; it was run anyway.`;

/** What docs/compatibility.md has between its markers. */
export const part = (results: Results): string => {
	const untyped = middyVersions.filter((middy) => !results.typesPassed(middy));
	return `Version ${results.packageVersion} of this package on ${results.date}, types by TypeScript ${results.typescript} with \`skipLibCheck\` off, beside \`@aws-sdk/client-lambda\` ${results.sdk[1]}${results.sdkPassed ? ` and, the lowest that it takes, ${results.sdk[0]}` : ""}${untyped.length > 0 ? `; they fail beside Middy ${untyped.join(", ")}` : ""}.

${summary(results)}

### In full

${fullTable(results)}

${outside} Outside what Middy supports itself: version 7 declares Node.js 22 or later, and so does \`@aws/durable-execution-sdk-js\`.`;
};
