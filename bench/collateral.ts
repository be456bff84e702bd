/**
 * Whom does warming hurt? While a ping holds the warm environments, a business request may find none idle, and has a
 * cold start that it would not have had. How many do, with requests that come at random.
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

/** With half a processor, a ping is not all processor time. */
const memoryMb = 1024;

/** A business request is served so long (ms). */
const serviceMs = 20;

/** Environments to keep warm. */
const concurrency = 10;

/** Pings without business requests, with which the fleet becomes warm and ours learns its hold. */
const settling = 5;

/**
 * Nothing happens in the minutes between pings but that environments which nobody uses are shut down. So the interval
 * is compressed, and the idle time with it; the hold is not.
 */
const intervalMs = 1000;
const idleExpiryMs = 1.5 * intervalMs;

/** The schedule's interval (s) that shares are given for. */
const realInterval = 300;

interface CollateralResults {
	seed: number;
	pings: number;
	rows: {
		contender: string;
		/** Business requests (mean) per second. */
		rate: number;
		/** Business requests that met a cold start while an environment was held that would have served them. */
		coldForPings: number;
		/** The other cold starts: more requests at once than environments. */
		coldOtherwise: number;
		/** Mean environments that a ping reached ÷ asked for. */
		coverage: number;
		/** Mean ms that a ping holds an environment. */
		heldMs: number;
	}[];
}

const isPing = ({ payload }: InvocationRecord): boolean =>
	(payload as { warmer?: boolean } | undefined)?.warmer === true;

/** Sends business requests at random until it is told to stop. */
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

/** Every invocation of some pings, with business requests between and during them. */
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
		`${pings} pings of ${concurrency} environments of ${memoryMb} MB with \`typical\` delivery, seed ${seed}, while business requests of ${serviceMs} ms come at random (Poisson). A cold start counts as the ping's doing if an environment was held at that moment, which would have served the request. An environment is shut down when it has been idle for one and a half of the intervals between pings, which are compressed to a second. The share is that of all business requests with a ping every ${realInterval / 60} minutes.

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
