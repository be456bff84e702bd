import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { WarmupReport } from "middy-lambda-warmer";
import {
	type LocalLambda,
	startLocalLambda,
} from "../../local-lambda/index.js";
import { type Moment, type Timeline, timelineOf } from "./timeline.js";

/** The delivery delay of the initiator's invocations (ms), and its seed: the same in every run. */
export const delivery = { median: 8, p99: 40 };
export const seed = 1;

const functionName = "api";

/** Many cold starts at once share this machine's cores, which no Lambda function has to (ms). */
const timeoutMs = 60_000;

/** As many as this machine can start without one slowing another down much. */
const startsAtOnce = 2 * availableParallelism();

/** Long enough for a frozen environment to be seen in the timeline (ms). */
const pauseMs = 250;

/** How often, every 5 ms, to look for a report that was written before the ping was answered. */
const mostLooks = 400;

/** What a business request met. */
export interface Answer {
	environment: string;
	coldStart: boolean;
	durationMs: number;
	/** Business requests that the environment had served by then, this one included; undefined if the request failed. */
	served: number | undefined;
	/** Error type of a request that failed. */
	error: string | undefined;
}

/** What came of a ping. */
export interface PingAnswer {
	/** What the function returned. */
	payload: unknown;
	durationMs: number;
	/** Undefined if the initiator did not write one. */
	report: WarmupReport | undefined;
}

/** The example API on a local Lambda of its own. */
export interface ExampleFunction {
	/** Business requests, all sent at once. */
	request(step: number, count: number): Promise<Answer[]>;
	/** A ping such as a schedule sends. */
	ping(step: number, concurrency: number): Promise<PingAnswer>;
	/** How long the environments took from the start of the process to the first invocation (ms). */
	initTimes(): number[];
	timeline(): Timeline;
}

/** Everything that happened to the functions. */
export interface Result {
	concurrency: number;
	cold: Answer[];
	ping: PingAnswer;
	warm: Answer[];
	nextPing: PingAnswer;
}

/**
 * Starts the example API without any environment, and stops it when the story has ended.
 *
 * @param signal ends the story early; what this returns then rejects with its reason, and nothing is left running
 */
export const withFreshFunction = async <Ending>(
	signal: AbortSignal,
	story: (fn: ExampleFunction) => Promise<Ending>,
): Promise<Ending> => {
	const lambda = await startLocalLambda({
		functions: {
			[functionName]: {
				handler: new URL("api.mjs", import.meta.url),
				timeoutMs,
			},
		},
		delivery: { RequestResponse: delivery },
		seed,
		startsAtOnce,
	});
	try {
		return await Promise.race([
			story(exampleFunction(lambda, signal)),
			abortion(signal),
		]);
	} finally {
		await lambda.stop();
	}
};

const abortion = (signal: AbortSignal): Promise<never> =>
	new Promise((_, reject) => {
		const abort = () => reject(signal.reason);
		if (signal.aborted) abort();
		else signal.addEventListener("abort", abort, { once: true });
	});

const exampleFunction = (
	lambda: LocalLambda,
	signal: AbortSignal,
): ExampleFunction => {
	const moments: Moment[] = [];
	let pings = 0;

	/** Every environment is frozen, for long enough to be seen. A story that was ended early goes no further. */
	const rest = async () => {
		await lambda.settle();
		await sleep(pauseMs, undefined, { signal });
	};

	return {
		async request(step, count) {
			moments.push({
				time: lambda.timeline.now(),
				step,
				label: `${count} requests`,
			});
			const event = { version: "2.0", queryStringParameters: { q: "oak" } };
			const results = await Promise.all(
				Array.from({ length: count }, () => lambda.invoke(functionName, event)),
			);
			await rest();
			return results.map(({ environment, coldStart, durationMs, payload }) => ({
				environment,
				coldStart,
				durationMs,
				...readPayload(payload),
			}));
		},
		async ping(step, concurrency) {
			pings++;
			moments.push({
				time: lambda.timeline.now(),
				step,
				label: pings === 1 ? "ping" : "next ping",
			});
			const { payload, durationMs } = await lambda.invoke(functionName, {
				warmer: true,
				concurrency,
			});
			await rest();
			let report = reportsOf(lambda)[pings - 1];
			for (let look = 0; !report && look < mostLooks; look++) {
				await sleep(5, undefined, { signal });
				report = reportsOf(lambda)[pings - 1];
			}
			return { payload, durationMs, report };
		},
		initTimes: () => lambda.invocations.flatMap(({ initMs }) => initMs ?? []),
		timeline: () => timelineOf(lambda, moments),
	};
};

const readPayload = (payload: unknown): Pick<Answer, "served" | "error"> => {
	const { statusCode, body, errorType } = payload as Record<string, unknown>;
	return statusCode === 200
		? { served: JSON.parse(String(body)).served, error: undefined }
		: { served: undefined, error: String(errorType) };
};

const reportsOf = ({ logs }: LocalLambda): WarmupReport[] =>
	logs.flatMap(({ message }) => {
		const entry = message as WarmupReport | null;
		return entry?.action === "warmer-report" ? entry : [];
	});

/** How many of these met a cold start. */
export const coldStarts = (answers: readonly Answer[]): number =>
	answers.filter(({ coldStart }) => coldStart).length;

/** What did not come out as the demo claims, in plain words; empty if everything did. */
export const brokenClaims = ({
	concurrency,
	cold,
	ping,
	warm,
	nextPing,
}: Result): string[] => {
	const failed = [...cold, ...warm].filter(
		({ served }) => served === undefined,
	);
	const metCold = coldStarts(cold);
	const metWarm = coldStarts(warm);
	const reused = new Set(warm.map(({ environment }) => environment)).size;
	const claims: [broken: boolean, message: string][] = [
		[failed.length > 0, `${failed.length} business requests failed`],
		[
			metCold !== concurrency,
			`${metCold} of ${concurrency} requests to the cold function met a cold start`,
		],
		...[ping, nextPing].map(({ payload, report }): [boolean, string] => [
			payload !== "warmed" || report?.warmed !== concurrency,
			`a ping warmed ${report?.warmed ?? 0} of ${concurrency} environments`,
		]),
		[
			metWarm > 0,
			`${metWarm} of ${concurrency} requests after the ping met a cold start`,
		],
		[
			reused !== concurrency,
			`${reused} environments served the ${concurrency} requests after the ping`,
		],
		[
			warm.some(({ served = 1 }) => served !== 1),
			"the business handler ran for the ping",
		],
	];
	const errors = [
		...failed.map(({ error = "" }) => error),
		...[ping, nextPing].flatMap(({ report }) =>
			(report?.errors ?? []).map(({ message }) => message),
		),
	];
	if (errors.some((error) => error.includes("Sandbox.Timedout"))) {
		claims.push([
			true,
			"this machine is too slow or too busy to start so many environments within Lambda's 10 s, try a smaller --concurrency",
		]);
	}
	return claims.flatMap(([broken, message]) => (broken ? [message] : []));
};
