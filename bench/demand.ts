/** How many requests meet a cold start, by policy? The recording and the rule of `src/` on traces, in virtual time. */

import { costOfPings, costOfProvisioned, DEFAULT_PRICES } from "../plan/prices.js";
import { peakOf } from "../plan/requests.js";
import { averageOf, DEFAULT_WORLD, type Policy, type Simulated, simulate, type World } from "../plan/simulate.js";
import { fixed, table } from "../scripts/lib/markdown.js";
import { realTraces, syntheticTraces, type Trace } from "./demand-traces.js";
import { progress } from "./progress.js";
import type { Part, Settings } from "./results.js";

const MEMORY_GB = 0.5;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NEVER = [365 * DAY, 365 * DAY] as const;

const POLICIES: readonly Policy[] = ["none", 1, 2, 5, 10, "auto"];

/** The largest fixed number that is compared with "auto". */
const MAX_FIXED = 30;

/** How Lambda and the team may behave differently from `DEFAULT_WORLD`. */
const VARIANTS: Readonly<Record<string, Partial<World>>> = {
	usual: {},
	"any idle environment is reused": { reuse: "any" },
	"idle environments end after 5 minutes": { idleMs: [5 * MINUTE, 5 * MINUTE] },
	"idle environments end after 25 minutes": { idleMs: [25 * MINUTE, 25 * MINUTE] },
	"environments are never recycled": { lifetimeMs: NEVER },
	"any is reused, none recycled": { reuse: "any", lifetimeMs: NEVER },
	"a deployment every 8 hours": { deployEveryMs: 8 * HOUR },
	"a deployment every 8 hours, with a handover": { deployEveryMs: 8 * HOUR, hasHandover: true },
	"a ping every 10 minutes": { pingEveryMs: 10 * MINUTE },
	"a ping keeps environments from requests for 100 ms": { busyMs: 100 },
};

interface DemandRow {
	trace: string;
	variant: string;
	policy: Policy | "provisioned";
	/** Requests that met a cold start (count), of all functions. */
	coldStarts: number;
	/** Mean of environments that a ping of one function requested. */
	meanConcurrency: number;
	maxConcurrency: number;
	/** Of all functions. */
	dollarsPerMonth: number;
}

/** `bench/results/demand.json` */
export interface DemandResults {
	seed: number;
	traces: {
		name: string;
		functions: number;
		requests: number;
		days: number;
		/** Most simultaneous requests to one function. */
		peak: number;
		/** The smallest fixed number that leaves as few cold starts as "auto"; null if none up to 30 does, or for several functions. */
		smallestFixed: number | null;
	}[];
	rows: DemandRow[];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const playTrace = ({ functions }: Trace, policy: Policy, world: World, seeds: readonly number[]) => {
	const results = functions.map((requests) => averageOf(seeds.map((seed) => simulate(requests, policy, world, seed))));
	const meanOf = (field: keyof Simulated) => sum(results.map((result) => result[field])) / results.length;
	return {
		coldStarts: Number(sum(results.map(({ coldStarts }) => coldStarts)).toFixed(1)),
		meanConcurrency: Number(meanOf("meanConcurrency").toFixed(2)),
		maxConcurrency: Math.max(...results.map(({ maxConcurrency }) => maxConcurrency)),
		dollarsPerMonth: sum(results.map((result) => costOfPings(result, world.pingEveryMs, MEMORY_GB, DEFAULT_PRICES))),
	};
};

const measureTrace = (trace: Trace, seeds: readonly number[], step: (what: string) => void) => {
	const rows: DemandRow[] = [];
	for (const [variant, changes] of Object.entries(VARIANTS)) {
		for (const policy of POLICIES) {
			rows.push({
				trace: trace.name,
				variant,
				policy,
				...playTrace(trace, policy, { ...DEFAULT_WORLD, ...changes }, seeds),
			});
		}
		step(trace.name);
	}
	const peaks = trace.functions.map(peakOf);
	rows.push({
		trace: trace.name,
		variant: "usual",
		policy: "provisioned",
		coldStarts: 0,
		meanConcurrency: sum(peaks) / peaks.length,
		maxConcurrency: Math.max(...peaks),
		dollarsPerMonth: sum(peaks.map((peak) => costOfProvisioned(peak, MEMORY_GB, DEFAULT_PRICES))),
	});
	const auto = rows.find(({ variant, policy }) => variant === "usual" && policy === "auto")?.coldStarts ?? 0;
	const numbers = Array.from({ length: MAX_FIXED }, (_, index) => index + 1);
	const isAsGood = (number: number) => playTrace(trace, number, DEFAULT_WORLD, seeds).coldStarts <= auto;
	const spans = trace.functions.map(({ startedAt }) => (startedAt.at(-1) ?? 0) - (startedAt[0] ?? 0));
	const summary = {
		name: trace.name,
		functions: trace.functions.length,
		requests: sum(trace.functions.map(({ startedAt }) => startedAt.length)),
		days: Number((Math.max(...spans) / DAY).toFixed(1)),
		peak: Math.max(...peaks),
		// For several functions, no single number is a fair comparison.
		smallestFixed: trace.functions.length > 1 ? null : (numbers.find(isAsGood) ?? null),
	};
	step(trace.name);
	return { summary, rows };
};

const measure = async ({ quick, seed, traces: path }: Settings): Promise<DemandResults> => {
	const synthetic = path === undefined ? syntheticTraces(seed) : [];
	const traces = [...realTraces(path, seed), ...synthetic];
	const step = progress("demand", traces.length * (Object.keys(VARIANTS).length + 1));
	const seeds = Array.from({ length: quick ? 1 : 2 }, (_, index) => seed + index);
	const measured = traces.map((trace) => measureTrace(trace, seeds, step));
	return {
		seed,
		traces: measured.map(({ summary }) => summary),
		rows: measured.flatMap(({ rows }) => rows),
	};
};

const NAMES: Readonly<Record<string, string>> = { none: "no ping", auto: '"auto"', provisioned: "provisioned" };

const nameOf = (policy: DemandRow["policy"]): string => NAMES[policy] ?? `N = ${policy}`;

/** Cold starts by trace and policy, with Lambda's usual behavior. */
export const demandTable = ({ traces, rows }: DemandResults): string =>
	table(
		[
			"",
			"requests:",
			"days:",
			...[...POLICIES, "provisioned" as const].map((policy) => `${nameOf(policy)}:`),
			'mean N of "auto":',
			"equivalent fixed N:",
			'"auto", $ a month:',
			"provisioned, $ a month:",
		],
		traces.map(({ name, requests, days, smallestFixed }) => {
			const rowOf = (policy: DemandRow["policy"]) =>
				rows.find((row) => row.trace === name && row.variant === "usual" && row.policy === policy);
			return [
				name,
				fixed(requests),
				fixed(days, 1),
				...[...POLICIES, "provisioned" as const].map((policy) => fixed(rowOf(policy)?.coldStarts ?? Number.NaN)),
				fixed(rowOf("auto")?.meanConcurrency ?? Number.NaN, 1),
				smallestFixed ?? "–",
				fixed(rowOf("auto")?.dollarsPerMonth ?? Number.NaN, 2),
				fixed(rowOf("provisioned")?.dollarsPerMonth ?? Number.NaN, 2),
			];
		}),
	);

/** Cold starts that remain with "auto", in percent of those without pings, if Lambda or the team behaves differently. */
export const variantTable = ({ traces, rows }: DemandResults): string =>
	table(
		["", ...traces.map(({ name }) => `${name}:`)],
		Object.keys(VARIANTS).map((variant) => [
			variant,
			...traces.map(({ name }) => {
				const coldStarts = (policy: Policy) =>
					rows.find((row) => row.trace === name && row.variant === variant && row.policy === policy)?.coldStarts ??
					Number.NaN;
				const auto = rows.find((row) => row.trace === name && row.variant === variant && row.policy === "auto");
				return `${fixed((100 * coldStarts("auto")) / coldStarts("none"), 1)} % at ${fixed(auto?.meanConcurrency ?? Number.NaN, 1)}`;
			}),
		]),
	);

export const demand: Part<DemandResults> = {
	title: "Demand",
	measure,
	markdown: (results) =>
		`Requests that meet a cold start, by policy, in virtual time. The code that records and recommends is the middleware's own. A ping every 5 minutes, an idle expiry of 5 to 25 minutes, recycling after 1 to 3 hours, cold starts of 1 s, 512 MB, means of two runs. "Equivalent fixed N" is the smallest fixed number that leaves as few cold starts as "auto".

${demandTable(results)}

Cold starts that remain with "auto", in percent of those without pings, and the mean N, if Lambda or the team behaves differently:

${variantTable(results)}`,
};
