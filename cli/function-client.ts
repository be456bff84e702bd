import type { InvocationResponse } from "@aws-sdk/client-lambda";
import type { WarmupReport } from "middy-lambda-warmer";
import { CommandError } from "./command-error.js";
import { importOptional } from "./optional-package.js";
import type { PingOptions } from "./ping-options.js";
import { parseReply } from "./ping-reply.js";

/** The report on a ping, and how long the caller waited for it. */
export interface PingResult {
	report: WarmupReport;
	/** From the call to its answer. */
	durationMs: number;
}

/** What to do about a call that failed, by the name of the error. */
const HINTS: Readonly<Record<string, string>> = {
	CredentialsProviderError: "No credentials found: sign in (aws sso login), or set AWS_PROFILE.",
	ResourceNotFoundException: "No such function, version or alias exists here: check the name and --region.",
	AccessDeniedException: "These credentials need lambda:InvokeFunction on exactly the ARN that is pinged.",
	TooManyRequestsException: "Lambda throttled the ping itself: no concurrency was available for it.",
};

/** Characters of an answer that a message quotes. */
const MAX_QUOTE_LENGTH = 200;

const toInvokeError = (name: string, error: unknown): CommandError => {
	const { name: kind, message } = error as Error;
	const hint = message.startsWith("Region is missing") ? "Give --region, or set AWS_REGION." : HINTS[kind];
	return new CommandError([`could not ping ${name}: ${kind}: ${message}`, ...(hint ? [hint] : [])].join("\n"));
};

/** The report in an answer. @throws CommandError with code 1 if there is none, so that nobody knows what is warm */
const readReport = (name: string, { FunctionError, Payload = new Uint8Array() }: InvocationResponse): WarmupReport => {
	const text = Buffer.from(Payload).toString();
	const quote = text.length > MAX_QUOTE_LENGTH ? `${text.slice(0, MAX_QUOTE_LENGTH)}…` : text;
	if (FunctionError !== undefined) throw new CommandError(`${name} failed (${FunctionError}): ${quote}`, 1);
	const reply = parseReply(text);
	if (reply.kind === "report") return reply.report;
	throw new CommandError(
		reply.kind === "warmed"
			? `${name} recognized the ping but returned no report: its warmer is lambda-warmer, or middy-lambda-warmer before 0.2. See the function's log for the result.`
			: `${name} treated the ping as a request, and returned ${quote}. Add the middleware as the first of the chain, or name its event field with --flag.`,
		1,
	);
};

/** A client that pings one function with one event. @throws CommandError if the AWS SDK is not installed */
export const createFunctionClient = async ({ name, region, event }: Pick<PingOptions, "name" | "region" | "event">) => {
	const { InvokeCommand, LambdaClient } = await importOptional(
		() => import("@aws-sdk/client-lambda"),
		"ping",
		"@aws-sdk/client-lambda",
	);
	const client = new LambdaClient({
		...(region !== undefined && { region }),
		// A retry would be a second ping.
		maxAttempts: 1,
	});
	return {
		/** @throws CommandError */
		async ping(signal: AbortSignal): Promise<PingResult> {
			const command = new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(event) });
			const startedAt = performance.now();
			const response = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
				throw toInvokeError(name, error);
			});
			const durationMs = performance.now() - startedAt;
			return { report: readReport(name, response), durationMs };
		},
		[Symbol.dispose]: () => client.destroy(),
	};
};
