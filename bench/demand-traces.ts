/** The requests that `demand` simulates: real traces from a folder, and synthetic ones. */

import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRandom, lognormal } from "../local-lambda/delivery.js";
import { createParser, type Requests } from "../plan/index.js";
import { sortRequests } from "../plan/requests.js";
import { poissonGaps } from "./poisson.js";

/** A trace: the requests of one function or of several, which share no environments. */
export interface Trace {
	readonly name: string;
	readonly functions: readonly Requests[];
}

/** Next to the repository, unless the environment variable TRACES is set. */
const DEFAULT_FOLDER = process.env.TRACES ?? fileURLToPath(new URL("../../shared/traces", import.meta.url));

const MS_PER_HOUR = 3_600_000;
const MS_PER_DAY = 24 * MS_PER_HOUR;

/** A Monday. */
const START = Date.UTC(2026, 5, 1);

/** Used where a trace has no durations (ms). */
export const ASSUMED_DURATION_MS = 300;

const requestsOf = (requests: readonly (readonly [at: number, durationMs: number])[]): Requests => {
	const sorted = {
		startedAt: Float64Array.from(requests, ([at]) => at),
		durationMs: Float32Array.from(requests, ([, durationMs]) => durationMs),
	};
	sortRequests(sorted);
	return sorted;
};

/** Instants of independent events at a rate (per second) that may change with time (ms since a Monday). */
const createInstants = (days: number, peakPerSecond: number, shareAt: (ms: number) => number, random: () => number) => {
	const instants: number[] = [];
	const gap = poissonGaps(peakPerSecond, random);
	for (let at = gap(); at < days * MS_PER_DAY; at += gap()) {
		if (random() < shareAt(at)) instants.push(START + at);
	}
	return instants;
};

/** From 8 to 18 on working days, with the peak at 13. */
const officeHours = (ms: number): number => {
	const hour = (ms % MS_PER_DAY) / MS_PER_HOUR;
	const isWorkday = Math.floor(ms / MS_PER_DAY) % 7 < 5;
	return isWorkday && hour >= 8 && hour < 18 ? Math.sin((Math.PI * (hour - 8)) / 10) : 0;
};

/** The synthetic traces. The same seed gives the same requests. */
export const syntheticTraces = (seed: number): Trace[] => {
	const random = createRandom(seed);
	const fast = lognormal({ median: 200, p99: 800 }, random);
	const slow = () => 1000 + 9000 * random();
	const trace = (name: string, instants: readonly number[], durationMs: () => number, size = 1): Trace => ({
		name,
		functions: [
			requestsOf(
				instants.flatMap((at) => Array.from({ length: size }, () => [at + 50 * random(), durationMs()] as const)),
			),
		],
	});
	return [
		trace(
			"bursts of six",
			createInstants(7, 1 / 300, () => 1, random),
			fast,
			6,
		),
		trace("office hours", createInstants(14, 0.3, officeHours, random), fast),
		trace(
			"steady",
			createInstants(7, 0.5, () => 1, random),
			fast,
		),
		trace(
			"slow handlers",
			createInstants(7, 0.05, () => 1, random),
			slow,
		),
	];
};

/** Draws from quantiles at 25, 50, 75, 99 and 100 %. */
const fromQuantiles = (quantiles: readonly number[], random: () => number): number => {
	const shares = [0, 0.25, 0.5, 0.75, 0.99, 1];
	const values = [quantiles[0] ?? 0, ...quantiles];
	const share = random();
	const index = shares.findIndex((next) => next > share);
	const [from = 0, to = 1] = shares.slice(index - 1, index + 1);
	const [low = 0, high = low] = values.slice(index - 1, index + 1);
	return low + ((share - from) / (to - from)) * (high - low);
};

const rowsOf = (file: string): Record<string, string>[] => {
	const [head = "", ...lines] = readFileSync(file, "utf8").trim().split("\n");
	const names = head.split(",");
	return lines.map((line) => Object.fromEntries(line.split(",").map((cell, index) => [names[index] ?? "", cell])));
};

/** Azure's functions with trigger http: requests are counted per minute, so seconds and durations are drawn at random. */
const readAzure = (folder: string, seed: number): Trace => {
	const random = createRandom(seed);
	const quantilesOf = new Map(
		rowsOf(join(folder, "azure2019-8h-functions.csv"))
			.filter(({ trigger }) => trigger === "http")
			.map((row) => [row.function, [25, 50, 75, 99, 100].map((percent) => Number(row[`duration_ms_p${percent}`]))]),
	);
	const requests = new Map<string, (readonly [number, number])[]>();
	for (const { minute, function: name = "", count } of rowsOf(join(folder, "azure2019-8h-minutes.csv"))) {
		const quantiles = quantilesOf.get(name);
		if (!quantiles) continue;
		const list = requests.get(name) ?? [];
		requests.set(name, list);
		for (let each = 0; each < Number(count); each++) {
			list.push([START + (Number(minute) + random()) * 60_000, fromQuantiles(quantiles, random)]);
		}
	}
	return { name: "Azure, http", functions: [...requests.values()].map(requestsOf) };
};

const readTrace = (file: string, name: string): Trace => {
	const parser = createParser({ assumedDurationMs: ASSUMED_DURATION_MS });
	parser.push(readFileSync(file, "utf8"));
	return { name, functions: [parser.end().requests] };
};

/**
 * The real traces.
 *
 * @param path a file that `plan` reads, or a folder with the traces of this benchmark
 */
export const realTraces = (path = DEFAULT_FOLDER, seed = 1): Trace[] => {
	if (!existsSync(path))
		throw new Error(`There are no traces in ${path}: set TRACES, or --traces to a file of requests`);
	if (statSync(path).isFile()) return [readTrace(path, basename(path))];
	const files = readdirSync(path);
	return [
		...(files.includes("erddap-2024-9d.csv") ? [readTrace(join(path, "erddap-2024-9d.csv"), "ERDDAP")] : []),
		...(files.includes("azure2019-8h-minutes.csv") ? [readAzure(path, seed)] : []),
	];
};
