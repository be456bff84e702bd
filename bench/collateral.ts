/**
 * How many cold starts do pings cause? While a ping holds the warm environments, a request may find none of them idle,
 * and then has a cold start. Requests arrive at random.
 */

import { setTimeout as wait } from "node:timers/promises";
import { DELIVERY_MODELS } from "../cli/delivery-models.js";
import { mean } from "../cli/statistics.js";
import { createRandom } from "../local-lambda/delivery.js";
import { bundledRuntime, type InvocationRecord, type LocalLambda, startLocalLambda } from "../local-lambda/index.js";
import { nodeBinary } from "../scripts/lib/installed.js";
import { fixed, table } from "../scripts/lib/markdown.js";
import { type Contender, lambdaWarmer, ours } from "./contenders.js";
import { nodeVersion } from "./pings.js";
import { poissonGaps } from "./poisson.js";
import { progress } from "./progress.js";
import type { Part, Settings } from "./results.js";

const contenders = [ours, lambdaWarmer];

/** With half a core, most of a ping's time is waiting. */
const memoryMb = 1024;

/** Duration of a request, in ms. */
const serviceMs = 20;

/** Environments to keep warm. */
const concurrency = 10;

/** Pings without requests: the environments become warm, and our package learns its hold. */
const settling = 5;

/**
 * Between pings, Lambda only shuts down unused environments. The interval and the idle expiry are therefore compressed
 * alike; holds are not.
 */
const intervalMs = 1000;
const idleExpiryMs = 1.5 * intervalMs;

/** The schedule's interval (s) that the shares are computed for. */
const realInterval = 300;

interface CollateralResults {
	seed: number;
	pings: number;
	rows: {
		contender: string;
		/** Mean requests per second. */
		rate: number;
		/** Requests that met a cold start while a ping held an environment that would have served them. */
		coldForPings: number;
		/** The other cold starts: more requests at once than environments. */
		coldOtherwise: number;
		/** Mean of environments that a ping reached ÷ requested. */
		coverage: number;
		/** Mean time that a ping holds an environment, in ms. */
		heldMs: number;
	}[];
}

const isPing = ({ payload }: InvocationRecord): boolean =>
	(payload as { warmer?: boolean } | undefined)?.warmer === true;

/** Sends requests at random times until the returned function is called. */
const traffic = (lambda: LocalLambda, rate: number, seed: number) => {
	const gap = poissonGaps(rate, createRandom(seed));
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

/** Runs pings, with requests between and during them, and returns all invocations. */
const observe = async (
	contender: Contender,
	rate: number,
	{ seed, pings }: { seed: number; pings: number },
	step: (what: string) => void,
): Promise<readonly InvocationRecord[]> => {
	const { api } = await contender.functions(concurrency);
	if (!api) throw new Error(`${contender.name} has no function`);
	const runtime = [await nodeBinary(nodeVersion), bundledRuntime] as const;
	await using lambda = await startLocalLambda({
		functions: { api: { ...api, runtime, memoryMb, timeoutMs: 10_000 } },
		tls: {},
		seed,
		delivery: DELIVERY_MODELS.typical,
		idleExpiryMs,
	});
	const ping = () => lambda.invoke("api", contender.event(concurrency));
	for (let number = 0; number < settling; number++) {
		await ping();
		await lambda.settle();
	}
	lambda.reset();
	const stop = traffic(lambda, rate, seed);
	const answers: Promise<unknown>[] = [];
	for (let number = 0; number < pings; number++) {
		await wait(intervalMs);
		answers.push(ping());
		step(`${contender.name}, ${rate} a second`);
	}
	await wait(intervalMs);
	await stop();
	await Promise.all(answers);
	await lambda.settle();
	return [...lambda.invocations];
};

const measure = async ({ quick, seed, pings = quick ? 2 : 40 }: Settings): Promise<CollateralResults> => {
	const rates = quick ? [20] : [20, 100];
	const step = progress("collateral", rates.length * contenders.length * pings);
	const rows: CollateralResults["rows"] = [];
	for (const rate of rates) {
		for (const contender of contenders) {
			const all = await observe(contender, rate, { seed, pings }, step);
			const warming = all.filter(isPing);
			const cold = all.filter((one) => one.coldStart && !isPing(one));
			const spans = warming.map(({ startedAt = NaN, endedAt = NaN }) => ({ startedAt, endedAt }));
			const coldForPings = cold.filter(({ acceptedAt: time }) =>
				spans.some((span) => span.startedAt <= time && time <= span.endedAt),
			).length;
			// A ping's children come after it, and before the next one.
			const reached: Set<string | undefined>[] = [];
			for (const { via, environment } of warming) {
				if (via === "direct") reached.push(new Set());
				reached.at(-1)?.add(environment);
			}
			rows.push({
				contender: contender.name,
				rate,
				coldForPings,
				coldOtherwise: cold.length - coldForPings,
				coverage: mean(reached.map(({ size }) => size)) / concurrency,
				heldMs: mean(spans.map((span) => span.endedAt - span.startedAt)),
			});
		}
	}
	return { seed, pings, rows };
};

export const collateral: Part<CollateralResults> = {
	title: "Collateral",
	measure,
	markdown: ({ seed, pings, rows }) =>
		`Cold starts that pings cause: ${pings} pings of ${concurrency} environments of ${memoryMb} MB, \`typical\` delivery, seed ${seed}. Meanwhile, requests of ${serviceMs} ms arrive at random (Poisson). The ping is blamed for a cold start if it held an environment at that moment. The interval between pings is compressed to one second, and an idle environment is shut down after one and a half intervals. The share is relative to all requests with a ping every ${realInterval / 60} minutes.

${table(
	[
		"requests per second:",
		"",
		"cold starts per ping:",
		"share of all requests:",
		"other cold starts:",
		"environments reached:",
		"held, ms:",
	],
	rows.map((row) => [
		row.rate,
		row.contender,
		fixed(row.coldForPings / pings, 2),
		`${fixed((100 * row.coldForPings) / pings / (row.rate * realInterval), 4)} %`,
		row.coldOtherwise,
		`${fixed(100 * row.coverage)} %`,
		fixed(row.heldMs),
	]),
)}`,
};
