import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { availableParallelism, constants } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { median } from "../../bench/statistics.js";
import {
	type Answer,
	brokenClaims,
	coldStarts,
	delivery,
	type PingAnswer,
	type Result,
	seed,
	withFreshFunction,
} from "./scenario.js";
import { drawTimeline, histogram, ms, painter } from "./terminal.js";
import type { Timeline } from "./timeline.js";

const usage = `Usage: npm run demo -- [options]

Serves an example API on a local stand-in for AWS Lambda, and shows what a ping
does to its cold starts.

Options:
  --concurrency <n>  environments to keep warm, 2 to 50 (default 5)
  --svg <file>       draw the timeline to an SVG file too
  --color            colours, even where the output is no terminal
  --no-color         no colours (nor where NO_COLOR is set)
  --help             this text`;

interface Options {
	concurrency: number;
	svg: string | undefined;
	color: boolean;
	help: boolean;
}

/** @throws Error with one line for the user */
const readOptions = (): Options => {
	const { values } = parseArgs({
		options: {
			concurrency: { type: "string", default: "5" },
			svg: { type: "string" },
			color: { type: "boolean" },
			help: { type: "boolean", default: false },
		},
		allowNegative: true,
	});
	const { concurrency, svg, help } = values;
	const number = /^\d{1,2}$/.test(concurrency) ? Number(concurrency) : 0;
	if (number < 2 || number > 50) {
		throw new Error(
			`--concurrency takes a whole number from 2 to 50, got ${JSON.stringify(concurrency)}`,
		);
	}
	// Said before the demo and not after it.
	if (svg !== undefined && !isInFolder(svg)) {
		throw new Error(
			`--svg takes a file in an existing folder, got ${JSON.stringify(svg)}`,
		);
	}
	const color =
		values.color ?? (process.stdout.isTTY === true && !process.env.NO_COLOR);
	return { concurrency: number, svg, color, help };
};

const isInFolder = (file: string): boolean =>
	file !== "" &&
	statSync(dirname(file), { throwIfNoEntry: false })?.isDirectory() === true;

const say = (...lines: string[]): void => {
	for (const line of lines) console.log(line);
};

/** The demo, step by step; resolves with what happened. */
const tell = async (
	{ concurrency: count, svg, color }: Options,
	signal: AbortSignal,
): Promise<Result> => {
	const paint = painter(color);
	const width = Math.min(120, Math.max(60, process.stdout.columns ?? 80));
	const heading = (text: string) => say("", paint("bold", text));

	say(
		paint("bold", "middy-lambda-warmer: what a ping does to cold starts"),
		"",
		"An example API runs on a local stand-in for AWS Lambda. Each of its execution",
		"environments is a real process, frozen whenever it has nothing to do. To start",
		"one takes about half a second of one core; here they all share this machine's",
		`${availableParallelism()} cores, so that many at once take longer. What the function invokes is`,
		`delivered after a random delay (median ${delivery.median} ms, p99 ${delivery.p99} ms, seed ${seed}).`,
	);

	heading(`Step 1: ${count} simultaneous requests to a cold function`);
	const { cold, init } = await withFreshFunction(signal, async (fn) => ({
		cold: await fn.request(1, count),
		init: fn.initTimes(),
	}));
	say(
		`${coldStarts(cold)} of ${count} met a cold start. The median request took ${ms(median(latencies(cold)))} ms.`,
	);
	// None is known if every start has failed.
	if (init.length > 0) {
		say(`The median start of an environment took ${ms(median(init))} ms.`);
	}

	return withFreshFunction(signal, async (fn) => {
		heading("Step 2: a ping to a fresh copy of the function");
		say(`Its event is { "warmer": true, "concurrency": ${count} }.`);
		const ping = await fn.ping(2, count);
		say(...describePing(ping));

		heading(`Step 3: ${count} simultaneous requests to the warmed function`);
		const warm = await fn.request(3, count);
		say(
			`${coldStarts(warm)} of ${count} met a cold start. The median request took ${ms(median(latencies(warm)))} ms.`,
			"",
			"Latency in ms, one square per request:",
			"",
			...histogram(
				[
					{ title: "cold function", style: "yellow", values: latencies(cold) },
					{ title: "after the ping", style: "green", values: latencies(warm) },
				],
				width,
				paint,
			),
		);

		heading("Step 4: the next ping finds the environments warm");
		say(
			"Nothing has to start, so a child could answer at once and leave its environment",
			"to the next child. It is held instead: kept busy until all have arrived.",
		);
		const nextPing = await fn.ping(4, count);
		say(...describePing(nextPing));

		heading("Timeline of steps 2 to 4, one row per execution environment");
		const timeline = fn.timeline();
		say("", ...drawTimeline(timeline, width, paint));
		const result = { concurrency: count, cold, ping, warm, nextPing };
		if (svg !== undefined) await draw(timeline, result, svg);
		return result;
	});
};

const latencies = (answers: readonly Answer[]): number[] =>
	answers.map(({ durationMs }) => durationMs);

const describePing = ({ durationMs, report }: PingAnswer): string[] => {
	if (!report) return ["The function wrote no report."];
	const { warmed, requested, cold, rounds, delay } = report;
	return [
		`Warmed ${warmed} of ${requested} environments in ${ms(durationMs)} ms; ${cold} of them had to start.`,
		`It took ${rounds} ${rounds === 1 ? "round" : "rounds"} of invocations, with a hold of ${delay} ms.`,
	];
};

const draw = async (
	timeline: Timeline,
	{ concurrency, ping, warm }: Result,
	file: string,
): Promise<void> => {
	// Only those who want a drawing wait for Vega.
	const { svgOf } = await import("./svg.js");
	const svg = await svgOf(
		timeline,
		`A ping warms ${ping.report?.warmed ?? 0} of ${concurrency} execution environments`,
		[
			`Of ${concurrency} simultaneous requests after it, ${coldStarts(warm)} meet a cold start.`,
		],
	);
	await writeFile(file, `${svg}\n`);
	say("", `The timeline is drawn in ${file}.`);
};

const fail = (message: string, code: number): void => {
	console.error(`demo: ${message}`);
	process.exitCode = code;
};

/** The first sentence of an error, without its full stop. */
const oneLine = (error: unknown): string => {
	const text = error instanceof Error ? error.message : String(error);
	return text.split(/\n|\.(?=\s|$)/, 1).join();
};

const main = async (): Promise<void> => {
	let options: Options;
	try {
		options = readOptions();
	} catch (error) {
		return fail(`${oneLine(error)} (see --help)`, 2);
	}
	if (options.help) return say(usage);

	const interruption = new AbortController();
	for (const name of ["SIGINT", "SIGTERM"] as const) {
		process.on(name, () => {
			process.exitCode = 128 + constants.signals[name];
			interruption.abort();
		});
	}
	try {
		const broken = brokenClaims(await tell(options, interruption.signal));
		if (broken.length > 0) {
			return fail(`not as claimed: ${broken.join("; ")}`, 1);
		}
	} catch (error) {
		if (interruption.signal.aborted) {
			console.error("demo: interrupted; the local Lambda is stopped");
		} else fail(oneLine(error), 1);
	}
};

await main();
