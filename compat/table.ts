/** The results as Markdown. */

import { table } from "../scripts/markdown.js";
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

const columnName = (
	{ node, runtime }: Column,
	{ node: versions, ric }: Results,
): string =>
	`Node.js ${versions.get(node)}${runtime === "ric" ? `, aws-lambda-ric ${ric}` : ""}`;

const outside = "¹";

const cell = (row: Row, column: Column, { passed }: Results): string =>
	(passed(row, column) ? "yes" : "**no**") +
	(isSupportedByMiddy(row, column) ? "" : outside);

/** A row for each version of Middy, execution mode and way of loading. */
const fullTable = (results: Results): string =>
	table(
		[
			"Middy",
			"execution mode",
			"loaded by",
			...columns.map((column) => columnName(column, results)),
		],
		rows.map((row) => [
			results.middy.get(row.middy) ?? "",
			modeNames[row.mode],
			loadingNames[row.loading],
			...columns.map((column) => cell(row, column, results)),
		]),
	);

/** A row for each version of Middy: how many of its cells passed. */
export const summary = (results: Results): string =>
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
	)}\n\n${outside} Middy 7 declares Node.js 22 or later; it was run all the same.`;

/** The page. */
export const page = (
	results: Results,
): string => `<!-- Written by \`npm run test:compat\`; do not edit. -->

# Compatibility

Version ${results.packageVersion} of this package, packed as it is published and installed beside each version of Middy, on ${results.date}.
Each cell is a handler in real processes on the local Lambda: a business request, which must reach the handler and fan nothing out; a ping of three,
which must reach three distinct processes and never the handler, and report so; a verifying child, which must answer with its identity; a child of lambda-warmer's; and,
for one way of loading, a ping in a function that cannot reach Lambda's API, which must be answered before the function times out.

## In short

${summary(results)}

## In full

${fullTable(results)}

${outside} Outside what Middy supports itself: version 7 declares Node.js 22 or later, and so does \`@aws/durable-execution-sdk-js\`.

- **Runtime.** The local Lambda's own loop, or where the column says so the official \`aws-lambda-ric\` in its place, which declares Node.js 22 or later.
- **\`require\`.** \`const { warmup } = require("middy-lambda-warmer")\` in a CommonJS handler: Node.js 20.19 and later can \`require\` an ES module.
  Middy 5 and 7 export nothing to \`require\`, so that such a handler loads Middy with \`import()\`; that is too late to make a
  streaming or durable handler, so only Middy 6 is combined with response streaming here, and nothing with durable context.
- **Bundled.** By esbuild, minified. To ESM with \`@aws-sdk/*\` left to Lambda's runtime, as CDK's \`NodejsFunction\` does; to CommonJS with the SDK in the bundle.
- **Response streaming.** \`streamifyResponse: true\` in Middy 5 and 6, \`executionModeStreamifyResponse\` in Middy 7.
- **Durable context.** \`executionModeDurableContext\`, which only Middy 7 has. A ping reaches \`before\` as the input of a durable execution: Lambda wraps the payload of _every_ invocation of a durable
  function, the SDK unwraps it, and Middy runs its middlewares inside. The wrapping, the service's part, is played by a few lines in \`compat/handlers/durable.mjs\`: what is tested is Middy and the
  durable SDK as they are, not the service. Invoke such a function through a version or an alias, as Lambda demands; every ping and every child is then a durable execution of its own, in the function's execution
  history. A payload that is not wrapped (durability is not enabled for the function) is refused by the SDK before any middleware runs, ping or not.
- **Types.** A typed handler compiles against the packed declarations and Middy's, by TypeScript ${results.typescript} with \`skipLibCheck\` off${
	middyVersions.every(results.typesPassed)
		? ""
		: `; not so for Middy ${middyVersions
				.filter((middy) => !results.typesPassed(middy))
				.join(", ")}`
}.
`;
