/**
 * What a user can set: every option, its default, and the check that a wrong one fails at creation.
 *
 * @module
 */

import type { InvokeCommand, InvokeCommandOutput, LambdaClient, LambdaClientConfig } from "@aws-sdk/client-lambda";
import type { Request } from "@middy/core";
import type { WarmupEntry, WarmupReport } from "./report.js";

/** Of this package, for all that bears its mark. */
export const packageName = "middy-lambda-warmer";

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
	 * The longest, in ms, that a ping may keep an environment busy, whatever the function's own timeout. A lost answer or
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
	 * `true`: `console.log(record)`, and `console.warn` for warnings. An entry is an object, which Lambda's JSON log format
	 * keeps structured. A function gets every entry instead. `false`: nothing.
	 *
	 * @default true
	 */
	log?: boolean | ((entry: WarmupEntry) => void) | undefined;

	/**
	 * Your own Lambda client class, with the SDK's interface.
	 *
	 * @default none
	 */
	AwsClient?: (new (config: LambdaClientConfig) => InvokingClient) | undefined;

	/**
	 * Configuration of the SDK's Lambda client, which is used where this is set; otherwise the SDK is not even loaded where
	 * HTTP/2 works. `maxAttempts` is always 1: a late retry meets a freed environment. All children go over one HTTP/2
	 * connection, or over HTTP/1.1 with a socket for each where the endpoint does not take HTTP/2. A `requestHandler` of
	 * your own, `{}` included, switches HTTP/2 off.
	 *
	 * @default none
	 */
	awsClientOptions?: LambdaClientConfig | undefined;

	/**
	 * Wraps the SDK's client, for AWS X-Ray: `AWSXRay.captureAWSv3Client`.
	 *
	 * @default none
	 */
	awsClientCapture?: ((client: LambdaClient) => LambdaClient) | undefined;
}

/** The options with every default filled in; what has no default stays optional. */
export type ResolvedOptions = Readonly<
	WarmupOptions & {
		[Name in Exclude<Option, OptionWithoutDefault>]-?: NonNullable<WarmupOptions[Name]>;
	}
>;

type Option = keyof WarmupOptions;
type OptionWithoutDefault =
	| "delay"
	| "isWarmingUp"
	| "correlationId"
	| "onWarmup"
	| "onReport"
	| `${"A" | "a"}ws${string}`;

/** One that accepts nothing of its own accepts the types that its words name. */
type Rule<Value = unknown> = readonly [
	takes: string,
	fallback?: Value | undefined,
	accepts?: (value: unknown) => unknown,
];

/**
 * Checks options as {@link warmup} does. An option that is `undefined` counts as left out.
 *
 * @throws TypeError that names the option, what it got and what it takes
 */
export const warmupValidateOptions = (options: WarmupOptions): void => {
	resolveOptions(options);
};

/**
 * Checks the options and fills in the defaults. Every cold start loads this: its words are few.
 *
 * @throws TypeError as {@link warmupValidateOptions} does
 */
export const resolveOptions = (options: WarmupOptions): ResolvedOptions => {
	check("options", ["an object"], options);
	const { concurrency = 1, delay = 1 } = options;
	// Stryker disable next-line ArrayDeclaration: a name that nobody gives
	const names: unknown[] = [];
	const name = (fallback: string): Rule<string> => [
		"a non-empty string of its own, without __WARMER_",
		fallback,
		(value) => isText(value) && !value.includes("__WARMER_") && !names.includes(value) && names.push(value),
	];
	// In this order: a limit is checked against what it limits, which is right by then.
	const rules: { [Name in Option]-?: Rule<WarmupOptions[Name]> } = {
		concurrency: integer(1, 1),
		delay: integer(0),
		maxDuration: integer(1, 30_000),
		maxDelay: integer(delay, 1000),
		maxConcurrency: integer(concurrency, 50),
		flag: name("warmer"),
		concurrencyField: name("concurrency"),
		targetField: name("target"),
		testField: name("test"),
		verify: ["a boolean", true],
		log: ["a boolean or a function", true],
		targets: ["an array of non-empty strings", [], (value) => Array.isArray(value) && value.every(isText)],
		correlationId: [
			"a string of 1 to 256 characters or a function",
			undefined,
			(value) => typeof value === "function" || (isText(value) && value.length <= 256),
		],
		isWarmingUp: ["a function"],
		onWarmup: ["a function"],
		onReport: ["a function"],
		awsClientCapture: ["a function"],
		AwsClient: ["a class (a function)"],
		awsClientOptions: ["an object"],
	};
	const resolved: Record<string, unknown> = {};
	for (const option in { ...rules, ...options }) {
		if (!Object.hasOwn(rules, option)) throw unknown(option, Object.keys(rules));
		const { [option as Option]: value = rules[option as Option][1] } = options;
		if (value !== undefined) check(option, rules[option as Option], value);
		resolved[option] = value;
	}
	return resolved as ResolvedOptions;
};

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";

/** The default is raised to the least that is allowed. */
const integer = (least: number, fallback?: number): Rule<number> => [
	`an integer of ${least} or more`,
	fallback && Math.max(least, fallback),
	(value) => Number.isSafeInteger(value) && (value as number) >= least,
];

const check = (option: string, [takes, , accepts]: Rule, value: unknown): void => {
	if (!(accepts ? accepts(value) : value !== null && takes.includes(typeof value))) {
		throw invalid(`${option} takes ${takes}, got ${show(value)}`);
	}
};

const invalid = (problem: string): TypeError =>
	new TypeError(`${packageName}: ${problem}`, { cause: { package: packageName } });

const show = (value: unknown): string =>
	typeof value === "string"
		? `"${value}"`
		: Array.isArray(value)
			? `[${value.map(show).join(", ")}]`
			: Object(value) === value
				? `a value of type ${typeof value}`
				: String(value);

/** Suggests the option that differs in fewest letters, wherever they are, if those are three at most. */
const unknown = (name: string, options: string[]): TypeError => {
	const distance = (option: string) =>
		option.length - name.length + 2 * name.replace(RegExp(`[${option}]`, "gi"), "").length;
	const [nearest] = options.sort((a, b) => distance(a) - distance(b)) as [string];
	return invalid(`unknown option ${name}${distance(nearest) < 4 ? `; did you mean ${nearest}?` : ""}`);
};
