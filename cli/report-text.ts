import type { WarmupReport } from "middy-lambda-warmer";
import { formatMs } from "./terminal.js";

/**
 * What a report says beside the number of environments, in sentences.
 *
 * @param asked how many environments the ping requested, if it named a number
 */
export const describeReport = (report: WarmupReport, asked = report.requested): string[] => [
	...(report.requested < asked
		? [
				`The option maxConcurrency limited the ping to ${report.requested} of the ${asked} environments requested: raise it.`,
			]
		: []),
	describeRounds(report),
	...describeErrors(report.errors),
];

const describeRounds = ({ rounds, delay, protocol, durationMs, skipped }: WarmupReport): string => {
	if (skipped !== undefined) return `Nothing was invoked: ${skipped}`;
	if (rounds === 0) return "The function did not have to invoke itself.";
	const over = protocol === undefined ? "" : ` over ${protocol}`;
	return `${rounds} ${rounds === 1 ? "round" : "rounds"} of invocations${over} took ${formatMs(durationMs)} ms, with a hold of ${formatMs(delay)} ms.`;
};

/** Each kind of failure, and what to do about it. */
export const describeErrors = (errors: WarmupReport["errors"]): string[] =>
	errors.flatMap(({ name, message, count, hint }) => [
		`${count} × ${name}: ${message}`,
		...(hint === undefined ? [] : [`  ${hint}`]),
	]);

/** What users met since the ping before, and the number that "auto" would ask for; nothing from an older version. */
export const describeDemand = ({ traffic, recommended, basis }: WarmupReport): string[] => [
	...(traffic ? [describeTraffic(traffic)] : []),
	...(basis === undefined ? [] : [`"auto" chose the number of environments: ${basis}.`]),
	...(recommended === undefined ? [] : [`Recommended concurrency: ${recommended}.`]),
];

const describeTraffic = ({ requests, coldStarts, peak, sinceMs }: NonNullable<WarmupReport["traffic"]>): string => {
	const period = `In the last ${formatDuration(sinceMs)}`;
	if (requests === 0) return `${period}, these environments served no requests.`;
	const met = coldStarts === 0 ? "none" : `at least ${coldStarts}`;
	return `${period}, these environments served ${requests} ${requests === 1 ? "request" : "requests"}: ${met} met a cold start, and at most ${peak} ${peak === 1 ? "environment was" : "environments were"} busy at the same time.`;
};

/** The demand that several pings in a row found, in sentences. */
export const describeTotal = (reports: readonly WarmupReport[]): string[] => {
	const traffic = reports.flatMap(({ traffic }) => traffic ?? []);
	const last = reports.at(-1);
	if (!last || traffic.length === 0) return [];
	return describeDemand({
		...last,
		traffic: {
			requests: traffic.reduce((sum, { requests }) => sum + requests, 0),
			coldStarts: traffic.reduce((sum, { coldStarts }) => sum + coldStarts, 0),
			peak: Math.max(...traffic.map(({ peak }) => peak)),
			sinceMs: traffic.reduce((sum, { sinceMs }) => sum + sinceMs, 0),
		},
	});
};

/** A duration in the unit that reads best. */
const formatDuration = (durationMs: number): string => {
	if (durationMs < 1000) return `${Math.round(durationMs)} ms`;
	if (durationMs < 120_000) return `${Math.round(durationMs / 1000)} s`;
	if (durationMs < 7_200_000) return `${Math.round(durationMs / 60_000)} min`;
	return `${Math.round(durationMs / 3_600_000)} h`;
};
