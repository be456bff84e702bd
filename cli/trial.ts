import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { WarmupReport } from "middy-lambda-warmer";
import { type FunctionOptions, type InvokeResult, type LocalLambda, startLocalLambda } from "../local-lambda/index.js";
import { DELIVERY_MODELS, type ModelName } from "./delivery-models.js";
import { readAnswer } from "./report-text.js";
import { type Moment, type Timeline, timelineOf } from "./timeline-model.js";

/** As many as this machine can start without one slowing another down much. */
const startsAtOnce = 2 * availableParallelism();

/** Long enough for a frozen environment to be seen in the timeline (ms). */
const pauseMs = 250;

/** What is tried, and how. */
export interface Trial {
	/** The function's name, which its environments are numbered under. */
	name: string;
	fn: FunctionOptions;
	/** A business request. */
	event: unknown;
	delivery: ModelName;
	/** The names of a ping's fields. */
	fields: { flag: string; concurrency: string; test: string };
}

/** What a business request met. */
export interface Answer {
	environment: string;
	coldStart: boolean;
	durationMs: number;
	/** Type and message, if the request failed. */
	error: string | undefined;
}

/** What came of a ping. */
export interface PingAnswer {
	durationMs: number;
	/** Distinct environments that served it, as the local Lambda counts them. */
	reached: number;
	/** How many of them had to start. */
	cold: number;
	/** Undefined if the function did not answer with one. */
	report: WarmupReport | undefined;
}

/** What the function did when it was asked to answer a ping without a fan-out. */
export type Probe = { kind: "ready" } | { kind: "not loaded" | "failed" | "no ping"; message: string };

/** The function on a local Lambda of its own. */
export interface TriedFunction {
	probe(): Promise<Probe>;
	/** Business requests, all sent at once. */
	request(step: number, count: number): Promise<Answer[]>;
	/** A ping such as a schedule sends. */
	ping(step: number, label: string, concurrency: number): Promise<PingAnswer>;
	/** How long the environments took from the start of the process to the first invocation (ms). */
	initTimes(): number[];
	timeline(title: string): Timeline;
	/**
	 * How the memory's share of a processor is kept to; `none` where this system has no means, or no memory was named.
	 */
	confinement: LocalLambda["confinement"];
	/** What the handler has logged since the last call, a line each. */
	logs(): string[];
}

/**
 * Starts the function without any environment, and stops it when the story has ended.
 *
 * @param signal ends the story early; what this returns then rejects with its reason, and nothing is left running
 */
export const withFreshFunction = async <Ending>(
	trial: Trial,
	signal: AbortSignal,
	story: (fn: TriedFunction) => Promise<Ending>,
): Promise<Ending> => {
	signal.throwIfAborted();
	const options = {
		functions: { [trial.name]: trial.fn },
		delivery: DELIVERY_MODELS[trial.delivery],
		seed: 1,
		startsAtOnce,
	};
	// Over TLS, as Lambda is reached, where there is a command to make a certificate with.
	const lambda = await startLocalLambda({ ...options, tls: {} }).catch(() => startLocalLambda(options));
	try {
		return await Promise.race([story(triedFunction(lambda, trial, signal)), abortion(signal)]);
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

const triedFunction = (lambda: LocalLambda, { name, event, fields }: Trial, signal: AbortSignal): TriedFunction => {
	const moments: Moment[] = [];
	let logged = 0;

	const mark = (step: number, label: string) => moments.push({ time: lambda.timeline.now(), step, label });

	/** Every environment is frozen, for long enough to be seen. A story that was ended early goes no further. */
	const rest = async () => {
		await lambda.settle();
		await sleep(pauseMs, undefined, { signal });
	};

	return {
		async probe() {
			const ping = { [fields.flag]: true, [fields.test]: true };
			const result = await lambda.invoke(name, ping);
			const message = errorOf(result);
			if (message !== undefined) {
				const started = lambda.invocations[0]?.startedAt !== undefined;
				return { kind: started ? "failed" : "not loaded", message };
			}
			const text = result.rawPayload.toString();
			return readAnswer(text).kind === "other" ? { kind: "no ping", message: text } : { kind: "ready" };
		},
		async request(step, count) {
			mark(step, `${count} requests`);
			const results = await Promise.all(Array.from({ length: count }, () => lambda.invoke(name, event)));
			await rest();
			return results.map((result) => {
				const { environment, coldStart, durationMs } = result;
				return { environment, coldStart, durationMs, error: errorOf(result) };
			});
		},
		async ping(step, label, concurrency) {
			mark(step, label);
			const before = lambda.invocations.length;
			const { rawPayload, durationMs } = await lambda.invoke(name, {
				[fields.flag]: true,
				[fields.concurrency]: concurrency,
				report: true,
			});
			await rest();
			const served = lambda.invocations
				.slice(before)
				.filter(({ status, error }) => status === 200 && error === undefined);
			const answer = readAnswer(rawPayload.toString());
			return {
				durationMs,
				reached: new Set(served.map(({ environment }) => environment)).size,
				cold: served.filter(({ coldStart }) => coldStart).length,
				report: answer.kind === "report" ? answer.report : undefined,
			};
		},
		confinement: lambda.confinement,
		initTimes: () => lambda.invocations.flatMap(({ initMs }) => initMs ?? []),
		timeline: (title) => ({ ...timelineOf(lambda, moments, fields.flag), title }),
		logs() {
			const lines = lambda.logs.slice(logged);
			logged = lambda.logs.length;
			return lines.map(
				({ environment, level, message }) =>
					`${environment} ${level} ${typeof message === "string" ? message : JSON.stringify(message)}`,
			);
		},
	};
};

/** The type and message of a function error or a refusal; undefined for an answer. */
const errorOf = ({ status, functionError, payload }: InvokeResult): string | undefined => {
	if (status === 200 && functionError === undefined) return undefined;
	const { errorType = `status ${status}`, errorMessage = "" } = Object(payload);
	return `${errorType}: ${errorMessage}`;
};

/** How many of these met a cold start. */
export const coldStarts = (answers: readonly Answer[]): number => answers.filter(({ coldStart }) => coldStart).length;
