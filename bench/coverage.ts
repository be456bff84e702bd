/**
 * How many of the environments asked for does a ping reach, and what does it cost? Ours and the alternatives on the local
 * Lambda, with the same seeds: real processes, frozen between the pings, delivery delays drawn from three models.
 */

import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import {
	type InvocationRecord,
	type LocalLambda,
	type Reuse,
	startLocalLambda,
} from "../local-lambda/index.js";
import { table } from "../scripts/markdown.js";
import type { WarmupReport } from "../src/index.js";
import { logged } from "./logged.js";
import { type ModelName, models } from "./models.js";
import { writeResults } from "./results.js";
import { mean, median, sum } from "./statistics.js";

/** Of the pings in a row, the first that count for the cost: by then a hold has had the chance to adapt. */
const settledFrom = 5;

const contenders = {
	"middy-lambda-warmer": { handler: "ours.mjs", ping: pingOnce },
	"lambda-warmer": { handler: "lambda-warmer.mjs", ping: pingOnce },
	"serverless-plugin-warmup": {
		handler: "plugin-warmup.mjs",
		ping: pingFromOutside,
	},
	"@middy/warmup": { handler: "middy-warmup.mjs", ping: pingForPlugin },
};
type Contender = keyof typeof contenders;

/** One cell of the table. */
export interface CoverageRow {
	contender: Contender;
	model: ModelName;
	/** Environments asked for. */
	concurrency: number;
	pings: number;
	/** Pings that reached all of them. */
	fullPings: number;
	/** Mean of distinct processes reached ÷ asked for, over all pings. */
	coverage: number;
	/** Pings whose report gives another number of environments than there were processes; null where there is no report. */
	misreported: number | null;
	/** Mean billed ms (INIT excluded) per environment warmed, from the fifth ping on. */
	billedPerEnvironment: number;
	/** The same if each environment had been held exactly until the last child of the first round arrived. */
	oraclePerEnvironment: number | null;
	ratioToOracle: number | null;
	/** The same, where the oracle makes the rounds that were made, each held exactly until its own last child arrived. */
	ratioToOracleOfRounds: number | null;
	/** Mean rounds, from the fifth ping on. */
	roundsMean: number | null;
	/** Median ms until the ping was answered, from the fifth ping on. */
	answeredMs: number;
}

async function pingOnce(lambda: LocalLambda, concurrency: number) {
	await lambda.invoke("api", { warmer: true, concurrency });
}

async function pingForPlugin(lambda: LocalLambda) {
	await lambda.invoke("api", { source: "serverless-plugin-warmup" });
}

async function pingFromOutside(lambda: LocalLambda, concurrency: number) {
	await Promise.all(
		Array.from({ length: concurrency }, () =>
			lambda.invoke(
				"api",
				{ source: "serverless-plugin-warmup" },
				{ delivery: true },
			),
		),
	);
}

/** What one ping came to. */
interface Ping {
	reached: number;
	billedMs: number;
	answeredMs: number;
	oracleMs: number | undefined;
	oracleOfRoundsMs: number | undefined;
	report: WarmupReport | undefined;
}

/**
 * The least that could be billed to have all of these invocations overlap: every environment held from its own start
 * exactly until the last of them had arrived.
 */
const oracle = (starts: number[]): number => {
	const last = Math.max(...starts);
	return sum(starts.map((start) => Math.max(1, Math.ceil(last - start))));
};

/** The oracle of the first round, and of all rounds that were made; the initiator is there in each. */
const oracles = (
	served: InvocationRecord[],
	concurrency: number,
): [first: number, all: number] => {
	const starts = served.map(({ startedAt = Number.NaN }) => startedAt);
	const first = oracle(starts.slice(0, concurrency));
	let all = first;
	for (let sent = concurrency; sent < served.length; sent += concurrency - 1) {
		const sentAt = served[sent]?.acceptedAt ?? Number.NaN;
		all += oracle([sentAt, ...starts.slice(sent, sent + concurrency - 1)]);
	}
	return [first, all];
};

/** A line of an environment's log may be read later than its answer. */
const reportOf = async (lambda: LocalLambda): Promise<WarmupReport> => {
	for (;;) {
		const report = logged<WarmupReport>(lambda, "warmer-report");
		if (report) return report;
		await wait(1);
	}
};

const measurePing = async (
	lambda: LocalLambda,
	contender: Contender,
	concurrency: number,
): Promise<Ping> => {
	lambda.reset();
	const begun = performance.now();
	await contenders[contender].ping(lambda, concurrency);
	const answeredMs = performance.now() - begun;
	await lambda.settle();
	const { invocations: served } = lambda;
	const [oracleMs, oracleOfRoundsMs] =
		served.length >= concurrency ? oracles(served, concurrency) : [];
	return {
		reached: new Set(served.map(({ pid }) => pid)).size,
		billedMs: sum(served.map(({ billedMs = 0 }) => billedMs)),
		answeredMs,
		oracleMs,
		oracleOfRoundsMs,
		report:
			contender === "middy-lambda-warmer" ? await reportOf(lambda) : undefined,
	};
};

const measureCell = async (
	contender: Contender,
	model: ModelName,
	concurrency: number,
	{ seed, pings, reuse }: { seed: number; pings: number; reuse: Reuse },
): Promise<CoverageRow> => {
	await using lambda = await startLocalLambda({
		functions: {
			api: {
				handler: new URL(
					`handlers/${contenders[contender].handler}`,
					import.meta.url,
				),
				timeoutMs: 30_000,
			},
		},
		seed,
		reuse,
		delivery: models[model],
	});
	const measured: Ping[] = [];
	for (let ping = 0; ping < pings; ping++) {
		measured.push(await measurePing(lambda, contender, concurrency));
	}
	const settled = measured.slice(settledFrom - 1);
	const warmed = sum(settled.map(({ reached }) => reached));
	const billedPerEnvironment =
		sum(settled.map(({ billedMs }) => billedMs)) / warmed;
	const perEnvironment = (oracle: "oracleMs" | "oracleOfRoundsMs") => {
		const known = settled.flatMap((ping) => ping[oracle] ?? []);
		return known.length === settled.length
			? sum(known) / settled.length / concurrency
			: null;
	};
	const oraclePerEnvironment = perEnvironment("oracleMs");
	const oracleOfRounds = perEnvironment("oracleOfRoundsMs");
	const reports = measured.flatMap(({ report }) => report ?? []);
	return {
		contender,
		model,
		concurrency,
		pings,
		fullPings: measured.filter(({ reached }) => reached === concurrency).length,
		coverage: mean(measured.map(({ reached }) => reached / concurrency)),
		misreported: reports.length
			? measured.filter(({ reached, report }) => report?.warmed !== reached)
					.length
			: null,
		billedPerEnvironment,
		oraclePerEnvironment,
		ratioToOracle:
			oraclePerEnvironment && billedPerEnvironment / oraclePerEnvironment,
		ratioToOracleOfRounds:
			oracleOfRounds && billedPerEnvironment / oracleOfRounds,
		roundsMean: reports.length
			? mean(settled.map(({ report }) => report?.rounds ?? Number.NaN))
			: null,
		answeredMs: median(settled.map(({ answeredMs }) => answeredMs)),
	};
};

/** Which idle environment serves a request; Lambda does not say, and the first is the hardest on a warmer. */
const reuses: Reuse[] = ["most-recent", "random", "least-recent"];

const { values } = parseArgs({
	options: {
		quick: { type: "boolean", default: false },
		seed: { type: "string", default: "1" },
		pings: { type: "string" },
		concurrency: { type: "string" },
		model: { type: "string" },
		contender: { type: "string", default: Object.keys(contenders).join() },
		reuse: { type: "string", default: "most-recent" },
		out: { type: "string", default: "coverage" },
	},
});
const {
	quick,
	pings: pingsInARow = quick ? "6" : "20",
	concurrency: numbers = quick ? "5,10" : "5,10,20,50",
	model: modelNames = quick ? "calm" : Object.keys(models).join(),
} = values;

const listed = <Name extends string>(
	list: string,
	known: Record<Name, unknown>,
): Name[] =>
	(Object.keys(known) as Name[]).filter((name) =>
		list.split(",").includes(name),
	);

const format = (number: number | null, digits: number): string =>
	number === null ? "" : number.toFixed(digits);

const markdown = (rows: CoverageRow[]): string => {
	const billedByLambdaWarmer = ({ model, concurrency }: CoverageRow) =>
		rows.find(
			(row) =>
				row.contender === "lambda-warmer" &&
				row.model === model &&
				row.concurrency === concurrency,
		)?.billedPerEnvironment;
	const lines = rows.map((row) => {
		const other = billedByLambdaWarmer(row);
		return [
			row.model,
			row.concurrency,
			row.contender,
			`${format(100 * row.coverage, 0)} %`,
			`${row.fullPings} of ${row.pings}`,
			format(row.misreported, 0),
			format(row.billedPerEnvironment, 1),
			format(row.oraclePerEnvironment, 1),
			format(row.ratioToOracle, 2),
			format(row.ratioToOracleOfRounds, 2),
			other ? format(row.billedPerEnvironment / other, 2) : "",
			format(row.roundsMean, 2),
			format(row.answeredMs, 0),
		];
	});
	return table(
		[
			"model",
			"N:",
			"",
			"coverage:",
			"full pings:",
			"misreported:",
			"billed ms per environment:",
			"oracle, ms:",
			"÷ oracle:",
			"÷ oracle of the rounds made:",
			"÷ lambda-warmer:",
			"rounds:",
			"answered after, ms:",
		],
		lines,
	);
};

const reuse = reuses.find((known) => known === values.reuse);
if (!reuse) throw new Error(`--reuse takes ${reuses.join(", ")}`);
const seed = Number(values.seed);
const pings = Number(pingsInARow);
const rows: CoverageRow[] = [];
const cells = listed(modelNames, models).flatMap((model) =>
	numbers
		.split(",")
		.flatMap((concurrency) =>
			listed(values.contender, contenders).map(
				(contender) => [contender, model, Number(concurrency)] as const,
			),
		),
);
for (const [index, [contender, model, concurrency]] of cells.entries()) {
	const row = await measureCell(contender, model, concurrency, {
		seed,
		pings,
		reuse,
	});
	rows.push(row);
	console.log(
		`${index + 1}/${cells.length} ${model} N=${concurrency} ${contender}: ${format(100 * row.coverage, 0)} %, ${format(row.billedPerEnvironment, 1)} ms per environment${row.ratioToOracle ? `, ${format(row.ratioToOracle, 2)} times the oracle` : ""}`,
	);
}

const nine = rows.filter(
	({ contender, concurrency }) =>
		contender === "middy-lambda-warmer" && concurrency <= 20,
);
const meanOf = (ratio: "ratioToOracle" | "ratioToOracleOfRounds") =>
	format(mean(nine.map((row) => row[ratio] ?? Number.NaN)), 2);
const summary =
	nine.length > 0
		? `Ours, mean over the ${nine.length} cells up to N = 20: ${meanOf("ratioToOracle")} times the oracle, ${meanOf("ratioToOracleOfRounds")} times the oracle of the rounds made; full coverage in ${sum(nine.map(({ fullPings }) => fullPings))} of ${sum(nine.map((row) => row.pings))} pings.`
		: "";
await writeResults(
	values.out,
	{ seed, reuse, rows },
	`# Coverage and cost

\`npm run bench -- coverage\`: ${pings} pings in a row, seed ${seed}, ${reuse} environment reused first; cost from ping ${settledFrom} on, INIT excluded. The oracle makes one round, and holds every environment exactly until its last child has arrived; the oracle of the rounds made does so for each round, repairs included.

${markdown(rows)}

${summary}`,
);
