/**
 * What a user can set: every option, its default, and the check that a wrong one fails at creation.
 *
 * @module
 */

import type { InvokeCommand, InvokeCommandOutput, LambdaClient, LambdaClientConfig } from "@aws-sdk/client-lambda";
import type { Request } from "@middy/core";
import type { WarmupEntry, WarmupReport } from "./report.js";

const cause = { package: "middy-lambda-warmer" };

/** What the middleware needs of a Lambda client. */
export interface InvokingClient {
	send(command: InvokeCommand, options: { abortSignal: AbortSignal }): Promise<InvokeCommandOutput>;
}

/** Options of {@link warmup}. Each can be left out. */
export interface WarmupOptions {
	/**
	 * Environments (count, 1 or more) to keep warm when a ping with the flag names no number of its own. One that only
	 * `isWarmingUp` recognises counts as one environment then, since its scheduler may be sending several at once.
	 *
	 * @default 1
	 */
	concurrency?: number | undefined;

	/**
	 * How long, in ms, a child stays busy so that Lambda cannot reuse its environment for a sibling. Given, it is exactly
	 * the hold of the first round. Left out, the hold adapts to what the pings measure, starting at 75 (or `maxDelay`
	 * where that is less). With `verify: false`, a child stays for `delay` (75) from its own start.
	 *
	 * @default adaptive
	 */
	delay?: number | undefined;

	/**
	 * The event field that marks a ping. Only the boolean `true` counts.
	 *
	 * @default "warmer"
	 */
	flag?: string | undefined;

	/**
	 * The ping's field that says how many environments to keep warm.
	 *
	 * @default "concurrency"
	 */
	concurrencyField?: string | undefined;

	/**
	 * The ping's field that names another function to warm.
	 *
	 * @default "target"
	 */
	targetField?: string | undefined;

	/**
	 * The ping's field that asks, when `true`, for a record and nothing else: no fan-out, no hold.
	 *
	 * @default "test"
	 */
	testField?: string | undefined;

	/**
	 * Recognises further pings, beside `flag`. Called for every event that is no ping by its flag; only the boolean
	 * `true` counts, and one that throws lets the business request through. Such a ping holds for `delay` even at
	 * concurrency 1, since its scheduler may be sending several at once.
	 *
	 * @default none
	 */
	isWarmingUp?: ((event: unknown, context: Request["context"]) => boolean) | undefined;

	/**
	 * Verified warming: children answer with their environment's id, the initiator counts distinct ones and repairs a
	 * shortfall. `false` speaks lambda-warmer's protocol to the letter.
	 *
	 * @default true
	 */
	verify?: boolean | undefined;

	/**
	 * Environments (count) that a ping may ask for at most; more is clamped, with a warning.
	 *
	 * @default 50, or `concurrency` where that is larger
	 */
	maxConcurrency?: number | undefined;

	/**
	 * The longest hold, in ms, of any child, whatever adapting, a default or a ping says.
	 *
	 * @default 1000, or `delay` where that is larger
	 */
	maxDelay?: number | undefined;

	/**
	 * The longest, in ms, that a ping may keep an environment busy, whatever the function's own timeout: a lost answer or
	 * a hanging callback must not be billed for 15 minutes.
	 *
	 * @default 30000
	 */
	maxDuration?: number | undefined;

	/**
	 * Other functions (names or ARNs, as Lambda's Invoke API takes them) that a ping may name in its target field. One
	 * that is not listed is refused, with a warning.
	 *
	 * @default []
	 */
	targets?: readonly string[] | undefined;

	/**
	 * Passed to every child, and in every record: 1 to 256 characters, or a function that returns them.
	 *
	 * @default this environment's id
	 */
	correlationId?: string | ((event: unknown, context: Request["context"]) => string) | undefined;

	/**
	 * Priming: awaited in every environment that a ping reaches, each time that it is reached (open the database, load
	 * secrets). A repair reaches an environment again, so let it be idempotent. It runs during the hold, not after it.
	 * One that fails or outlasts the ping's deadline is logged as a warning; the environment counts as reached.
	 *
	 * @default none
	 */
	onWarmup?: ((request: Request) => unknown) | undefined;

	/**
	 * Awaited with the initiator's report: publish metrics here. One that fails or outlasts the ping's deadline is logged
	 * as a warning.
	 *
	 * @default none
	 */
	onReport?: ((report: WarmupReport) => unknown) | undefined;

	/**
	 * `true`: `console.log(record)`, and `console.warn` for warnings, with an object, so that Lambda's JSON log format
	 * keeps it structured. A function gets every entry instead. `false`: nothing.
	 *
	 * @default true
	 */
	log?: boolean | ((entry: WarmupEntry) => void) | undefined;

	/**
	 * Your own Lambda client class.
	 *
	 * @default the SDK's `LambdaClient`
	 */
	AwsClient?: (new (config: LambdaClientConfig) => InvokingClient) | undefined;

	/**
	 * Configuration of the Lambda client. `maxAttempts` is always 1: a late retry meets a freed environment. All children
	 * go over one HTTP/2 connection, or over HTTP/1.1 with a socket for each where the endpoint does not take HTTP/2. A
	 * `requestHandler` of your own, `{}` included, switches HTTP/2 off.
	 *
	 * @default none
	 */
	awsClientOptions?: LambdaClientConfig | undefined;

	/**
	 * Wraps the client, for AWS X-Ray: `AWSXRay.captureAWSv3Client`.
	 *
	 * @default none
	 */
	awsClientCapture?: ((client: LambdaClient) => LambdaClient) | undefined;
}

/** The options with every default filled in; what has no default stays optional. */
export type ResolvedOptions = Readonly<
	WarmupOptions & {
		[Name in keyof typeof defaults]-?: NonNullable<WarmupOptions[Name]>;
	}
>;

const defaults = {
	concurrency: 1,
	flag: "warmer",
	concurrencyField: "concurrency",
	targetField: "target",
	testField: "test",
	verify: true,
	maxConcurrency: 50,
	maxDelay: 1000,
	maxDuration: 30_000,
	targets: [],
	log: true,
} satisfies WarmupOptions;

type Option = keyof WarmupOptions;
type Rule = readonly [takes: string, accepts: (value: unknown) => boolean];

const isFunction = (value: unknown) => typeof value === "function";
const isBoolean = (value: unknown) => typeof value === "boolean";
const isText = (value: unknown) => typeof value === "string" && value !== "";

/** Made when there is something to check: what a cold start runs while it loads, it waits for. */
const makeRules = (): Readonly<Record<Option, Rule>> => {
	const integerFrom = (least: number): Rule => [
		`an integer of ${least} or more`,
		(value) => Number.isSafeInteger(value) && (value as number) >= least,
	];
	const callback: Rule = ["a function", isFunction];
	const name: Rule = [
		"a non-empty string that does not start with __WARMER_",
		(value) => isText(value) && !(value as string).startsWith("__WARMER_"),
	];

	return {
		concurrency: integerFrom(1),
		delay: integerFrom(0),
		flag: name,
		concurrencyField: name,
		targetField: name,
		testField: name,
		isWarmingUp: callback,
		verify: ["a boolean", isBoolean],
		maxConcurrency: integerFrom(1),
		maxDelay: integerFrom(1),
		maxDuration: integerFrom(1),
		targets: ["an array of non-empty strings", (value) => Array.isArray(value) && value.every(isText)],
		correlationId: [
			"a string of 1 to 256 characters or a function",
			(value) => isFunction(value) || (isText(value) && (value as string).length <= 256),
		],
		onWarmup: callback,
		onReport: callback,
		log: ["a boolean or a function", (value) => isBoolean(value) || isFunction(value)],
		AwsClient: ["a class", isFunction],
		awsClientOptions: ["an object", (value) => typeof value === "object" && value !== null],
		awsClientCapture: callback,
	};
};

/** What limits what, and is never less by default. */
const limits = [
	["concurrency", "maxConcurrency"],
	["delay", "maxDelay"],
] as const;

/**
 * Checks options as {@link warmup} does. An option that is `undefined` counts as left out.
 *
 * @throws TypeError that names the option, what it got and what it takes
 */
export const warmupValidateOptions = (options: WarmupOptions): void => {
	resolveOptions(options);
};

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError as {@link warmupValidateOptions} does
 */
export const resolveOptions = (options: WarmupOptions): ResolvedOptions => {
	if (typeof options !== "object" || options === null) {
		throw wrong("options", "an object", options);
	}
	const rules = makeRules();
	const given: WarmupOptions = {};
	for (const [option, value] of Object.entries(options)) {
		if (!Object.hasOwn(rules, option)) {
			throw invalid(`unknown option ${option}${suggestionFor(option, Object.keys(rules))}`);
		}
		if (value === undefined) continue;
		const [takes, accepts] = rules[option as Option];
		if (!accepts(value)) throw wrong(option, takes, value);
		Object.assign(given, { [option]: value });
	}
	const resolved = { ...defaults, ...given };
	for (const [option, limit] of limits) {
		const value = resolved[option] ?? 0;
		const most = given[limit] ?? Math.max(defaults[limit], value);
		if (value > most) throw wrong(option, `${limit} (${most}) at most`, value);
		resolved[limit] = most;
	}
	const { flag, concurrencyField, targetField, testField } = resolved;
	if (new Set([flag, concurrencyField, targetField, testField]).size < 4) {
		throw invalid("flag, concurrencyField, targetField and testField take four different names");
	}
	return resolved as ResolvedOptions;
};

const invalid = (problem: string): TypeError => new TypeError(`${cause.package}: ${problem}`, { cause });

const wrong = (option: string, takes: string, value: unknown): TypeError =>
	invalid(`${option} takes ${takes}, got ${show(value)}`);

const show = (value: unknown): string =>
	typeof value === "string"
		? JSON.stringify(value)
		: Array.isArray(value)
			? `[${value.map(show).join(", ")}]`
			: isFunction(value)
				? "a function"
				: value instanceof Object
					? "an object"
					: String(value);

/**
 * The option that shares most pairs of neighbouring letters with a wrong name, if those are a quarter of the longer
 * one.
 */
const suggestionFor = (unknown: string, options: string[]): string => {
	const shared = (option: string) =>
		[...option].filter((letter, index) => unknown.toLowerCase().includes((letter + option[index + 1]).toLowerCase()))
			.length;
	const nearest = options.reduce((best, option) => (shared(option) > shared(best) ? option : best));
	return 4 * shared(nearest) < Math.max(nearest.length, unknown.length) ? "" : `; did you mean ${nearest}?`;
};
