/**
 * Whom does warming hurt? While a ping holds the warm environments, a business request may find none idle, and has a cold
 * start that it would not have had. How many do, with requests that come at random.
 */

import { setTimeout as wait } from "node:timers/promises";
import {
	bundledRuntime,
	type InvocationRecord,
	type LocalLambda,
	startLocalLambda,
} from "../local-lambda/index.js";
import { nodeBinary } from "../scripts/installed.js";
import { table } from "../scripts/markdown.js";
import { type Contender, lambdaWarmer, ours } from "./contenders.js";
import { models } from "./models.js";
import { fixed } from "./numbers.js";
import { nodeVersion } from "./pings.js";
import { poissonGaps } from "./poisson.js";
import { progress } from "./progress.js";
import type { Part, Settings } from "./results.js";
import { mean, sum } from "./statistics.js";

const contenders = [ours, lambdaWarmer];

/** With half a processor, a ping is not all processor time. */
const memoryMb = 1024;

/** A business request is served so long (ms). */
const serviceMs = 20;

/** Environments to keep warm. */
const concurrency = 10;

/** Pings without business requests, with which the fleet becomes warm and ours learns its hold. */
const settling = 5;

/**
 * Nothing happens in the minutes between pings but that environments which nobody uses are shut down. So the interval is
 * compressed, and the idle time with it; the hold is not.
 */
const intervalMs = 1000;
const idleExpiryMs = 1.5 * intervalMs;

/** The schedule's interval (s) that shares are given for. */
const realInterval = 300;

/** `bench/results/collateral.json`. */
export interface CollateralResults {
	seed: number;
	concurrency: number;
	pings: number;
	rows: {
		contender: string;
		/** Business requests (mean) per second. */
		rate: number;
		/** Business requests in all. */
		requests: number;
		/** Those that came while a ping was being served. */
		duringPings: number;
		/** Those that met a cold start while an environment was held that would have served them. */
		coldForPings: number;
		/** The other cold starts: more requests at once than environments. */
		coldOtherwise: number;
		coldPerPing: number;
		/** Share of all business requests, with a ping every five minutes. */
		shareAtRealInterval: number;
		/** Mean distinct environments that a ping reached ÷ asked for. */
		coverage: number;
		/** Mean ms that a ping holds an environment. */
		heldMs: number;
	}[];
}
type Row = CollateralResults["rows"][number];

const isPing = ({ payload }: InvocationRecord): boolean =>
	(payload as { warmer?: boolean } | undefined)?.warmer === true;

const startOf = ({ startedAt = Number.NaN }: InvocationRecord) => startedAt;
const endOf = ({ endedAt = Number.NaN }: InvocationRecord) => endedAt;

/** Whether an environment was serving a ping when a request was accepted. */
const heldAt = (time: number, pings: readonly InvocationRecord[]): boolean =>
	pings.some((ping) => startOf(ping) <= time && time <= endOf(ping));

/** How many distinct environments each ping reached. Its children come after it, and before the next one. */
const reachedPerPing = (warming: readonly InvocationRecord[]): number[] => {
	const pings: Set<string | undefined>[] = [];
	for (const { via, environment } of warming) {
		if (via === "direct") pings.push(new Set());
		pings.at(-1)?.add(environment);
	}
	return pings.map(({ size }) => size);
};

const ping = (lambda: LocalLambda) =>
	lambda.invoke("api", { warmer: true, concurrency });

/** Sends business requests until it is told to stop. */
const traffic = (lambda: LocalLambda, rate: number, seed: number) => {
	const gap = poissonGaps(rate, seed);
	const answers: Promise<unknown>[] = [];
	let due = performance.now();
	let timer: NodeJS.Timeout;
	const next = () => {
		due += gap();
		timer = setTimeout(() => {
			answers.push(lambda.invoke("api", { serviceMs }));
			next();
		}, due - performance.now());
	};
	next();
	return async () => {
		clearTimeout(timer);
		await Promise.all(answers);
	};
};

const measureCell = async (
	contender: Contender,
	rate: number,
	{
		seed,
		pings,
		step,
	}: { seed: number; pings: number; step: (what: string) => void },
): Promise<Row> => {
	const { api } = await contender.functions(concurrency);
	if (!api) throw new Error(`${contender.name} has no function`);
	const runtime = [await nodeBinary(nodeVersion), bundledRuntime] as const;
	await using lambda = await startLocalLambda({
		functions: { api: { ...api, runtime, memoryMb, timeoutMs: 10_000 } },
		tls: {},
		seed,
		delivery: models.typical,
		idleExpiryMs,
	});
	for (let number = 0; number < settling; number++) {
		await ping(lambda);
		await lambda.settle();
	}
	lambda.reset();
	const stop = traffic(lambda, rate, seed);
	const answers: Promise<unknown>[] = [];
	for (let number = 0; number < pings; number++) {
		await wait(intervalMs);
		answers.push(ping(lambda));
		step(`${contender.name}, ${rate} a second`);
	}
	await wait(intervalMs);
	await stop();
	await Promise.all(answers);
	await lambda.settle();

	const served = lambda.invocations;
	const warming = served.filter(isPing);
	const business = served.filter((record) => !isPing(record));
	const cold = business.filter(({ coldStart }) => coldStart);
	const coldForPings = cold.filter(({ acceptedAt }) =>
		heldAt(acceptedAt, warming),
	).length;
	return {
		contender: contender.name,
		rate,
		requests: business.length,
		duringPings: business.filter(({ acceptedAt }) =>
			heldAt(acceptedAt, warming),
		).length,
		coldForPings,
		coldOtherwise: cold.length - coldForPings,
		coldPerPing: coldForPings / pings,
		shareAtRealInterval: coldForPings / pings / (rate * realInterval),
		coverage: mean(reachedPerPing(warming)) / concurrency,
		heldMs:
			sum(warming.map((one) => endOf(one) - startOf(one))) / warming.length,
	};
};

const measure = async ({
	quick,
	seed,
	pings = quick ? 2 : 40,
}: Settings): Promise<CollateralResults> => {
	const cells = (quick ? [20] : [20, 100]).flatMap((rate) =>
		contenders.map((contender) => ({ contender, rate })),
	);
	const step = progress("collateral", cells.length * pings);
	const rows: Row[] = [];
	for (const { contender, rate } of cells) {
		rows.push(await measureCell(contender, rate, { seed, pings, step }));
	}
	return { seed, concurrency, pings, rows };
};

export const collateral: Part<CollateralResults> = {
	title: "Collateral",
	measure,
	markdown: ({ seed, pings, rows }) =>
		`${pings} pings of ${concurrency} environments of ${memoryMb} MB with \`typical\` delivery, seed ${seed}, while business requests of ${serviceMs} ms come at random (Poisson). A cold start counts as the ping's doing if an environment was held at that moment, which would have served the request. An environment is shut down when it has been idle for one and a half of the intervals between pings, which are compressed to a second. The share is that of all business requests with a ping every ${realInterval / 60} minutes.

${table(
	[
		"requests per second:",
		"",
		"cold starts per ping:",
		"in all, while environments were held:",
		"of requests that came then:",
		"other cold starts:",
		"share of all requests:",
		"environments reached:",
		"held, ms:",
	],
	rows.map((row) => [
		row.rate,
		row.contender,
		fixed(row.coldPerPing, 2),
		row.coldForPings,
		row.duringPings,
		row.coldOtherwise,
		`${fixed(100 * row.shareAtRealInterval, 4)} %`,
		`${fixed(100 * row.coverage)} %`,
		fixed(row.heldMs),
	]),
)}`,
};
