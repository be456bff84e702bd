import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { InvocationResponse } from "@aws-sdk/client-lambda";
import type { WarmupReport } from "middy-lambda-warmer";
import { CommandError, importOptional, parseInteger, usageError } from "./command-error.js";
import { describeErrors, describeReport, readAnswer } from "./report-text.js";
import { ms, openTerminal } from "./terminal.js";

export const usage = `Usage: middy-lambda-warmer ping <name> [options]

Pings a deployed function, and prints the report that its middleware answers with.
The name may be an ARN, and may have an alias or a version (orders:prod). Region,
credentials and endpoint are found as the AWS SDK finds them (AWS_PROFILE,
AWS_REGION, AWS_ENDPOINT_URL_LAMBDA …). The caller needs lambda:InvokeFunction.

Options:
  --concurrency <n>           environments to warm (default: the function's own)
  --region <name>             the function's region
  --flag <name>               the fields of a ping, where the middleware's
  --concurrency-field <name>  options rename them (default warmer, concurrency)
  --times <n>                 ping so often, a table row each (default 1)
  --every <time>              from one ping to the next: 500ms, 2s, 5m (default 2s)
  --json                      print the reports as JSON, a line each
  --help                      this text

Exit code: 0 where every environment was warm, 1 where not or where nobody knows,
2 where the function could not be asked.`;

/** What a call costs the user to wait for, beside the report. */
interface Pinged {
	report: WarmupReport;
	/** From the call to its answer (ms). */
	durationMs: number;
}

/** The units of a time, in ms. */
const units = { ms: 1, s: 1000, m: 60_000 };

/** A time in ms. @throws CommandError */
const readTime = (text: string): number => {
	const [, number, unit] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
	if (unit === undefined) {
		throw usageError(`--every takes a time such as 500ms, 2s or 5m, got ${JSON.stringify(text)}`);
	}
	return Number(number) * units[unit as keyof typeof units];
};

/** @throws CommandError */
const readOptions = (args: string[]) => {
	const { values, positionals } = parseArgs({
		args,
		allowPositionals: true,
		options: {
			concurrency: { type: "string" },
			region: { type: "string" },
			flag: { type: "string", default: "warmer" },
			"concurrency-field": { type: "string", default: "concurrency" },
			times: { type: "string", default: "1" },
			every: { type: "string", default: "2s" },
			json: { type: "boolean", default: false },
		},
	});
	const [name, ...others] = positionals;
	if (name === undefined || others.length > 0) {
		throw usageError("ping takes one name, that of the function");
	}
	const { region, flag, json } = values;
	const concurrency =
		values.concurrency === undefined ? undefined : parseInteger("concurrency", values.concurrency, 1, 1000);
	return {
		name,
		concurrency,
		region,
		json,
		times: parseInteger("times", values.times, 1, 1000),
		everyMs: readTime(values.every),
		event: {
			[flag]: true,
			...(concurrency !== undefined && { [values["concurrency-field"]]: concurrency }),
			report: true,
		},
	};
};

/** What to do about a call that failed, by the error's name. */
const hints: Readonly<Record<string, string>> = {
	CredentialsProviderError: "No credentials: sign in (aws sso login), or set AWS_PROFILE.",
	ResourceNotFoundException: "There is no such function, version or alias here: check the name and --region.",
	AccessDeniedException: "These credentials need lambda:InvokeFunction on the very ARN that is pinged.",
	TooManyRequestsException: "Lambda refused the ping itself, for want of concurrency.",
};

const couldNotAsk = (name: string, error: unknown): CommandError => {
	const { name: kind, message } = error as Error;
	const hint = message.startsWith("Region is missing") ? "Give --region, or set AWS_REGION." : hints[kind];
	return new CommandError([`could not ping ${name}: ${kind}: ${message}`, ...(hint ? [hint] : [])].join("\n"));
};

/**
 * The report in an answer. @throws CommandError where there is none: the function was asked, but nobody knows what is warm
 */
const reportIn = (name: string, { FunctionError, Payload = new Uint8Array() }: InvocationResponse): WarmupReport => {
	const text = Buffer.from(Payload).toString();
	const start = text.length > 200 ? `${text.slice(0, 200)}…` : text;
	if (FunctionError !== undefined) {
		throw new CommandError(`${name} failed (${FunctionError}): ${start}`, 1);
	}
	const answer = readAnswer(text);
	if (answer.kind === "report") return answer.report;
	throw new CommandError(
		answer.kind === "warmed"
			? `${name} warmed something but answered without a report: it has middy-lambda-warmer before 0.2, or lambda-warmer. What came of the ping is in its log.`
			: `${name} took the ping for a business request, and answered ${start}. The middleware is missing, is not the first in the chain, or listens to another field (--flag).`,
		1,
	);
};

/** Opens the way to Lambda; the function pings once. */
const connect = async ({ name, region, event }: Pick<ReturnType<typeof readOptions>, "name" | "region" | "event">) => {
	const { InvokeCommand, LambdaClient } = await importOptional(
		() => import("@aws-sdk/client-lambda"),
		"ping",
		"@aws-sdk/client-lambda",
	);
	const client = new LambdaClient({
		...(region !== undefined && { region }),
		// A ping that was sent twice would be two.
		maxAttempts: 1,
	});
	return {
		async ping(signal: AbortSignal): Promise<Pinged> {
			const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
			const startedAt = performance.now();
			const answer = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
				throw couldNotAsk(name, error);
			});
			const durationMs = performance.now() - startedAt;
			return { report: reportIn(name, answer), durationMs };
		},
		[Symbol.dispose]: () => client.destroy(),
	};
};

const columns = ["ping", "warmed", "cold", "rounds", "hold", "over", "took"];

/** A line of the table. */
const row = (cells: readonly string[]): string =>
	cells.map((cell, index) => cell.padStart(index === 1 ? 12 : 8)).join("");

/** The kinds of failure of all pings, each once. */
const merged = (reports: readonly WarmupReport[]): WarmupReport["errors"] => {
	const errors = new Map<string, WarmupReport["errors"][number]>();
	for (const error of reports.flatMap(({ errors }) => errors)) {
		const key = `${error.name}: ${error.message}`;
		const count = error.count + (errors.get(key)?.count ?? 0);
		errors.set(key, { ...error, count });
	}
	return [...errors.values()];
};

export const run = async (args: string[], signal: AbortSignal): Promise<number> => {
	const options = readOptions(args);
	const { times, json, everyMs, concurrency } = options;
	const { say, tell } = openTerminal();
	using lambda = await connect(options);
	const reports: WarmupReport[] = [];
	if (times > 1 && !json) say(row(columns));
	for (let number = 1; number <= times; number++) {
		const next = performance.now() + everyMs;
		const { report, durationMs } = await lambda.ping(signal);
		reports.push(report);
		const { warmed, requested, cold, rounds, delay, protocol = "" } = report;
		if (json) {
			say(JSON.stringify(report));
		} else if (times > 1) {
			say(
				row([
					`${number}`,
					`${warmed} of ${requested}`,
					`${cold}`,
					`${rounds}`,
					`${ms(delay)} ms`,
					protocol,
					`${ms(durationMs)} ms`,
				]),
			);
		} else {
			tell(
				`Warmed ${warmed} of ${requested} environments of ${options.name} in ${ms(durationMs)} ms; ${cold} of them had to start.`,
				...describeReport(report, concurrency),
			);
		}
		const wait = number < times ? next - performance.now() : 0;
		if (wait > 0) await sleep(wait, undefined, { signal });
	}
	if (times > 1 && !json) tell(...describeErrors(merged(reports)));
	const isWarm = ({ warmed, requested }: WarmupReport) => warmed >= (concurrency ?? requested);
	return reports.every(isWarm) ? 0 : 1;
};
