/**
 * The cases in which ours is not ahead, computed from what was measured.
 *
 * @module
 */

import type { BusinessResults } from "./business.js";
import type { ColdStartResults } from "./cold-start.js";
import type { CollateralResults } from "./collateral.js";
import type { CoverageRow } from "./coverage.js";
import type { FanOutResults } from "./fan-out.js";
import { fixed, signed } from "./numbers.js";
import type { Spread } from "./statistics.js";

/** What the parts measured. */
export interface Results {
	business: BusinessResults;
	coldStart: ColdStartResults;
	coverage: { rows: CoverageRow[] };
	collateral: CollateralResults;
	fanOut: FanOutResults;
}

const ours = "middy-lambda-warmer";

const overlap = (one: Spread, other: Spread): boolean =>
	one.lowerQuartile <= other.upperQuartile &&
	other.lowerQuartile <= one.upperQuartile;

/** Where the middle halves of two samples overlap, a difference of their medians says little. */
const doubt = (one: Spread, other: Spread): string =>
	overlap(one, other) ? " (within the spread of the run)" : "";

interface Named {
	contender: string;
}

const split = <Row extends Named>(rows: readonly Row[]): [Row[], Row[]] => [
	rows.filter(({ contender }) => contender === ours),
	rows.filter(({ contender }) => contender !== ours),
];

const ofRequests = ({ rows }: BusinessResults): string[] => {
	const [[own], others] = split(rows);
	if (!own) return [];
	return others
		.filter(
			({ contender, added }) =>
				contender !== "bare Middy" && added.median < own.added.median,
		)
		.map(
			({ contender, added }) =>
				`Business request: ${signed(own.added.median)} ns against ${signed(added.median)} ns of ${contender}${doubt(own.added, added)}.`,
		);
};

const ofColdStarts = ({ rows }: ColdStartResults): string[] => {
	const [[own], others] = split(rows);
	if (!own) return [];
	return others.flatMap(({ contender, alone, besideMiddy, bundle }) => [
		...(alone.median < own.alone.median
			? [
					`Import: ${fixed(own.alone.median, 2)} ms against ${fixed(alone.median, 2)} ms of ${contender}${doubt(own.alone, alone)}.`,
				]
			: []),
		...(besideMiddy.median < own.besideMiddy.median
			? [
					`Import into a process that has loaded Middy: ${fixed(own.besideMiddy.median, 2)} ms against ${fixed(besideMiddy.median, 2)} ms of ${contender}${doubt(own.besideMiddy, besideMiddy)}.`,
				]
			: []),
		...(bundle.gzipped < own.bundle.gzipped
			? [
					`Bundle: ${fixed(own.bundle.gzipped)} bytes gzipped against ${fixed(bundle.gzipped)} of ${contender}.`,
				]
			: []),
	]);
};

/** From the least to the most of some figures, or the one that they all are. */
const range = (values: readonly number[], decimals = 0): string => {
	const [least, most] = [Math.min(...values), Math.max(...values)].map(
		(value) => fixed(value, decimals),
	);
	return least === most ? `${least}` : `${least} to ${most}`;
};

const cellsOf = (pairs: readonly { row: CoverageRow }[]): string => {
	const byModel = new Map<string, number[]>();
	for (const { row } of pairs) {
		byModel.set(row.model, [
			...(byModel.get(row.model) ?? []),
			row.concurrency,
		]);
	}
	return [...byModel]
		.map(([model, numbers]) => `${model}, N = ${numbers.join(", ")}`)
		.join("; ");
};

const ofCoverage = (rows: CoverageRow[]): string[] => {
	const [own, others] = split(rows);
	const pairs = others.flatMap((row) => {
		const mine = own.find(
			({ model, concurrency }) =>
				model === row.model && concurrency === row.concurrency,
		);
		// One that does not fan out bills the one environment it reaches, and is no measure of the others.
		return mine && row.contender !== "@middy/warmup" ? [{ mine, row }] : [];
	});
	const contenders = [...new Set(pairs.map(({ row }) => row.contender))];
	return contenders.flatMap((contender) => {
		const theirs = pairs.filter(({ row }) => row.contender === contender);
		const told = (
			what: string,
			figure: "billedPerEnvironment" | "answeredMs",
		): string[] => {
			const behind = theirs.filter(
				({ mine, row }) => row[figure] < mine[figure],
			);
			if (behind.length === 0) return [];
			return [
				`${what}: ${range(behind.map(({ mine }) => mine[figure]))} ms against ${range(behind.map(({ row }) => row[figure]))} ms of ${contender}, which reaches ${range(behind.map(({ row }) => 100 * row.coverage))} % there (${cellsOf(behind)}).`,
			];
		};
		const missed = theirs.filter(
			({ mine, row }) => row.coverage > mine.coverage,
		);
		return [
			...(missed.length > 0
				? [
						`Coverage: ${range(missed.map(({ mine }) => 100 * mine.coverage))} % against ${range(missed.map(({ row }) => 100 * row.coverage))} % of ${contender} (${cellsOf(missed)}).`,
					]
				: []),
			...told("Billed time per environment", "billedPerEnvironment"),
			...told("Time until the ping is answered", "answeredMs"),
		];
	});
};

/** All cold starts of business requests: also those for want of environments that the pings did not keep warm. */
const ofCollateral = ({ rows, pings }: CollateralResults): string[] => {
	const [own, others] = split(rows);
	const perPing = ({
		coldForPings,
		coldOtherwise,
	}: CollateralResults["rows"][number]) =>
		(coldForPings + coldOtherwise) / pings;
	return own.flatMap((mine) =>
		others
			.filter((row) => row.rate === mine.rate && perPing(row) < perPing(mine))
			.map(
				(row) =>
					`Cold starts among ${row.rate} business requests per second: ${fixed(perPing(mine), 2)} a ping against ${fixed(perPing(row), 2)} of ${row.contender}, which reaches ${fixed(100 * row.coverage)} % there.`,
			),
	);
};

const ofFanOut = ({ rows }: FanOutResults): string[] => {
	const [own, others] = split(rows);
	return own.flatMap((mine) => {
		const where = `${mine.children} children, ${mine.memoryMb} MB`;
		return others
			.filter(
				({ children, memoryMb }) =>
					children === mine.children && memoryMb === mine.memoryMb,
			)
			.flatMap(({ contender, cpuPerChild, reached, answered }) => [
				...(cpuPerChild.median < mine.cpuPerChild.median
					? [
							`Processor time per child: ${fixed(mine.cpuPerChild.median, 2)} ms against ${fixed(cpuPerChild.median, 2)} ms of ${contender}${doubt(mine.cpuPerChild, cpuPerChild)} (${where}).`,
						]
					: []),
				...(reached.median > mine.reached.median
					? [
							`Environments reached by a slow initiator: ${fixed(mine.reached.median)} against ${fixed(reached.median)} of ${contender} (${where}).`,
						]
					: []),
				...(answered.median < mine.answered.median
					? [
							`Answer of a slow initiator: after ${fixed(mine.answered.median)} ms against ${fixed(answered.median)} ms of ${contender}, which reaches ${fixed(reached.median)} (${where}).`,
						]
					: []),
			]);
	});
};

/** A sentence for each case in which another one is better than ours. */
export const shortfalls = (results: Results): string[] => [
	...ofRequests(results.business),
	...ofColdStarts(results.coldStart),
	...ofCoverage(results.coverage.rows),
	...ofCollateral(results.collateral),
	...ofFanOut(results.fanOut),
];
