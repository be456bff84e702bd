/** How many of the requested environments does a ping reach, and what does it cost? */

import type { ModelName } from "../cli/delivery-models.js";
import { mean, median, sum } from "../cli/statistics.js";
import { fixed, table } from "../scripts/lib/markdown.js";
import { fanningOut, lambdaWarmer, middyWarmup, ours, pluginWarmup } from "./contenders.js";
import { longTimeoutMs, measureCells, nodeVersion, settling, usualPlaces } from "./pings.js";
import type { Part, Settings } from "./results.js";

/** One contender in one cell. All fields but `first` describe the pings after the first ones. Times in ms. */
export interface CoverageRow {
	contender: string;
	memoryMb: number;
	/** The function's timeout. */
	timeoutMs: number;
	/** Environments requested. */
	concurrency: number;
	model: ModelName;
	/** Environments reached by each of the first pings; null for one that ran into the function's timeout. */
	first: (number | null)[];
	/** The pings after the first ones (count). */
	pings: number;
	/** Environments reached by each of them. */
	reached: number[];
	/** Pings that were answered before the timeout. */
	inTime: number;
	/** Pings that reached all environments. */
	full: number;
	/** Mean of distinct environments reached ÷ requested. */
	coverage: number;
	/** INIT excluded. */
	billedPerEnvironment: number;
	/** Pings whose report states a wrong number of environments; null if there is no report. */
	misreported: number | null;
	/** Mean; null if there is no report. */
	rounds: number | null;
	/** Median. */
	answered: number;
}

/** `bench/results/coverage.json`. */
export interface CoverageResults {
	seed: number;
	node: number;
	/** How each environment's share of a processor is enforced. */
	confinement: string;
	rows: CoverageRow[];
}

/** For a small function with a long timeout: its cost varies most, because it depends on the number of rounds. */
const MANY_PINGS = settling + 24;

/** All delivery models are measured for one function; a small function is also measured with a long timeout. */
const placesOf = (settings: Settings) =>
	usualPlaces(settings).flatMap((place) => {
		const { memoryMb, concurrency } = place;
		const models = [
			"typical",
			...(memoryMb === 1769 && concurrency === 10 ? (["calm", "busy"] as const) : []),
		] as const;
		const { pings = settings.quick ? place.pings : MANY_PINGS } = settings;
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
			reached: settled.map(({ reached }) => reached),
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

/** Billed time per environment ÷ lambda-warmer's in the same cell. */
const ratioToLambdaWarmer = (row: CoverageRow, rows: readonly CoverageRow[]): number => {
	const other = rows.find(
		({ contender, memoryMb, timeoutMs, concurrency, model }) =>
			contender === lambdaWarmer.name &&
			memoryMb === row.memoryMb &&
			timeoutMs === row.timeoutMs &&
			concurrency === row.concurrency &&
			model === row.model,
	);
	// Without an environment reached, there is no cost per environment.
	return other && other.coverage > 0 ? row.billedPerEnvironment / other.billedPerEnvironment : Number.NaN;
};

const known = (value: number | null, decimals: number): string => (value === null ? "" : fixed(value, decimals));

export const coverage: Part<CoverageResults> = {
	title: "Coverage and cost",
	measure,
	markdown: ({ seed, node, confinement, rows }) =>
		`Consecutive pings of a function that is cold at first: seed ${seed}, Node.js ${node}, processor share by ${confinement}. At 128 MB, the function has a timeout of 3 s (the default of SAM and the CDK), and was measured again with 30 s, because 3 s are too short for some packages. Larger functions have 30 s. The first ${settling} pings have a column of their own (–: timed out); the other columns describe the pings after them. Billed time is the sum of all invocations of a ping, without INIT, divided by the number of environments reached.

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
