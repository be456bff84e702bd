import { setTimeout as sleep } from "node:timers/promises";
import type { WarmupReport } from "middy-lambda-warmer";
import { type Demand, mergeDemand } from "../src/demand/demand.js";
import { CommandError } from "./command-error.js";
import { saveDemand } from "./demand-file.js";
import { createFunctionClient, type PingResult } from "./function-client.js";
import { type PingOptions, parsePingOptions } from "./ping-options.js";
import { describeDemand, describeErrors, describeReport, describeTotal } from "./report-text.js";
import { createTerminal, formatMs, type Terminal } from "./terminal.js";

export { usage } from "./ping-options.js";

const COLUMNS = ["ping", "warmed", "cold", "rounds", "hold", "over", "took"];

const formatRow = (cells: readonly string[]): string =>
	cells.map((cell, index) => cell.padStart(index === 1 ? 12 : 8)).join("");

const toCells = (number: number, { report, durationMs }: PingResult): string[] => {
	const { warmed, requested, cold, rounds, delay, protocol = "" } = report;
	return [
		`${number}`,
		`${warmed} of ${requested}`,
		`${cold}`,
		`${rounds}`,
		`${formatMs(delay)} ms`,
		protocol,
		`${formatMs(durationMs)} ms`,
	];
};

/** The failures of all pings, each kind once. */
const mergeErrors = (reports: readonly WarmupReport[]): WarmupReport["errors"] => {
	const errors = new Map<string, WarmupReport["errors"][number]>();
	for (const error of reports.flatMap(({ errors }) => errors)) {
		const key = `${error.name}: ${error.message}`;
		const count = error.count + (errors.get(key)?.count ?? 0);
		errors.set(key, { ...error, count });
	}
	return [...errors.values()];
};

/** Prints one ping of several as a row, or a single one as sentences. */
const printResult = (
	{ name, times, json, concurrency }: PingOptions,
	{ say, tell }: Terminal,
	number: number,
	result: PingResult,
): void => {
	const { report, durationMs } = result;
	const { warmed, requested, cold } = report;
	if (json) {
		say(JSON.stringify(report));
	} else if (times > 1) {
		say(formatRow(toCells(number, result)));
	} else {
		tell(
			`Warmed ${warmed} of ${requested} environments of ${name} in ${formatMs(durationMs)} ms; ${cold} of them had to start.`,
			...describeReport(report, typeof concurrency === "number" ? concurrency : undefined),
			...describeDemand(report),
		);
	}
};

/** What an older function cannot do, as warnings. */
const warnAboutVersion = ({ name, concurrency, save }: PingOptions, { warn }: Terminal, report: WarmupReport): void => {
	const reason = "its middleware is older than 0.3, or has the option verify: false";
	if (concurrency === "auto" && report.basis === undefined && report.skipped === undefined) {
		warn(`${name} does not say whether it knows "auto": ${reason}.`);
	}
	if (save !== undefined && report.demand === undefined) {
		warn(`${name} reports no demand, so there is nothing to pass on: ${reason}.`);
	}
};

/** Merges the demand of several reports into a file. */
const createDemandFile = (file: string) => {
	let demand: Demand = {};
	return {
		add(report: Pick<WarmupReport, "demand">): void {
			demand = mergeDemand(demand, report.demand ?? {}, Date.now());
			saveDemand(file, demand);
		},
	};
};

export const run = async (args: string[], signal: AbortSignal, terminal = createTerminal()): Promise<number> => {
	const options = parsePingOptions(args);
	const { name, times, json, intervalMs, concurrency } = options;
	using client = await createFunctionClient(options);
	if (options.demand && Object.keys(options.demand).length === 0) {
		terminal.warn("The file given with --demand has no peaks from the last 24 hours.");
	}
	const demandFile = options.save === undefined ? undefined : createDemandFile(options.save);
	const reports: WarmupReport[] = [];
	if (times > 1 && !json) terminal.say(formatRow(COLUMNS));
	for (let number = 1; number <= times; number++) {
		const nextAt = performance.now() + intervalMs;
		terminal.status(`Pinging ${name}`);
		const result = await client.ping(signal).catch((error: unknown) => {
			// A function without a warmer has no demand. A pipeline should be able to add the warmer all the same.
			if (error instanceof CommandError && error.code === 1) demandFile?.add({});
			throw error;
		});
		demandFile?.add(result.report);
		reports.push(result.report);
		printResult(options, terminal, number, result);
		const waitMs = number < times ? nextAt - performance.now() : 0;
		if (waitMs > 0) {
			terminal.status(`Waiting to send ping ${number + 1} of ${times}`);
			await sleep(waitMs, undefined, { signal });
		}
	}
	if (times > 1 && !json) terminal.tell(...describeErrors(mergeErrors(reports)), ...describeTotal(reports));
	const [last] = reports.slice(-1);
	if (last) warnAboutVersion(options, terminal, last);
	return reports.every((report) => isWarm(report, concurrency)) ? 0 : 1;
};

const isWarm = ({ warmed, requested }: WarmupReport, concurrency: PingOptions["concurrency"]): boolean =>
	warmed >= (typeof concurrency === "number" ? concurrency : requested);
