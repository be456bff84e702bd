import { readFileSync, statSync } from "node:fs";
import { basename, dirname, extname, resolve } from "node:path";
import { parseArgs } from "node:util";
import { CommandError, usageError } from "./command-error.js";
import { DELIVERY_MODELS, type ModelName } from "./delivery-models.js";
import { checkWritable, parseInteger } from "./option-values.js";
import type { TrialOptions } from "./trial.js";

export const usage = `Usage: middy-lambda-warmer try <file> [options]

Runs the handler in a file on a local stand-in for AWS Lambda, and shows what a
ping does to its cold starts. The file is JavaScript, or TypeScript if Node.js
strips types. The handler gets your environment variables, except those of AWS.

Options:
  --concurrency <n>       environments to keep warm, 2 to 50 (default 5)
  --event <file>          JSON file with the event of a request (default {})
  --export <name>         name of the handler's export (default handler)
  --memory <MB>           give each environment the share of a core that Lambda
                          gives for this memory (default: a whole core)
  --timeout <s>           function timeout in seconds (default 60)
  --delivery <model>      how long invocations take to arrive: calm, typical or
                          busy (default typical)
  --flag <name>           the fields of a ping, if the middleware's options rename
  --concurrency-field <name>  them (default warmer, concurrency and test)
  --test-field <name>
  --svg <file>            also draw the timeline to an SVG file
  --logs                  print what the handler logs
  --help                  print this text

Exit code: 0 if every environment was warm, 1 if not, 2 if the handler could not be
tried.`;

/** What the command line asks for. */
export interface TryOptions {
	trial: TrialOptions;
	/** Environments to keep warm. */
	concurrency: number;
	/** File to draw the timeline to. */
	svg: string | undefined;
	/** Whether the handler's logs are printed. */
	logs: boolean;
}

/** Extensions of a handler's file, in the order in which Lambda's runtime looks for them. */
const EXTENSIONS = [".js", ".mjs", ".cjs", ".mts", ".ts"];

/** Variables of this process that would mislead a local function. */
const WITHHELD_VARIABLES = /^(AWS_|LAMBDA_|_|TZ$)/;

/** @throws CommandError */
export const parseTryOptions = (args: string[]): TryOptions => {
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
	if (file === undefined || others.length > 0) throw usageError("try takes one argument, the file of the handler");
	const { delivery, svg, memory } = values;
	if (!isModelName(delivery)) {
		throw usageError(`--delivery takes calm, typical or busy, got ${JSON.stringify(delivery)}`);
	}
	if (svg !== undefined) checkWritable("svg", svg);
	const handler = findHandler(file);
	const name = basename(handler, extname(handler));
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
				environment: { ...inheritedVariables(), _HANDLER: `${name}.${values.export}` },
			},
			event: values.event === undefined ? {} : readEvent(values.event),
			delivery,
			fields: { flag: values.flag, concurrency: values["concurrency-field"], test: values["test-field"] },
		},
	};
};

const isModelName = (name: string): name is ModelName => Object.hasOwn(DELIVERY_MODELS, name);

const isFile = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isFile() === true;

/** The absolute path of a handler's file. @throws CommandError if Lambda would not load exactly this file */
const findHandler = (file: string): string => {
	const path = resolve(file);
	const extension = extname(path);
	const name = basename(path, extension);
	if (!isFile(path)) throw new CommandError(`no file ${file} exists`);
	if (!EXTENSIONS.includes(extension)) {
		throw new CommandError(`Lambda cannot load ${file}: the file name must end in one of ${EXTENSIONS.join(", ")}`);
	}
	if (name.includes(".")) {
		throw new CommandError(`Lambda cannot load a handler with a second dot in its file name: rename ${file}`);
	}
	const loaded = EXTENSIONS.find((candidate) => isFile(resolve(dirname(path), name + candidate)));
	if (loaded !== extension) {
		throw new CommandError(`Lambda would load ${name}${loaded} instead of ${file}: try that file, or move it away`);
	}
	return path;
};

const readEvent = (file: string): unknown => {
	try {
		return JSON.parse(readFileSync(file, "utf8"));
	} catch (error) {
		throw new CommandError(`--event takes a JSON file: ${(error as Error).message}`);
	}
};

const inheritedVariables = (): Record<string, string> =>
	Object.fromEntries(
		Object.entries(process.env).filter(
			(entry): entry is [string, string] => entry[1] !== undefined && !WITHHELD_VARIABLES.test(entry[0]),
		),
	);
