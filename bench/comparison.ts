/** The README's one table: a column for every peer, with what each does and what was measured. */

import { fixed, signed, table } from "../scripts/lib/markdown.js";
import { addedToOneFile } from "./bundles.js";
import type { BusinessResults } from "./business.js";
import type { ColdStartResults } from "./cold-start.js";
import { lambdaWarmer, middyWarmup, ours, pluginWarmup } from "./contenders.js";
import type { CoverageResults, CoverageRow } from "./coverage.js";
import { readResults } from "./results.js";

const columns = [ours, lambdaWarmer, pluginWarmup, middyWarmup].map(({ name }) => name);

/** Beside them, what is no package and cannot be measured here. */
const provisioned = "provisioned concurrency";

/** By the code of the versions that the README names: a cell for each column, and one for provisioned concurrency. */
const features = [
	["N invocations at once come from", "the function", "the function", "a second function", "", "Lambda itself"],
	["they stay busy", "until all are there", "for 75 ms", "as your handler does", "", ""],
	["counts distinct environments", "yes", "no", "no", "no", "yes"],
	["makes up for missing ones", "yes", "no", "no", "no", "yes"],
	["an invocation that fails", "is reported, explained", "fails the ping", "is logged", "", ""],
	["connections for N invocations", "1, HTTP/2", "N, HTTP/1.1", "N, HTTP/1.1", "", ""],
	["warms the alias that is pinged", "yes", "its version", "if it is set", "", "yes"],
	["schedule comes with", "the CDK construct", "your own", "the plugin", "your own", "none needed"],
	["warms when you deploy", "`Prewarm` (CDK)", "no", "yes", "no", "yes"],
	["has a local Lambda to try it on", "yes", "no", "no", "no", ""],
];

/** What the packages do, and the figures. */
export const comparison = async (): Promise<string> =>
	table(["", ...columns, provisioned], [...features, ...(await measurements()).map((row) => [...row, ""])]);

/** The figures as a table of their own; empty if nothing has been measured. */
export const figures = async (): Promise<string> => {
	const measured = await measurements();
	return measured.length > 0 ? table(["", ...columns.map((name) => `${name}:`)], measured) : "";
};

/** A row for each figure; what has not been measured is left out. */
const measurements = async (): Promise<string[][]> => {
	const coverage = await readResults<CoverageResults>("coverage");
	const coldStart = await readResults<ColdStartResults>("cold-start");
	const business = await readResults<BusinessResults>("business");
	const rows: [string, (contender: string) => string | undefined][] = [];
	for (const [memoryMb, seconds] of [
		[128, 3],
		[128, 30],
		[1769, 30],
	] as const) {
		const cell = (figure: (row: CoverageRow) => string) => (contender: string) =>
			coverage?.rows
				.filter((row) => row.contender === contender && row.memoryMb === memoryMb && row.timeoutMs === 1000 * seconds)
				.filter(({ concurrency, model }) => concurrency === 10 && model === "typical")
				.map(figure)[0];
		const place = `${fixed(memoryMb)} MB, timeout ${seconds} s`;
		rows.push(
			[`environments reached of 10, ${place}`, cell((row) => `${fixed(100 * row.coverage)} %`)],
			[`billed ms per environment reached, ${place}`, cell((row) => fixed(row.billedPerEnvironment))],
		);
	}
	rows.push(
		...(["esm", "cjs"] as const).map((format): (typeof rows)[number] => [
			`cold start, ms more in ${format === "esm" ? "an ESM" : "a CommonJS"} bundle, Node.js 22 / 24`,
			(contender) =>
				coldStart &&
				addedToOneFile(coldStart.bundles, format, contender)
					.map((ms) => signed(ms, 1))
					.join(" / "),
		]),
		[
			"bundle, gzipped, kB",
			(contender) => {
				const bundled = coldStart?.rows.find((row) => row.contender === contender)?.bundled;
				return typeof bundled === "number" ? fixed(bundled / 1000, 1) : undefined;
			},
		],
		[
			"business request, ns more than bare Middy, Node.js 22 / 24",
			(contender) =>
				business?.rows
					.find((row) => row.contender === contender)
					?.versions.map(({ added }) => signed(added.median))
					.join(" / "),
		],
	);
	return rows
		.map(([label, figure]) => [label, ...columns.map((name) => figure(name) ?? "")])
		.filter(([, ...cells]) => cells.some(Boolean));
};
