/** How many of the environments asked for does a ping reach, and what does it cost? */

import type { ModelName } from "../cli/delivery-models.js";
import { mean, median, sum } from "../cli/statistics.js";
import { fixed, table } from "../scripts/lib/markdown.js";
import { fanningOut, lambdaWarmer, middyWarmup, ours, pluginWarmup } from "./contenders.js";
import { longTimeoutMs, measureCells, nodeVersion, settling, usualPlaces } from "./pings.js";
import type { Part, Settings } from "./results.js";

/** One contender in one cell. Figures but the first pings' are of the pings after those. Times in ms. */
export interface CoverageRow {
	contender: string;
	memoryMb: number;
	/** The function's. */
	timeoutMs: number;
	/** Environments asked for. */
	concurrency: number;
	model: ModelName;
	/** Environments reached by each of the first pings; null for one that ran into the function's timeout. */
	first: (number | null)[];
	pings: number;
	/** Pings that were answered before the timeout. */
	inTime: number;
	/** Pings that reached all environments. */
	full: number;
	/** Mean of distinct environments reached ÷ asked for. */
	coverage: number;
	/** INIT excluded. */
	billedPerEnvironment: number;
	/** Pings whose report gives another number of environments than were reached; null where there is no report. */
	misreported: number | null;
	/** Mean; null where there is no report. */
	rounds: number | null;
	/** Median. */
	answered: number;
}

/** `bench/results/coverage.json`. */
export interface CoverageResults {
	seed: number;
	node: number;
	/** How environments are kept to their share of a processor. */
	confinement: string;
	rows: CoverageRow[];
}

/** So many (count) of a small function that has time: its bill swings most, with the rounds that a ping needs. */
const manyPings = settling + 24;

/** Beside those of every function, the other models of delivery for one, and for a small one the time that it needs. */
const placesOf = (settings: Settings) =>
	usualPlaces(settings).flatMap((place) => {
		const { memoryMb, concurrency } = place;
		const models = [
			"typical",
			...(memoryMb === 1769 && concurrency === 10 ? (["calm", "busy"] as const) : []),
		] as const;
		const { pings = settings.quick ? place.pings : manyPings } = settings;
		const functions = memoryMb === 128 ? [place, { ...place, timeoutMs: longTimeoutMs, pings }] : [place];
		return models.flatMap((model) => functions.map((fn) => ({ ...fn, model })));
	});

const contendersIn = ({ memoryMb, timeoutMs, concurrency }: ReturnType<typeof placesOf>[number]) => {
	if (memoryMb === 128 && timeoutMs === longTimeoutMs) return [ours, lambdaWarmer, pluginWarmup];
	return concurrency === 10 ? [...fanningOut, middyWarmup] : fanningOut;
};

const measure = async (settings: Settings): Promise<CoverageResults> => {
	const cells = placesOf(settings).flatMap((place) =>
		contendersIn(place).map((contender) => ({ ...place, contender })),
	);
	const { seed } = settings;
	const { confinement, runs } = await measureCells("coverage", cells, seed);
	const rows = runs.map(({ first, settled, ...cell }): CoverageRow => {
		const { contender, memoryMb, timeoutMs, concurrency, model } = cell;
		const reports = settled.filter(({ report }) => report);
		return {
			contender: contender.name,
			memoryMb,
			timeoutMs,
			concurrency,
			model,
			first: first.map(({ inTime, reached }) => (inTime ? reached : null)),
			pings: settled.length,
			inTime: settled.filter(({ inTime }) => inTime).length,
			full: settled.filter(({ reached }) => reached === concurrency).length,
			coverage: mean(settled.map(({ reached }) => reached / concurrency)),
			billedPerEnvironment: sum(settled.map(({ billedMs }) => billedMs)) / sum(settled.map(({ reached }) => reached)),
			misreported: reports.length ? reports.filter(({ reached, report }) => report?.warmed !== reached).length : null,
			rounds: reports.length ? mean(reports.map(({ report }) => report?.rounds ?? Number.NaN)) : null,
			answered: median(settled.map(({ answeredMs }) => answeredMs)),
		};
	});
	return { seed, node: nodeVersion, confinement, rows };
};

/** What is billed per environment ÷ lambda-warmer's in the same place. */
const ratioToLambdaWarmer = (row: CoverageRow, rows: readonly CoverageRow[]): number => {
	const other = rows.find(
		({ contender, memoryMb, timeoutMs, concurrency, model }) =>
			contender === lambdaWarmer.name &&
			memoryMb === row.memoryMb &&
			timeoutMs === row.timeoutMs &&
			concurrency === row.concurrency &&
			model === row.model,
	);
	// Who reached none is no measure.
	return other && other.coverage > 0 ? row.billedPerEnvironment / other.billedPerEnvironment : Number.NaN;
};

const known = (value: number | null, decimals: number): string => (value === null ? "" : fixed(value, decimals));

export const coverage: Part<CoverageResults> = {
	title: "Coverage and cost",
	measure,
	markdown: ({ seed, node, confinement, rows }) =>
		`Pings in a row from a cold function, seed ${seed}, Node.js ${node}, processor share by ${confinement}. The function's timeout is 3 s at 128 MB, the default of SAM and the CDK, and 30 s elsewhere; and at 128 MB as well, for those that 3 s are too short for. The first ${settling} pings stand apart (–: timed out); the other figures are of those that follow. What is billed counts all invocations of a ping, INIT excluded, and is divided by the environments really reached.

${table(
	[
		"MB:",
		"timeout, s:",
		"N:",
		"delivery",
		"",
		`first ${settling} pings`,
		"answered in time",
		"complete",
		"coverage:",
		"billed ms per environment:",
		"÷ lambda-warmer:",
		"misreported:",
		"rounds:",
		"answered after, ms:",
	],
	rows.map((row) => [
		row.memoryMb,
		row.timeoutMs / 1000,
		row.concurrency,
		row.model,
		row.contender,
		row.first.map((reached) => reached ?? "–").join(", "),
		`${row.inTime} of ${row.pings}`,
		`${row.full} of ${row.pings}`,
		`${fixed(100 * row.coverage)} %`,
		fixed(row.billedPerEnvironment, 1),
		fixed(ratioToLambdaWarmer(row, rows), 2),
		known(row.misreported, 0),
		known(row.rounds, 2),
		fixed(row.answered),
	]),
)}`,
};
