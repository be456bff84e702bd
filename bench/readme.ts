/**
 * Writes the README's "How it compares" from what the parts measured.
 */

import { fileURLToPath } from "node:url";
import { replacePart, table } from "../scripts/markdown.js";
import type { BusinessResults } from "./business.js";
import type { ColdStartResults } from "./cold-start.js";
import type { CollateralResults } from "./collateral.js";
import type { CoverageRow } from "./coverage.js";
import type { FanOutResults } from "./fan-out.js";
import { readResults } from "./results.js";
import { shortfalls } from "./shortfalls.js";

const ours = "middy-lambda-warmer";
const contenders = [ours, "lambda-warmer", "@middy/warmup"] as const;
const environments = 10;

const read = async <Results>(part: string) => {
	const results = await readResults<Results>(part);
	if (!results) throw new Error(`npm run bench:${part} has not run yet`);
	return results;
};
const business = await read<BusinessResults>("business");
const coldStart = await read<ColdStartResults>("cold-start");
const { machine, rows } = await read<{ rows: CoverageRow[] }>("coverage");

const cellOf = (
	contender: string,
	model: CoverageRow["model"],
): CoverageRow | undefined =>
	rows.find(
		(row) =>
			row.contender === contender &&
			row.model === model &&
			row.concurrency === environments,
	);

const figures: [string, (contender: string) => string | undefined][] = [
	[
		"business request, ns more than bare Middy",
		(contender) =>
			business.rows
				.find((row) => row.contender === contender)
				?.added.median.toFixed(0),
	],
	[
		"import beside Middy, ms",
		(contender) =>
			coldStart.rows
				.find((row) => row.contender === contender)
				?.besideMiddy.median.toFixed(1),
	],
	[
		"bundle, minified and gzipped, bytes",
		(contender) =>
			coldStart.rows
				.find((row) => row.contender === contender)
				?.bundle.gzipped.toLocaleString("en"),
	],
	...(["calm", "typical", "busy"] as const).flatMap((model): typeof figures => [
		[
			`environments reached of ${environments}, ${model} delivery`,
			(contender) => {
				const cell = cellOf(contender, model);
				return cell && `${(100 * cell.coverage).toFixed(0)} %`;
			},
		],
		[
			"billed ms per environment reached",
			(contender) => cellOf(contender, model)?.billedPerEnvironment.toFixed(0),
		],
	]),
];

const notAhead = shortfalls({
	business,
	coldStart,
	coverage: { rows },
	collateral: await read<CollateralResults>("collateral"),
	fanOut: await read<FanOutResults>("fan-out"),
});

const part = [
	`On the local Lambda, real processes, seeded delivery delays (${machine.node}, ${machine.cores} × ${machine.cpu}, ${machine.date}).`,
	table(
		["", ...contenders],
		figures.map(([label, figure]) => [
			label,
			...contenders.map((contender) => figure(contender) ?? ""),
		]),
	),
	"![Bars: what each package adds to a business request, and how long it takes to import.](docs/bench-overhead.svg)",
	"![Coverage and billed milliseconds by number of environments, for three models of delivery.](docs/bench-coverage.svg)",
	"Not ahead:",
	notAhead.map((line) => `- ${line}`).join("\n"),
	"`npm run bench` measures all of it again (about 12 minutes); the tables are in [bench/results](bench/results), the models of delivery in [bench/models.ts](bench/models.ts).",
].join("\n\n");

await replacePart(
	fileURLToPath(new URL("../README.md", import.meta.url)),
	"bench",
	part,
);
