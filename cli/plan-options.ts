import { parseArgs } from "node:util";
import { DEFAULT_PLAN_OPTIONS, DEFAULT_PRICES, DEFAULT_WORLD, type Prices } from "../plan/index.js";
import { usageError } from "./command-error.js";
import { parseDurationMs, parseInteger } from "./option-values.js";

export const usage = `Usage: middy-lambda-warmer plan <file> [options]

Reads when requests came, and answers whether a warmer is worth it and how many
environments to keep warm. The file is a CSV with a header, JSON lines, an export of
CloudWatch Logs Insights (CSV or JSON), or an access log (common, combined, ALB).
For standard input, use - as the file. Nothing leaves this machine.

Options:
  --function <name>       count one function's requests, if the file has several
  --duration <duration>   how long a request takes if the file does not say, such as
                          300ms or 2s (default 300ms)
  --init <duration>       how long a cold start takes (default: what the file says,
                          otherwise 1s)
  --every <duration>      time from one ping to the next (default 5m)
  --max <n>               the function's maxConcurrency (default 50)
  --memory <MB>           the function's memory (default 512)
  --prices <r,d,p>        US dollars for an invocation, a GB-second of duration, and
                          a GB-second of provisioned concurrency (default: x86 in
                          US East, November 2026)
  --json                  print JSON
  --help                  print this text

Exit code: 0, or 2 if the file has no requests that could be read.`;

/** What the command line asks for. */
export interface PlanCommandOptions {
	/** Path, or `-` for standard input. */
	file: string;
	functionName: string | undefined;
	assumedDurationMs: number;
	/** Undefined if the file decides. */
	initMs: number | undefined;
	pingEveryMs: number;
	maxConcurrency: number;
	memoryMb: number;
	prices: Prices;
	json: boolean;
}

/** @throws CommandError */
export const parsePlanOptions = (args: string[]): PlanCommandOptions => {
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: {
			function: { type: "string" },
			duration: { type: "string", default: "300ms" },
			init: { type: "string" },
			every: { type: "string", default: "5m" },
			max: { type: "string", default: `${DEFAULT_WORLD.limits.maxConcurrency}` },
			memory: { type: "string", default: `${DEFAULT_PLAN_OPTIONS.memoryGb * 1024}` },
			prices: { type: "string" },
			json: { type: "boolean", default: false },
		},
	});
	const [file, ...others] = positionals;
	if (file === undefined || others.length > 0) throw usageError("plan takes one argument, a file with requests");
	const pingEveryMs = parseDurationMs("every", values.every);
	if (pingEveryMs < 60_000) throw usageError(`--every takes a minute or more, got ${JSON.stringify(values.every)}`);
	return {
		file,
		functionName: values.function,
		assumedDurationMs: parseDurationMs("duration", values.duration),
		initMs: values.init === undefined ? undefined : parseDurationMs("init", values.init),
		pingEveryMs,
		maxConcurrency: parseInteger("max", values.max, 1, 1000),
		memoryMb: parseInteger("memory", values.memory, 128, 10_240),
		prices: values.prices === undefined ? DEFAULT_PRICES : parsePrices(values.prices),
		json: values.json,
	};
};

const parsePrices = (text: string): Prices => {
	const numbers = text.split(",").map(Number);
	const [perInvocation, perGbSecond, perProvisionedGbSecond] = numbers;
	const isValid = numbers.length === 3 && numbers.every((number) => number >= 0 && Number.isFinite(number));
	if (!isValid || perInvocation === undefined || perGbSecond === undefined || perProvisionedGbSecond === undefined) {
		throw usageError(
			`--prices takes three numbers, such as 0.0000002,0.0000166667,0.0000041667, got ${JSON.stringify(text)}`,
		);
	}
	return { perInvocation, perGbSecond, perProvisionedGbSecond };
};
