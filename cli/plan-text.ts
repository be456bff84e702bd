import {
	DEFAULT_WORLD,
	formatDollars,
	formatPercent,
	type Parsed,
	type Plan,
	type PlanRow,
	requestsByHour,
} from "../plan/index.js";
import { formatMs, type Line, type Terminal } from "./terminal.js";

/** What the text needs to know besides the plan. */
export interface PlanContext {
	readonly parsed: Parsed;
	readonly assumedDurationMs: number;
	readonly initMs: number;
	readonly pingEveryMs: number;
	readonly memoryMb: number;
	/** Whether the file's functions are counted as one. */
	readonly isMixed: boolean;
}

const BARS = "▁▂▃▄▅▆▇█";

/** A character for each number; a blank for 0. */
export const sparkline = (numbers: readonly number[]): string => {
	const most = Math.max(...numbers);
	return numbers
		.map((number) => (number === 0 ? " " : (BARS[Math.ceil((number / most) * BARS.length) - 1] ?? "")))
		.join("");
};

const formatCount = (count: number): string =>
	count.toLocaleString("en", { maximumFractionDigits: count > 0 && count < 10 ? 1 : 0 });

const formatDays = (days: number): string =>
	days < 2 ? `${formatCount(24 * days)} hours` : `${formatCount(days)} days`;

const minutes = (ms: number): string => `${ms / 60_000}`;

const describeTraffic = ({ requests, days, peak }: Plan, { parsed }: PlanContext): Line[] => [
	`${formatCount(requests)} requests in ${formatDays(days)}; at most ${formatCount(peak)} at once.`,
	"",
	`by hour (UTC)  ${sparkline(requestsByHour(parsed.requests))}`,
	`               ${[0, 6, 12, 18].map((hour) => `${hour}`.padEnd(6)).join("")}`,
];

const nameOf = ({ policy, meanConcurrency }: PlanRow): string => {
	if (policy === "none") return "no warming";
	if (policy === "provisioned") return `provisioned ${meanConcurrency}`;
	return policy === "auto" ? '"auto"' : `concurrency ${policy}`;
};

const COLUMNS = ["", "cold starts", "range", "a day", "of requests", "waiting", "N", "$ a month"];
const WIDTHS = [15, 13, 15, 8, 13, 10, 6, 11];

const formatRow = (cells: readonly string[]): string =>
	cells
		.map((cell, index) => (index === 0 ? cell.padEnd(WIDTHS[0] ?? 0) : cell.padStart(WIDTHS[index] ?? 0)))
		.join("")
		.trimEnd();

const toCells = (row: PlanRow, days: number, initMs: number): string[] => {
	const { coldStarts, coldShare, dollarsPerMonth, meanConcurrency, range } = row;
	const [least, most] = range;
	return [
		nameOf(row),
		formatCount(coldStarts),
		least === most ? "" : `${formatCount(least)}–${formatCount(most)}`,
		formatCount(coldStarts / days),
		formatPercent(coldShare),
		`${formatCount(((coldStarts / days) * initMs) / 1000)} s`,
		meanConcurrency.toLocaleString("en", { maximumFractionDigits: 1 }),
		formatDollars(dollarsPerMonth),
	];
};

const describeAssumptions = (context: PlanContext, plan: Plan): string[] => {
	const { parsed, assumedDurationMs, initMs, pingEveryMs, memoryMb } = context;
	const [least, most] = DEFAULT_WORLD.idleMs.map(minutes);
	const [shortest, longest] = DEFAULT_WORLD.lifetimeMs.map((ms) => `${ms / 3_600_000}`);
	const hasRange = plan.rows.some(({ range: [low, high] }) => low < high);
	return [
		`Assumed: a ping every ${minutes(pingEveryMs)} minutes, ${memoryMb} MB, cold starts of ${formatMs(initMs)} ms${parsed.coldStarts > 0 ? " (the median in the file)" : ""}${parsed.hasDurations ? "" : `, requests of ${formatMs(assumedDurationMs)} ms (--duration)`}. Lambda ends an environment that was idle for ${least} to ${most} minutes, and any after ${shortest} to ${longest} hours; it reuses the one used last. AWS documents none of that.`,
		...(hasRange
			? [
					`The range is for other habits: any idle environment is reused, or all end after ${least} idle minutes, or after ${most} and a day.`,
				]
			: []),
		...(parsed.resolutionMs > 1
			? [
					`Timestamps are exact to ${parsed.resolutionMs === 1000 ? "a second" : "a minute"}: requests are spread over it at random.`,
				]
			: []),
		"N is the number of environments that a ping asks for, on average. Waiting is added for all users together, a day. Requests that come during a ping are not delayed by it here.",
	];
};

/** Prints what a file contains besides requests that were read. */
export const warnAboutFile = (
	{ warn }: Terminal,
	{ parsed, isMixed }: Pick<PlanContext, "parsed" | "isMixed">,
): void => {
	const { badLineCount, badLines, functions } = parsed;
	if (badLineCount > 0) {
		warn(
			`${formatCount(badLineCount)} ${badLineCount === 1 ? "line was" : "lines were"} not read:`,
			...badLines.map(({ number, problem, text }) => `  line ${number}: ${problem}: ${JSON.stringify(text)}`),
			...(badLineCount > badLines.length ? ["  …"] : []),
		);
	}
	if (isMixed) {
		const names = functions.slice(0, 3).map(([name, count]) => `${name} (${formatCount(count)})`);
		warn(
			`The file has ${formatCount(functions.length)} functions, counted as one: ${names.join(", ")}${functions.length > names.length ? " …" : ""}. Use --function for a single one.`,
		);
	}
};

/** Prints a plan for people. */
export const printPlan = (terminal: Terminal, plan: Plan, context: PlanContext): void => {
	const { say, tell } = terminal;
	const { parsed, initMs } = context;
	say(...describeTraffic(plan, context));
	if (parsed.coldStarts > 0) {
		tell(
			"",
			`In fact, ${formatCount(parsed.coldStarts)} of them met a cold start, which took ${formatMs(parsed.initMs)} ms (median).`,
		);
	}
	say("", [{ text: formatRow(COLUMNS), style: "bold" }]);
	say(...plan.rows.map((row) => formatRow(toCells(row, plan.days, initMs))), "");
	tell(plan.advice, "", ...describeAssumptions(context, plan));
};
