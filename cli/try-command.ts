import { readFileSync, statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { basename, dirname, extname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { CommandError, parseInteger, usageError } from "./command-error.js";
import { DELIVERY_MODELS, type ModelName } from "./delivery-models.js";
import { describeReport } from "./report-text.js";
import { median } from "./statistics.js";
import { drawTimelines, histogram, ms, openTerminal, type Terminal } from "./terminal.js";
import type { Timeline } from "./timeline-model.js";
import { drawFigure } from "./timeline-svg.js";
import {
	type Answer,
	coldStarts,
	type PingAnswer,
	type Probe,
	type Trial,
	type TriedFunction,
	withFreshFunction,
} from "./trial.js";

export const usage = `Usage: middy-lambda-warmer try <file> [options]

Serves the handler in a file on a local stand-in for AWS Lambda, and shows what a
ping does to its cold starts. JavaScript, or TypeScript where Node.js strips types.
The handler gets the environment variables that are set here, but none of AWS's.

Options:
  --concurrency <n>       environments to keep warm, 2 to 50 (default 5)
  --event <file>          JSON of a business request (default {})
  --export <name>         the handler's name (default handler)
  --memory <MB>           a function's share of a processor (default: all of it)
  --timeout <s>           the function's timeout in seconds (default 60)
  --delivery <model>      how late invocations arrive: calm, typical or busy
                          (default typical)
  --flag <name>           the fields of a ping, where the middleware's options
  --concurrency-field <name>  rename them (default warmer, concurrency, test)
  --test-field <name>
  --svg <file>            draw the timeline to a file too
  --logs                  print what the handler logs
  --help                  this text

Exit code: 0 where every environment was warm, 1 where not, 2 where the handler
could not be tried.`;

interface Options {
	trial: Trial;
	concurrency: number;
	svg: string | undefined;
	logs: boolean;
}

/** What a handler's file may end in, in the order in which Lambda's runtime looks. */
const extensions = [".js", ".mjs", ".cjs", ".mts", ".ts"];

/** Variables that a local function must not have of whoever tries it. */
const notPassedOn = /^(AWS_|LAMBDA_|_|TZ$)/;

/** @throws CommandError */
const readOptions = (args: string[]): Options => {
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: {
			concurrency: { type: "string", default: "5" },
			event: { type: "string" },
			export: { type: "string", default: "handler" },
			memory: { type: "string" },
			timeout: { type: "string", default: "60" },
			delivery: { type: "string", default: "typical" },
			flag: { type: "string", default: "warmer" },
			"concurrency-field": { type: "string", default: "concurrency" },
			"test-field": { type: "string", default: "test" },
			svg: { type: "string" },
			logs: { type: "boolean", default: false },
		},
	});
	const [file, ...others] = positionals;
	if (file === undefined || others.length > 0) {
		throw usageError("try takes one file, that of the handler");
	}
	const { delivery, svg } = values;
	if (!isModel(delivery)) {
		throw usageError(`--delivery takes calm, typical or busy, got ${JSON.stringify(delivery)}`);
	}
	// Said before the trial and not after it.
	if (svg !== undefined && !isInFolder(svg)) {
		throw usageError(`--svg takes a file in an existing folder, got ${JSON.stringify(svg)}`);
	}
	const handler = handlerFile(file);
	const name = basename(handler, extname(handler));
	const memory = values.memory;
	return {
		concurrency: parseInteger("concurrency", values.concurrency, 2, 50),
		svg,
		logs: values.logs,
		trial: {
			name: name.replace(/[^\w-]/g, "-").slice(0, 12),
			fn: {
				handler,
				...(memory !== undefined && { memoryMb: parseInteger("memory", memory, 128, 10_240) }),
				timeoutMs: 1000 * parseInteger("timeout", values.timeout, 1, 900),
				environment: { ...inherited(), _HANDLER: `${name}.${values.export}` },
			},
			event: values.event === undefined ? {} : readJson(values.event),
			delivery,
			fields: { flag: values.flag, concurrency: values["concurrency-field"], test: values["test-field"] },
		},
	};
};

const isModel = (name: string): name is ModelName => Object.hasOwn(DELIVERY_MODELS, name);

const isInFolder = (file: string): boolean =>
	file !== "" && statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory() === true;

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() === true;

/** The absolute path of a handler, if Lambda would load just this file. */
const handlerFile = (file: string): string => {
	const path = resolve(file);
	const extension = extname(path);
	const name = basename(path, extension);
	if (!isFile(path)) throw new CommandError(`there is no file ${file}`);
	if (!extensions.includes(extension)) {
		throw new CommandError(
			`${file} is no handler that Lambda's Node.js loads: it ends in none of ${extensions.join(", ")}`,
		);
	}
	if (name.includes(".")) {
		throw new CommandError(`Lambda loads no handler whose file name has a second dot: rename ${file}`);
	}
	const first = extensions.find((other) => isFile(resolve(dirname(path), name + other)));
	if (first !== extension) {
		throw new CommandError(`Lambda loads ${name}${first}, which is beside ${file}: name that one, or move it away`);
	}
	return path;
};

const readJson = (file: string): unknown => {
	try {
		return JSON.parse(readFileSync(file, "utf8"));
	} catch (error) {
		throw new CommandError(`--event takes a file with JSON: ${(error as Error).message}`);
	}
};

const inherited = (): Record<string, string> =>
	Object.fromEntries(
		Object.entries(process.env).filter(
			(entry): entry is [string, string] => entry[1] !== undefined && !notPassedOn.test(entry[0]),
		),
	);

/** Why a handler cannot be tried, and what to do. */
const refusal = ({ name, fn, fields }: Trial, { kind, message }: Exclude<Probe, { kind: "ready" }>): string => {
	const file = basename(String(fn.handler));
	if (message.startsWith("Runtime.HandlerNotFound")) {
		return `${file} exports no such function: ${message}. Name the handler with --export.`;
	}
	if (message.includes('Unknown file extension ".')) {
		return `Node.js ${process.version} does not run TypeScript: use 22.18 or later, or bundle ${file} first.`;
	}
	if (kind === "not loaded") {
		return `${file} cannot be loaded: ${message.split("\n", 1)}. With --logs you see where.`;
	}
	const expected = `{ "${fields.flag}": true, "${fields.test}": true }`;
	return kind === "failed"
		? `${name} failed for the ping ${expected}: ${message}. Is the middleware in its chain, and the first there?`
		: `${name} took the ping ${expected} for a business request. Add the middleware, .use(warmup()), or say with --flag what it listens to.`;
};

/** Everything that came of a trial. */
interface Result {
	cold: Answer[];
	ping: PingAnswer;
	warm: Answer[];
	nextPing: PingAnswer;
	timelines: [cold: Timeline, warmed: Timeline];
}

/** The trial, step by step. */
const story = async (
	{ trial, concurrency: count, logs }: Options,
	{ paint, say, tell, heading, width }: Terminal,
	signal: AbortSignal,
): Promise<Result> => {
	const withFunction = <Ending>(part: (fn: TriedFunction) => Promise<Ending>): Promise<Ending> =>
		withFreshFunction(trial, signal, async (fn) => {
			const ending = await part(fn);
			if (logs) say(...fn.logs().map((line) => paint("dim", line)));
			return ending;
		});
	const tellRequests = (answers: readonly Answer[]) => {
		tell(
			`${coldStarts(answers)} of ${count} met a cold start. The median request took ${ms(median(latencies(answers)))} ms.`,
		);
		const errors = answers.flatMap(({ error }) => error ?? []);
		if (errors.length > 0) {
			tell(`${errors.length} of them failed: ${errors[0]}. What a request looks like is said with --event.`);
		}
	};
	const tellPing = ({ reached, durationMs, cold, report }: PingAnswer) => {
		tell(
			`Warmed ${reached} of ${count} environments in ${ms(durationMs)} ms; ${cold} of them had to start.`,
			...(report ? describeReport(report, count) : []),
		);
	};

	const { probe, confinement } = await withFunction(async (fn) => ({
		probe: await fn.probe(),
		confinement: fn.confinement,
	}));
	if (probe.kind !== "ready") throw new CommandError(refusal(trial, probe));

	const { median: delay, p99 } = DELIVERY_MODELS[trial.delivery].RequestResponse;
	heading(`What a ping does to the cold starts of ${trial.name}`);
	tell(
		`The function runs on a local stand-in for AWS Lambda. Each of its execution environments is a real process, frozen whenever it has nothing to do. They share this machine's ${availableParallelism()} cores, so that many starts at once take longer. What the function invokes is delivered after a random delay (${trial.delivery}: median ${delay} ms, p99 ${p99} ms).`,
	);

	const { memoryMb } = trial.fn;
	if (memoryMb !== undefined) {
		tell(
			confinement === "none"
				? "This system has no control groups that this user may make, so they have all of a core each, whatever the memory."
				: `Once started, each has the share of a core that Lambda gives for ${memoryMb} MB (${confinement}).`,
		);
	}

	heading(`Step 1: ${count} simultaneous requests to a cold function`);
	const before = await withFunction(async (fn) => {
		const cold = await fn.request(1, count);
		const inits = fn.initTimes();
		tellRequests(cold);
		// None is known if every start has failed.
		if (inits.length > 0) {
			tell(`The median start of an environment took ${ms(median(inits))} ms.`);
		}
		return { cold, timeline: fn.timeline("Without a ping") };
	});

	return withFunction(async (fn) => {
		heading("Step 2: a ping to a fresh copy of the function");
		const { flag, concurrency } = trial.fields;
		tell(`Its event is { "${flag}": true, "${concurrency}": ${count} }.`);
		const ping = await fn.ping(2, "ping", count);
		tellPing(ping);

		heading(`Step 3: ${count} simultaneous requests to the warmed function`);
		const warm = await fn.request(3, count);
		tellRequests(warm);
		tell("", "Latency in ms, one square per request:", "");
		say(
			...histogram(
				[
					{ title: "cold function", style: "yellow", values: latencies(before.cold) },
					{ title: "after the ping", style: "green", values: latencies(warm) },
				],
				width,
				paint,
			),
		);

		heading("Step 4: the next ping finds the environments warm");
		tell(
			"Nothing has to start, so a child, an invocation by the ping, could answer at once and leave its environment to the next child. It is held instead: kept busy until all have arrived.",
		);
		const nextPing = await fn.ping(4, "next ping", count);
		tellPing(nextPing);

		heading("Timeline, one row per execution environment");
		const timelines: Result["timelines"] = [before.timeline, fn.timeline("With a ping")];
		say("", ...drawTimelines(timelines, width, paint));
		return { cold: before.cold, ping, warm, nextPing, timelines };
	});
};

const latencies = (answers: readonly Answer[]): number[] => answers.map(({ durationMs }) => durationMs);

/** Whether every environment was warm, and what is said of it. */
export const verdict = (
	count: number,
	{ ping, nextPing, warm }: Pick<Result, "ping" | "nextPing" | "warm">,
): { warm: boolean; text: string } => {
	const met = coldStarts(warm);
	const least = Math.min(ping.reached, nextPing.reached, count - met);
	return {
		warm: least >= count,
		text: `Verdict: ${least} of ${count} environments warm, ${met} of ${count} cold starts after the ping.`,
	};
};

export const run = async (args: string[], signal: AbortSignal): Promise<number> => {
	const options = readOptions(args);
	if (process.platform === "win32") {
		throw new CommandError(
			"the local Lambda stops and continues processes, which Windows cannot: use WSL, Linux or macOS",
		);
	}
	const { concurrency, svg } = options;
	const terminal = openTerminal();
	const result = await story(options, terminal, signal);
	if (svg !== undefined) {
		const { ping, cold, warm } = result;
		const data = {
			requested: concurrency,
			warmed: ping.reached,
			coldStartsBefore: coldStarts(cold),
			coldStartsAfter: coldStarts(warm),
		};
		const drawing = drawFigure({
			title: `A ping warms ${data.warmed} of ${concurrency} execution environments`,
			subtitle: [
				`Of ${concurrency} simultaneous requests, ${data.coldStartsBefore} meet a cold start without it, ${data.coldStartsAfter} after it.`,
			],
			timelines: result.timelines,
			data,
		});
		await writeFile(svg, `${drawing}\n`);
		terminal.say("", `The timeline is drawn in ${svg}.`);
	}
	const { warm, text } = verdict(concurrency, result);
	terminal.say("");
	terminal.tell(text);
	return warm ? 0 : 1;
};
