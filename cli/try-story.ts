import { availableParallelism } from "node:os";
import { basename } from "node:path";
import { CommandError } from "./command-error.js";
import { DELIVERY_MODELS } from "./delivery-models.js";
import { drawHistogram } from "./histogram.js";
import { describeDemand, describeReport } from "./report-text.js";
import { median } from "./statistics.js";
import { formatMs, type Line, type Terminal } from "./terminal.js";
import type { Timeline } from "./timeline-model.js";
import { drawTimelines } from "./timeline-text.js";
import {
	countColdStarts,
	type ProbeResult,
	type RequestResult,
	type TrialFunction,
	type TrialOptions,
	type TrialPingResult,
	withTrialFunction,
} from "./trial.js";
import type { TryOptions } from "./try-options.js";

/** What the trial found. */
export interface TrialResult {
	cold: RequestResult[];
	ping: TrialPingResult;
	warm: RequestResult[];
	nextPing: TrialPingResult;
	timelines: [cold: Timeline, warmed: Timeline];
}

/** Runs the trial step by step, and prints each step. @throws CommandError if the handler cannot be tried */
export const tellStory = async (options: TryOptions, terminal: Terminal, signal: AbortSignal): Promise<TrialResult> => {
	const { trial, concurrency: count, logs } = options;
	const withFunction = <Result>(part: (fn: TrialFunction) => Promise<Result>): Promise<Result> =>
		withTrialFunction(trial, signal, async (fn) => {
			const result = await part(fn);
			if (logs) terminal.say(...fn.takeLogs().map((line): Line => [{ text: line, style: "dim" }]));
			return result;
		});

	terminal.status(`Loading ${basename(String(trial.fn.handler))}`);
	const { probe, confinement } = await withFunction(async (fn) => ({
		probe: await fn.probe(),
		confinement: fn.confinement,
	}));
	if (probe.kind !== "ready") throw new CommandError(explainRefusal(trial, probe));
	tellIntroduction(trial, confinement, terminal);

	const { cold, timeline } = await withFunction((fn) => tellColdRequests(fn, count, terminal));
	return withFunction(async (fn) => {
		const ping = await tellFirstPing(fn, options, terminal);
		const warm = await tellWarmRequests(fn, cold, terminal);
		const nextPing = await tellNextPing(fn, count, terminal);
		const timelines: TrialResult["timelines"] = [timeline, fn.timeline("With a ping")];
		terminal.heading("Timeline, one row per execution environment");
		terminal.say("", ...drawTimelines(timelines, terminal.width));
		return { cold, ping, warm, nextPing, timelines };
	});
};

/** Why the handler cannot be tried, and what to do. */
const explainRefusal = (
	{ name, fn, fields }: TrialOptions,
	{ kind, message }: Exclude<ProbeResult, { kind: "ready" }>,
): string => {
	const file = basename(String(fn.handler));
	if (message.startsWith("Runtime.HandlerNotFound")) {
		return `${file} does not export that function: ${message}. Name the handler with --export.`;
	}
	if (message.includes('Unknown file extension ".')) {
		return `Node.js ${process.version} cannot run TypeScript: use 22.18 or later, or bundle ${file} first.`;
	}
	if (kind === "not loaded") {
		return `${file} cannot be loaded: ${message.split("\n", 1)}. Use --logs to see where.`;
	}
	const ping = `{ "${fields.flag}": true, "${fields.test}": true }`;
	return kind === "failed"
		? `${name} failed on the ping ${ping}: ${message}. Make sure that the middleware is the first of the chain.`
		: `${name} treated the ping ${ping} as a request. Add the middleware, .use(warmup()), or name its event field with --flag.`;
};

const tellIntroduction = (
	{ name, fn: { memoryMb }, delivery }: TrialOptions,
	confinement: TrialFunction["confinement"],
	{ heading, tell }: Terminal,
): void => {
	const { median: medianMs, p99 } = DELIVERY_MODELS[delivery].RequestResponse;
	heading(`What a ping does to the cold starts of ${name}`);
	tell(
		`The function runs on a local stand-in for AWS Lambda. Each execution environment is a real process, frozen while it has nothing to do. They share this machine's ${availableParallelism()} cores, so simultaneous starts take longer here. The invocations that the function makes arrive after a random delay (${delivery}: median ${medianMs} ms, p99 ${p99} ms).`,
	);
	if (memoryMb === undefined) return;
	tell(
		confinement === "none"
			? "The memory has no effect: this user cannot create control groups on this system, so each environment has a whole core."
			: `After its start, each environment has the share of a core that Lambda gives for ${memoryMb} MB (${confinement}).`,
	);
};

const tellColdRequests = async (fn: TrialFunction, count: number, { heading, status, tell }: Terminal) => {
	heading(`Step 1: ${count} simultaneous requests to a cold function`);
	status("Sending requests");
	const cold = await fn.request(1, count);
	tell(...describeRequests(cold));
	const initDurationsMs = fn.initDurationsMs();
	// There are none if every start failed.
	if (initDurationsMs.length > 0) {
		tell(`The median start of an environment took ${formatMs(median(initDurationsMs))} ms.`);
	}
	return { cold, timeline: fn.timeline("Without a ping") };
};

const tellFirstPing = async (
	fn: TrialFunction,
	{ trial: { fields }, concurrency: count }: TryOptions,
	{ heading, status, tell }: Terminal,
): Promise<TrialPingResult> => {
	heading("Step 2: a ping to a fresh copy of the function");
	tell(`Its event is { "${fields.flag}": true, "${fields.concurrency}": ${count} }.`);
	status("Sending a ping");
	const ping = await fn.ping(2, "ping", count);
	tell(...describePing(ping, count));
	return ping;
};

const tellWarmRequests = async (
	fn: TrialFunction,
	cold: readonly RequestResult[],
	{ heading, status, say, tell, width }: Terminal,
): Promise<RequestResult[]> => {
	heading(`Step 3: ${cold.length} simultaneous requests to the warmed function`);
	status("Sending requests");
	const warm = await fn.request(3, cold.length);
	tell(...describeRequests(warm), "", "Latency in ms, one square per request:", "");
	say(
		...drawHistogram(
			[
				{ title: "cold function", style: "yellow", values: durationsMs(cold) },
				{ title: "after the ping", style: "green", values: durationsMs(warm) },
			],
			width,
		),
	);
	return warm;
};

const tellNextPing = async (
	fn: TrialFunction,
	count: number,
	{ heading, status, tell }: Terminal,
): Promise<TrialPingResult> => {
	heading("Step 4: the next ping finds the environments warm");
	tell(
		"Nothing has to start, so a child (an invocation that the ping makes) could answer at once, and the next child would reuse its environment. Therefore each child is held: it stays busy until all of them have arrived.",
	);
	status("Sending a ping");
	const ping = await fn.ping(4, "next ping", count);
	tell(...describePing(ping, count), ...(ping.report ? describeDemand(ping.report) : []));
	return ping;
};

const describeRequests = (results: readonly RequestResult[]): string[] => {
	const errors = results.flatMap(({ error }) => error ?? []);
	return [
		`${countColdStarts(results)} of ${results.length} met a cold start. The median request took ${formatMs(medianDurationMs(results))} ms.`,
		...(errors.length > 0
			? [`${errors.length} of them failed: ${errors[0]}. Use --event to send an event that the handler expects.`]
			: []),
	];
};

const describePing = ({ reached, durationMs, cold, report }: TrialPingResult, count: number): string[] => [
	`Warmed ${reached} of ${count} environments in ${formatMs(durationMs)} ms; ${cold} of them had to start.`,
	...(report ? describeReport(report, count) : []),
];

const durationsMs = (results: readonly RequestResult[]): number[] => results.map(({ durationMs }) => durationMs);

/** The median duration of requests, in ms. */
export const medianDurationMs = (results: readonly RequestResult[]): number => median(durationsMs(results));
