/** Runs consecutive pings of a function with a given memory, over TLS. */

import { readdirSync, readFileSync } from "node:fs";
import { DELIVERY_MODELS, type DeliveryModel, type ModelName } from "../cli/delivery-models.js";
import { sum } from "../cli/statistics.js";
import { bundledRuntime, startLocalLambda } from "../local-lambda/index.js";
import { nodeBinary } from "../scripts/lib/installed.js";
import type { WarmupReport } from "../src/index.js";
import type { Contender } from "./contenders.js";
import { progress } from "./progress.js";
import type { Settings } from "./results.js";

/** The Node.js that the functions run on. */
export const nodeVersion = 24;

/** Pings until everything is loaded and the hold has adapted. */
export const settling = 4;

/** A function, and how often it is pinged. */
interface Place {
	memoryMb: number;
	/** The function's timeout. The default of SAM and the CDK is 3 s, at 128 MB. */
	timeoutMs: number;
	/** Environments requested. */
	concurrency: number;
	pings: number;
	/** Delivery. Default: no delay. */
	model?: ModelName;
}

/** Long enough for a small function. */
export const longTimeoutMs = 30_000;

/** The functions that are measured: a small one, a medium one and a full core, each with few and many environments. */
export const usualPlaces = ({ memory, concurrency, pings, quick }: Settings): Place[] =>
	(memory ?? [128, 512, 1769])
		.flatMap((memoryMb) =>
			(concurrency ?? [10, 50, ...(memoryMb === 1769 ? [300] : [])]).map((asked) => ({
				memoryMb,
				// On a machine with few cores, larger functions must not time out.
				timeoutMs: memoryMb === 128 ? 3000 : longTimeoutMs,
				concurrency: asked,
				pings: pings ?? settling + (quick ? 1 : asked > 100 ? 4 : 8),
			})),
		)
		.slice(0, quick ? 1 : undefined);

/** A function and the contender that warms it. */
type Cell<In extends Place> = In & { contender: Contender };

/** The result of one ping. Times in ms. */
export interface Ping {
	/** Distinct environments that served the ping to the end. */
	reached: number;
	/** Of all invocations, INIT excluded. */
	billedMs: number;
	/** Whether the initiator was answered before its timeout. */
	inTime: boolean;
	answeredMs: number;
	/** From the first arrival at the Invoke API to the last, for as many invocations as were requested. */
	spreadMs: number;
	/** Processor time of the initiator per invocation sent; undefined for an initiator that was started just now. */
	cpuPerChildMs: number | undefined;
	/** The report, if the contender writes one. */
	report: WarmupReport | undefined;
}

/** Processor time (ms) of all threads of a process; undefined if it is gone. */
const processorTime = (pid: number): number | undefined => {
	try {
		const tasks = readdirSync(`/proc/${pid}/task`);
		const nanoseconds = tasks.map((task) => readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" "));
		return sum(nanoseconds.map(([ran]) => Number(ran))) / 1e6;
	} catch {
		return undefined;
	}
};

const reportOf = (payload: unknown): WarmupReport | undefined =>
	typeof payload === "string" && payload.startsWith("{") ? (JSON.parse(payload) as WarmupReport) : undefined;

const measurePings = async (
	{ contender, memoryMb, timeoutMs, concurrency, model, pings }: Cell<Place>,
	{ seed, step }: { seed: number; step: (what: string) => void },
): Promise<{ confinement: string; measured: Ping[] }> => {
	const delivery: Partial<DeliveryModel> = model ? DELIVERY_MODELS[model] : {};
	const runtime = [await nodeBinary(nodeVersion), bundledRuntime] as const;
	const functions = await contender.functions(concurrency);
	await using lambda = await startLocalLambda({
		functions: Object.fromEntries(
			Object.entries(functions).map(([name, options]) => [name, { ...options, runtime, memoryMb, timeoutMs }]),
		),
		seed,
		delivery,
		tls: {},
		startsAtOnce: 2,
	});
	const measured: Ping[] = [];
	const pids = new Set<number>();
	for (let number = 0; number < pings; number++) {
		lambda.reset();
		const before = new Map([...pids].map((pid) => [pid, processorTime(pid)] as const));
		const answer = await lambda.invoke(contender.pinged, contender.event(concurrency));
		await lambda.settle();
		const { invocations } = lambda;
		const [initiator] = invocations;
		const sent = invocations.filter(({ via }) => via === "api");
		const served = invocations.filter(({ functionName, error }) => functionName === "api" && !error);
		const arrivals = sent
			.slice(0, concurrency - (contender.pinged === "api" ? 1 : 0))
			.map(({ acceptedAt }) => acceptedAt);
		const pid = initiator?.pid ?? 0;
		const cpu = (processorTime(pid) ?? NaN) - (before.get(pid) ?? NaN);
		measured.push({
			reached: new Set(served.map(({ pid }) => pid)).size,
			billedMs: sum(invocations.map(({ billedMs = 0 }) => billedMs)),
			inTime: answer.functionError === undefined,
			answeredMs: answer.durationMs,
			spreadMs: Math.max(...arrivals) - Math.min(...arrivals),
			cpuPerChildMs: Number.isNaN(cpu) ? undefined : cpu / sent.length,
			report: reportOf(answer.payload),
		});
		for (const { pid } of invocations) if (pid) pids.add(pid);
		step(`${contender.name}, N = ${concurrency}, ${memoryMb} MB`);
	}
	return { confinement: lambda.confinement, measured };
};

/** Measures all cells. Returns how processor shares are enforced, and each cell's first and later pings. */
export const measureCells = async <In extends Place>(part: string, cells: readonly Cell<In>[], seed: number) => {
	const step = progress(part, sum(cells.map(({ pings }) => pings)));
	const runs: (Cell<In> & { first: Ping[]; settled: Ping[] })[] = [];
	let confinement = "";
	for (const cell of cells) {
		const run = await measurePings(cell, { seed, step });
		({ confinement } = run);
		const first = run.measured.slice(0, settling);
		runs.push({ ...cell, first, settled: run.measured.slice(settling) });
	}
	return { confinement, runs };
};
