import { parseArgs } from "node:util";
import type { Demand } from "../src/demand/demand.js";
import { usageError } from "./command-error.js";
import { readDemand } from "./demand-file.js";
import { checkWritable, parseDurationMs, parseInteger } from "./option-values.js";

export const usage = `Usage: middy-lambda-warmer ping <name> [options]

Pings a deployed function, and prints the report that its middleware returns. The
name may be an ARN, and may include an alias or a version (orders:prod). Region,
credentials and endpoint are resolved as by the AWS SDK (AWS_PROFILE, AWS_REGION,
AWS_ENDPOINT_URL_LAMBDA …). The caller needs lambda:InvokeFunction.

Options:
  --concurrency <n>           environments to keep warm, or auto: as many as recent
                              traffic calls for (default: the function's own option)
  --save <file>               save the demand that the function remembers: the peak
                              of each of the last 24 hours
  --demand <file>             pass on a saved demand to the function, for example
                              from the version that it replaces
  --region <name>             the function's region
  --flag <name>               the fields of a ping, if the middleware's options
  --concurrency-field <name>  rename them (default warmer and concurrency)
  --times <n>                 number of pings (default 1); several print a table
  --every <duration>          time from one ping to the next, such as 500ms, 2s or
                              5m (default 2s)
  --json                      print each report as a line of JSON
  --help                      print this text

Exit code: 0 if every environment is warm, 1 if not or if the answer does not say,
2 if the function could not be invoked.`;

/** What the command line asks for. */
export interface PingOptions {
	/** Name or ARN of the function. */
	name: string;
	/** Undefined if the function decides. */
	concurrency: number | "auto" | undefined;
	region: string | undefined;
	json: boolean;
	/** Number of pings. */
	times: number;
	/** From the start of one ping to the start of the next. */
	intervalMs: number;
	/** File to save the demand in. */
	save: string | undefined;
	/** What is passed on to the function. */
	demand: Demand | undefined;
	/** The ping. */
	event: Record<string, unknown>;
}

/** @throws CommandError */
export const parsePingOptions = (args: string[]): PingOptions => {
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: {
			concurrency: { type: "string" },
			save: { type: "string" },
			demand: { type: "string" },
			region: { type: "string" },
			flag: { type: "string", default: "warmer" },
			"concurrency-field": { type: "string", default: "concurrency" },
			times: { type: "string", default: "1" },
			every: { type: "string", default: "2s" },
			json: { type: "boolean", default: false },
		},
	});
	const [name, ...others] = positionals;
	if (name === undefined || others.length > 0) throw usageError("ping takes one argument, the name of the function");
	const { region, flag, json, save } = values;
	const concurrency = parseConcurrency(values.concurrency);
	if (save !== undefined) checkWritable("save", save);
	const demand = values.demand === undefined ? undefined : readDemand(values.demand);
	return {
		name,
		concurrency,
		region,
		json,
		times: parseInteger("times", values.times, 1, 1000),
		intervalMs: parseDurationMs("every", values.every),
		save,
		demand,
		event: {
			[flag]: true,
			...(concurrency !== undefined && { [values["concurrency-field"]]: concurrency }),
			report: true,
			...(demand !== undefined && { demand }),
		},
	};
};

const parseConcurrency = (text: string | undefined): PingOptions["concurrency"] => {
	if (text === undefined || text === "auto") return text;
	return parseInteger("concurrency", text, 1, 1000);
};
