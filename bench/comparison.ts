/** The README's one table: a column for every peer, from the committed results. */

import { table } from "../scripts/markdown.js";
import type { BusinessResults } from "./business.js";
import type { ColdStartResults } from "./cold-start.js";
import { lambdaWarmer, middyWarmup, ours, pluginWarmup } from "./contenders.js";
import type { CoverageResults } from "./coverage.js";
import { fixed, signed } from "./numbers.js";
import { readResults } from "./results.js";

const columns = [ours, lambdaWarmer, pluginWarmup, middyWarmup].map(({ name }) => name);

/** The table; what has not been measured is left out, and all of it if nothing has. */
export const comparison = async (): Promise<string> => {
	const coverage = await readResults<CoverageResults>("coverage");
	const coldStart = await readResults<ColdStartResults>("cold-start");
	const business = await readResults<BusinessResults>("business");
	const rows: [string, (contender: string) => string | undefined][] = [];
	for (const memoryMb of [128, 1769]) {
		const cell = (contender: string) =>
			coverage?.rows.find(
				(row) =>
					row.contender === contender && row.memoryMb === memoryMb && row.concurrency === 10 && row.model === "typical",
			);
		rows.push(
			[
				`environments reached of 10, ${fixed(memoryMb)} MB`,
				(contender) => {
					const found = cell(contender);
					return found && `${fixed(100 * found.coverage)} %`;
				},
			],
			[
				`billed ms per environment reached, ${fixed(memoryMb)} MB`,
				(contender) => {
					const found = cell(contender);
					return found && fixed(found.billedPerEnvironment);
				},
			],
		);
	}
	rows.push(
		[
			"import beside Middy, ms, Node.js 22 / 24",
			(contender) =>
				coldStart?.rows
					.find((row) => row.contender === contender)
					?.besideMiddy.map(({ ms }) => fixed(ms.median, 2))
					.join(" / "),
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
	const measured = rows
		.map(([label, figure]) => [label, ...columns.map((name) => figure(name) ?? "")])
		.filter(([, ...cells]) => cells.some(Boolean));
	return measured.length > 0 ? table(["", ...columns.map((name) => `${name}:`)], measured) : "";
};
