/**
 * What does it take the initiator to invoke its children? Processor time per child, and how far apart they arrive, with
 * the initiator confined to the share of a processor that a small function has.
 */

import { parseArgs } from "node:util";
import { type LocalLambda, startLocalLambda } from "../local-lambda/index.js";
import { table } from "../scripts/markdown.js";
import type { WarmupReport } from "../src/index.js";
import { logged } from "./logged.js";
import { fixed } from "./numbers.js";
import { progress } from "./progress.js";
import { writeResults } from "./results.js";
import { type Spread, spread } from "./statistics.js";

/** Pings that load the SDK and set the hold. */
const settling = 3;

const contenders = {
	"middy-lambda-warmer": {
		initiator: "workers/initiator-ours.mjs",
		child: "handlers/ours.mjs",
	},
	"lambda-warmer": {
		initiator: "workers/initiator-lambda-warmer.mjs",
		child: "handlers/lambda-warmer.mjs",
	},
};
type Contender = keyof typeof contenders;

/** `bench/results/fan-out.json`. Times in ms. */
export interface FanOutResults {
	/** How the initiator is confined. */
	method: string;
	pings: number;
	rows: {
		contender: Contender;
		/** Children of a ping (count). */
		children: number;
		/** Of the function whose share of a processor the initiator has. */
		memoryMb: number;
		/** Processor time of the initiator per invocation that it sends, the first ping with the SDK's loading. */
		firstCpuPerChild: number;
		cpuPerChild: Spread;
		/** From the first child's arrival at the Invoke API to the last one's, of the first round. */
		arrivalSpread: Spread;
		/** From the beginning of the ping to the last child's arrival, of the first round. */
		allArrived: Spread;
		/** Rounds (count); null where there is no report. */
		rounds: Spread | null;
		/** Distinct environments reached (count). */
		reached: Spread;
		/** Until the ping is answered. */
		answered: Spread;
	}[];
}
type Row = FanOutResults["rows"][number];

interface Ping {
	cpuPerChild: number;
	arrivalSpread: number;
	allArrived: number;
	rounds: number | undefined;
	reached: number;
	answered: number;
}

const ping = async (lambda: LocalLambda, children: number): Promise<Ping> => {
	lambda.reset();
	const { durationMs } = await lambda.invoke("initiator", {
		warmer: true,
		concurrency: children,
		target: "api",
	});
	await lambda.settle();
	const sent = lambda.invocations.filter(({ via }) => via === "api");
	const arrivals = sent.slice(0, children).map(({ acceptedAt }) => acceptedAt);
	const last = Math.max(...arrivals);
	const cpu = logged<{ ms: number }>(lambda, "cpu");
	const report = logged<WarmupReport>(lambda, "warmer-report");
	const begun = lambda.invocations[0]?.startedAt;
	return {
		cpuPerChild: (cpu?.ms ?? Number.NaN) / sent.length,
		arrivalSpread: last - Math.min(...arrivals),
		allArrived: last - (begun ?? Number.NaN),
		rounds: report?.rounds,
		reached: new Set(sent.map(({ pid }) => pid)).size,
		answered: durationMs,
	};
};

let method = "";

const measure = async (
	contender: Contender,
	children: number,
	memoryMb: number,
	{ pings, step }: { pings: number; step: (what: string) => void },
): Promise<Row> => {
	const { initiator, child } = contenders[contender];
	await using lambda = await startLocalLambda({
		functions: {
			initiator: {
				handler: new URL(initiator, import.meta.url),
				timeoutMs: 60_000,
				memoryMb,
			},
			api: { handler: new URL(child, import.meta.url), timeoutMs: 60_000 },
		},
		startsAtOnce: 2,
		tls: {},
	});
	method = lambda.confinement;
	const measured: Ping[] = [];
	for (let number = 0; number < pings; number++) {
		measured.push(await ping(lambda, children));
		step(`${contender}, ${children} children, ${memoryMb} MB`);
	}
	const settled = measured.slice(settling);
	const rounds = settled.flatMap(({ rounds = [] }) => rounds);
	return {
		contender,
		children,
		memoryMb,
		firstCpuPerChild: measured[0]?.cpuPerChild ?? Number.NaN,
		cpuPerChild: spread(settled.map(({ cpuPerChild }) => cpuPerChild)),
		arrivalSpread: spread(settled.map(({ arrivalSpread }) => arrivalSpread)),
		allArrived: spread(settled.map(({ allArrived }) => allArrived)),
		rounds: rounds.length ? spread(rounds) : null,
		reached: spread(settled.map(({ reached }) => reached)),
		answered: spread(settled.map(({ answered }) => answered)),
	};
};

const { values } = parseArgs({
	options: {
		quick: { type: "boolean", default: false },
		children: { type: "string" },
		memory: { type: "string" },
	},
});
const numbers = (list: string): number[] => list.split(",").map(Number);
const pings = values.quick ? settling + 2 : settling + 6;
const cells = numbers(values.memory ?? (values.quick ? "512" : "128,512"))
	.flatMap((memoryMb) =>
		numbers(values.children ?? (values.quick ? "10" : "10,50,100")).map(
			(children) => ({ memoryMb, children }),
		),
	)
	.flatMap((cell) =>
		(Object.keys(contenders) as Contender[]).map((contender) => ({
			...cell,
			contender,
		})),
	);
const step = progress("fan-out", cells.length * pings);
const rows: Row[] = [];
for (const { contender, children, memoryMb } of cells) {
	rows.push(await measure(contender, children, memoryMb, { pings, step }));
}
const results: FanOutResults = { method, pings: pings - settling, rows };

await writeResults(
	"fan-out",
	results,
	`# Fan-out

\`npm run bench -- fan-out\`: the initiator invokes another function through HTTPS, as on Lambda, and has the processor time of a function of so much memory (${method}). No delivery delay: how far apart the children arrive is the initiator's doing alone. Medians of ${pings - settling} pings, after ${settling} that are not counted.

${table(
	[
		"memory, MB:",
		"children:",
		"",
		"processor time per child, ms:",
		"in the first ping:",
		"last arrival after the first, ms:",
		"after the ping, ms:",
		"rounds:",
		"environments reached:",
		"answered after, ms:",
	],
	rows.map((row) => [
		row.memoryMb,
		row.children,
		row.contender,
		fixed(row.cpuPerChild.median, 2),
		fixed(row.firstCpuPerChild, 2),
		fixed(row.arrivalSpread.median),
		fixed(row.allArrived.median),
		row.rounds ? fixed(row.rounds.median) : "",
		fixed(row.reached.median),
		fixed(row.answered.median),
	]),
)}`,
);
