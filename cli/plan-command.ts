import { createReadStream, statSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { createParser, createPlan, DEFAULT_PLAN_OPTIONS, type Parsed, ParseError, type Plan } from "../plan/index.js";
import { CommandError } from "./command-error.js";
import { type PlanCommandOptions, parsePlanOptions } from "./plan-options.js";
import { printPlan, warnAboutFile } from "./plan-text.js";
import { createProgressBar } from "./progress-bar.js";
import { createTerminal } from "./terminal.js";

export { usage } from "./plan-options.js";

const DEFAULT_INIT_MS = 1000;

type ProgressBar = ReturnType<typeof createProgressBar>;

const nameOf = (file: string): string => (file === "-" ? "standard input" : file);

const sizeOf = (file: string): number => {
	if (file === "-") return Number.NaN;
	const stats = statSync(file, { throwIfNoEntry: false });
	if (!stats) throw new CommandError(`there is no file ${file}`);
	if (stats.isDirectory()) throw new CommandError(`${file} is a folder: name a file`);
	return stats.size;
};

const readRequests = async (
	{ file, functionName, assumedDurationMs }: PlanCommandOptions,
	signal: AbortSignal,
	{ show }: ProgressBar,
): Promise<Parsed> => {
	const size = sizeOf(file);
	const parser = createParser({ functionName, assumedDurationMs });
	const stream = file === "-" ? process.stdin : createReadStream(file, { highWaterMark: 1 << 20 });
	stream.setEncoding("utf8");
	let read = 0;
	try {
		for await (const text of stream) {
			signal.throwIfAborted();
			parser.push(text as string);
			read += (text as string).length;
			show(`Reading ${nameOf(file)}`, Number.isNaN(size) ? undefined : read / size);
		}
		return parser.end();
	} catch (error) {
		if (error instanceof ParseError) throw new CommandError(`${nameOf(file)}: ${error.message}.`);
		throw error;
	}
};

/** @throws CommandError if there is nothing to plan for */
const checkRequests = ({ file, functionName }: PlanCommandOptions, { requests, functions, badLines }: Parsed): void => {
	if (requests.startedAt.length > 0) return;
	const [bad] = badLines;
	const names = functions.slice(0, 5).map(([name]) => name);
	if (functionName !== undefined && names.length > 0) {
		throw new CommandError(`${nameOf(file)} has no requests of ${functionName}: it has ${names.join(", ")}`);
	}
	if (functionName !== undefined && !bad) {
		throw new CommandError(`${nameOf(file)} does not say which function a request was for: leave out --function`);
	}
	throw new CommandError(
		`${nameOf(file)} has no requests${bad ? `: line ${bad.number}: ${bad.problem}: ${JSON.stringify(bad.text)}` : ""}`,
	);
};

/** The fields that scripts rely on. */
const toJson = ({ requests, days, peak, rows, advice }: Plan): string =>
	JSON.stringify({
		requests,
		days,
		peak,
		rows: rows.map(({ policy, meanConcurrency, coldStarts, coldShare, dollarsPerMonth }) => ({
			policy,
			meanConcurrency,
			coldStarts,
			coldShare,
			dollarsPerMonth,
		})),
		advice,
	});

export const run = async (args: string[], signal: AbortSignal, terminal = createTerminal()): Promise<number> => {
	const options = parsePlanOptions(args);
	const { functionName, assumedDurationMs, pingEveryMs, maxConcurrency, memoryMb, prices, json } = options;
	const progress = createProgressBar(process.stderr);
	try {
		const parsed = await readRequests(options, signal, progress);
		progress.clear();
		checkRequests(options, parsed);
		const isMixed = functionName === undefined && parsed.functions.length > 1;
		warnAboutFile(terminal, { parsed, isMixed });
		const initMs = options.initMs ?? (parsed.coldStarts > 0 ? parsed.initMs : DEFAULT_INIT_MS);
		const limits = { minConcurrency: 1, maxConcurrency };
		const plan = await createPlan(parsed.requests, {
			world: { ...DEFAULT_PLAN_OPTIONS.world, initMs, pingEveryMs, limits },
			memoryGb: memoryMb / 1024,
			prices,
			async onProgress(done, total) {
				progress.show("Playing the requests", done / total);
				// Lets an interruption through.
				await nextTurn();
				signal.throwIfAborted();
			},
		});
		progress.clear();
		if (json) terminal.say(toJson(plan));
		else printPlan(terminal, plan, { parsed, assumedDurationMs, initMs, pingEveryMs, memoryMb, isMixed });
		return 0;
	} finally {
		progress.clear();
	}
};
