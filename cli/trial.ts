import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { WarmupReport } from "middy-lambda-warmer";
import { type FunctionOptions, type InvokeResult, type LocalLambda, startLocalLambda } from "../local-lambda/index.js";
import { DELIVERY_MODELS, type ModelName } from "./delivery-models.js";
import { parseReply } from "./ping-reply.js";
import { type Moment, type Timeline, timelineOf } from "./timeline-model.js";

/** Environments that start in parallel. With more of them, they would slow each other down. */
const MAX_PARALLEL_STARTS = 2 * availableParallelism();

/** Pause after each step, long enough to show frozen environments in the timeline. */
const PAUSE_MS = 250;

/** The function to try, and what it is invoked with. */
export interface TrialOptions {
	/** Name of the function; its environments are named after it and numbered. */
	name: string;
	fn: FunctionOptions;
	/** Event of a request. */
	event: unknown;
	delivery: ModelName;
	/** The names of a ping's fields. */
	fields: { flag: string; concurrency: string; test: string };
}

/** How a request was served. */
export interface RequestResult {
	environment: string;
	coldStart: boolean;
	durationMs: number;
	/** Type and message, if the request failed. */
	error: string | undefined;
}

/** How a ping was served. */
export interface TrialPingResult {
	durationMs: number;
	/** Distinct environments that served it, as the local Lambda counts them. */
	reached: number;
	/** How many of them had to start. */
	cold: number;
	/** Undefined if the function's answer is not a report. */
	report: WarmupReport | undefined;
}

/** How the function answered a ping that invokes nothing. */
export type ProbeResult = { kind: "ready" } | { kind: "not loaded" | "failed" | "not recognized"; message: string };

/** A function on a local Lambda of its own. */
export interface TrialFunction {
	probe(): Promise<ProbeResult>;
	/** Sends requests simultaneously. */
	request(step: number, count: number): Promise<RequestResult[]>;
	/** Sends a ping like a schedule's. */
	ping(step: number, label: string, concurrency: number): Promise<TrialPingResult>;
	/** From the start of each environment's process to its first invocation, in ms. */
	initDurationsMs(): number[];
	timeline(title: string): Timeline;
	/** How CPU is limited; `none` if no memory is configured, or this system cannot limit it. */
	confinement: LocalLambda["confinement"];
	/** The lines that the handler has logged since the last call. */
	takeLogs(): string[];
}

/**
 * Runs a story with a fresh copy of the function, which has no environments yet, and stops the function afterwards.
 *
 * @param signal ends the story early: the promise rejects with its reason, and nothing is left running
 */
export const withTrialFunction = async <Result>(
	options: TrialOptions,
	signal: AbortSignal,
	story: (fn: TrialFunction) => Promise<Result>,
): Promise<Result> => {
	signal.throwIfAborted();
	const lambdaOptions = {
		functions: { [options.name]: options.fn },
		delivery: DELIVERY_MODELS[options.delivery],
		seed: 1,
		startsAtOnce: MAX_PARALLEL_STARTS,
	};
	// Lambda is reached over TLS. That needs a certificate, which a system without openssl can't make.
	const lambda = await startLocalLambda({ ...lambdaOptions, tls: {} }).catch(() => startLocalLambda(lambdaOptions));
	try {
		return await Promise.race([story(createTrialFunction(lambda, options, signal)), rejectOnAbort(signal)]);
	} finally {
		await lambda.stop();
	}
};

const rejectOnAbort = (signal: AbortSignal): Promise<never> =>
	new Promise((_, reject) => {
		const abort = () => reject(signal.reason);
		if (signal.aborted) abort();
		else signal.addEventListener("abort", abort, { once: true });
	});

const createTrialFunction = (
	lambda: LocalLambda,
	{ name, event, fields }: TrialOptions,
	signal: AbortSignal,
): TrialFunction => {
	const moments: Moment[] = [];
	let logsTaken = 0;

	const markMoment = (step: number, label: string) => moments.push({ time: lambda.timeline.now(), step, label });

	/** Waits until every environment is frozen. Rejects if the story has been ended early, so that it stops here. */
	const pause = async () => {
		await lambda.settle();
		await sleep(PAUSE_MS, undefined, { signal });
	};

	return {
		async probe() {
			const ping = { [fields.flag]: true, [fields.test]: true };
			const result = await lambda.invoke(name, ping);
			const message = describeFailure(result);
			if (message !== undefined) {
				const hasStarted = lambda.invocations[0]?.startedAt !== undefined;
				return { kind: hasStarted ? "failed" : "not loaded", message };
			}
			const text = result.rawPayload.toString();
			return parseReply(text).kind === "other" ? { kind: "not recognized", message: text } : { kind: "ready" };
		},
		async request(step, count) {
			markMoment(step, `${count} requests`);
			const results = await Promise.all(Array.from({ length: count }, () => lambda.invoke(name, event)));
			await pause();
			return results.map((result) => {
				const { environment, coldStart, durationMs } = result;
				return { environment, coldStart, durationMs, error: describeFailure(result) };
			});
		},
		async ping(step, label, concurrency) {
			markMoment(step, label);
			const earlier = lambda.invocations.length;
			const ping = { [fields.flag]: true, [fields.concurrency]: concurrency, report: true };
			const { rawPayload, durationMs } = await lambda.invoke(name, ping);
			await pause();
			const served = lambda.invocations
				.slice(earlier)
				.filter(({ status, error }) => status === 200 && error === undefined);
			const reply = parseReply(rawPayload.toString());
			return {
				durationMs,
				reached: new Set(served.map(({ environment }) => environment)).size,
				cold: served.filter(({ coldStart }) => coldStart).length,
				report: reply.kind === "report" ? reply.report : undefined,
			};
		},
		confinement: lambda.confinement,
		initDurationsMs: () => lambda.invocations.flatMap(({ initMs }) => initMs ?? []),
		timeline: (title) => ({ ...timelineOf(lambda, moments, fields.flag), title }),
		takeLogs() {
			const lines = lambda.logs.slice(logsTaken);
			logsTaken = lambda.logs.length;
			return lines.map(
				({ environment, level, message }) =>
					`${environment} ${level} ${typeof message === "string" ? message : JSON.stringify(message)}`,
			);
		},
	};
};

/** Type and message of a function error or a refused invocation; undefined for a success. */
const describeFailure = ({ status, functionError, payload }: InvokeResult): string | undefined => {
	if (status === 200 && functionError === undefined) return undefined;
	const { errorType = `status ${status}`, errorMessage = "" } = Object(payload);
	return `${errorType}: ${errorMessage}`;
};

/** How many of these requests met a cold start. */
export const countColdStarts = (results: readonly RequestResult[]): number =>
	results.filter(({ coldStart }) => coldStart).length;
