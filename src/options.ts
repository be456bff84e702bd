/**
 * What a user can set: every option, its default, and the check that a wrong one fails at creation.
 *
 * @module
 */

import type {
	InvokeCommand,
	InvokeCommandOutput,
	LambdaClient,
	LambdaClientConfig,
} from "@aws-sdk/client-lambda";
import type { Request } from "@middy/core";
import type { WarmupEntry, WarmupReport } from "./report.js";

export const packageName = "middy-lambda-warmer";

/** The hold, in ms, of an environment that has learned nothing yet; lambda-warmer's default delay. */
export const initialHold = 75;

/** What the middleware needs of a Lambda client. */
export interface InvokingClient {
	send(
		command: InvokeCommand,
		options: { abortSignal: AbortSignal },
	): Promise<InvokeCommandOutput>;
}

/** Options of {@link warmup}. Each can be left out. */
export interface WarmupOptions {
	/**
	 * Environments (count, 1 or more) to keep warm when the ping names no number of its own.
	 *
	 * @default 1
	 */
	concurrency?: number | undefined;

	/**
	 * How long, in ms, a child stays busy so that Lambda cannot reuse its environment for a sibling.
	 * Given, it is exactly the hold of the first round. Left out, the hold adapts to what the pings
	 * measure, starting at 75. With `verify: false`, a child stays for `delay` (75) from its own start.
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
	 * Recognises further pings, beside `flag`. Called for every event that is no ping by its flag; only
	 * the boolean `true` counts, and one that throws lets the business request through. Such a ping
	 * holds for `delay` even at concurrency 1, since its scheduler may be sending several at once.
	 *
	 * @default none
	 */
	isWarmingUp?:
		| ((event: unknown, context: Request["context"]) => boolean)
		| undefined;

	/**
	 * Verified warming: children answer with their environment's id, the initiator counts distinct
	 * ones and repairs a shortfall. `false` speaks lambda-warmer's protocol to the letter.
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
	 * The longest hold, in ms, that adapting, or a ping, may set.
	 *
	 * @default 1000, or `delay` where that is larger
	 */
	maxDelay?: number | undefined;

	/**
	 * Other functions (names or ARNs, as Lambda's Invoke API takes them) that a ping may name in its
	 * target field. One that is not listed is refused, with a warning.
	 *
	 * @default []
	 */
	targets?: readonly string[] | undefined;

	/**
	 * Passed to every child, and in every record.
	 *
	 * @default this environment's id
	 */
	correlationId?:
		| string
		| ((event: unknown, context: Request["context"]) => string)
		| undefined;

	/**
	 * Priming: awaited once per ping in every environment reached (open the database, load secrets). It
	 * runs during the hold, not after it. One that fails or outlasts the invocation's deadline is
	 * logged as a warning; the environment counts as reached.
	 *
	 * @default none
	 */
	onWarmup?: ((request: Request) => unknown) | undefined;

	/**
	 * Awaited with the initiator's report: publish metrics here. One that fails or outlasts the
	 * invocation's deadline is logged as a warning.
	 *
	 * @default none
	 */
	onReport?: ((report: WarmupReport) => unknown) | undefined;

	/**
	 * `true`: `console.log(record)`, and `console.warn` for warnings, with an object, so that Lambda's
	 * JSON log format keeps it structured. A function gets every entry instead. `false`: nothing.
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
	 * Configuration of the Lambda client. `maxAttempts` is always 1: a late retry meets a freed
	 * environment. The default request handler opens a socket for each child and keeps none.
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
	WarmupOptions &
		Required<Omit<WarmupOptions, OptionWithoutDefault>> & {
			[Name in DefaultedOption]: NonNullable<WarmupOptions[Name]>;
		}
>;

type OptionWithoutDefault =
	| "delay"
	| "isWarmingUp"
	| "correlationId"
	| "onWarmup"
	| "onReport"
	| "AwsClient"
	| "awsClientOptions"
	| "awsClientCapture";
type DefaultedOption = Exclude<keyof WarmupOptions, OptionWithoutDefault>;

const defaults = {
	concurrency: 1,
	flag: "warmer",
	concurrencyField: "concurrency",
	targetField: "target",
	testField: "test",
	verify: true,
	maxConcurrency: 50,
	maxDelay: 1000,
	targets: [],
	log: true,
} satisfies WarmupOptions;

type Rule = readonly [takes: string, accepts: (value: unknown) => boolean];

const integerFrom = (least: number): Rule => [
	`an integer of ${least} or more`,
	(value) => Number.isSafeInteger(value) && (value as number) >= least,
];
const boolean: Rule = ["a boolean", (value) => typeof value === "boolean"];
const callback: Rule = ["a function", (value) => typeof value === "function"];
const name: Rule = [
	"a non-empty string that does not start with __WARMER_",
	(value) =>
		typeof value === "string" && value !== "" && !value.startsWith("__WARMER_"),
];

const rules: Readonly<Record<keyof WarmupOptions, Rule>> = {
	concurrency: integerFrom(1),
	delay: integerFrom(0),
	flag: name,
	concurrencyField: name,
	targetField: name,
	testField: name,
	isWarmingUp: callback,
	verify: boolean,
	maxConcurrency: integerFrom(1),
	maxDelay: integerFrom(1),
	targets: [
		"an array of non-empty strings",
		(value) =>
			Array.isArray(value) &&
			value.every((target) => typeof target === "string" && target !== ""),
	],
	correlationId: [
		"a non-empty string or a function",
		(value) =>
			(typeof value === "string" && value !== "") ||
			typeof value === "function",
	],
	onWarmup: callback,
	onReport: callback,
	log: [
		"a boolean or a function",
		(value) => typeof value === "boolean" || typeof value === "function",
	],
	AwsClient: ["a class", callback[1]],
	awsClientOptions: [
		"an object",
		(value) => typeof value === "object" && value !== null,
	],
	awsClientCapture: callback,
};

/**
 * Checks the options and fills in the defaults. An option that is `undefined` counts as left out.
 *
 * @throws TypeError that names the option, what it got and what it takes
 */
export const resolveOptions = (options: WarmupOptions): ResolvedOptions => {
	if (typeof options !== "object" || options === null) {
		throw invalid(`options takes an object, got ${show(options)}`);
	}
	const given: WarmupOptions = {};
	for (const [option, value] of Object.entries(options)) {
		if (!Object.hasOwn(rules, option)) {
			throw invalid(
				`unknown option ${option}; did you mean ${nearestOption(option)}?`,
			);
		}
		if (value === undefined) continue;
		const [takes, accepts] = rules[option as keyof WarmupOptions];
		if (!accepts(value)) {
			throw invalid(`${option} takes ${takes}, got ${show(value)}`);
		}
		Object.assign(given, { [option]: value });
	}
	const resolved = { ...defaults, ...given } as ResolvedOptions;
	const limits = {
		maxConcurrency:
			given.maxConcurrency ??
			Math.max(defaults.maxConcurrency, resolved.concurrency),
		maxDelay:
			given.maxDelay ?? Math.max(defaults.maxDelay, resolved.delay ?? 0),
	};
	if (resolved.concurrency > limits.maxConcurrency) {
		throw invalid(
			`concurrency takes maxConcurrency (${limits.maxConcurrency}) at most, got ${resolved.concurrency}`,
		);
	}
	if ((resolved.delay ?? 0) > limits.maxDelay) {
		throw invalid(
			`delay takes maxDelay (${limits.maxDelay}) at most, got ${resolved.delay}`,
		);
	}
	const { flag, concurrencyField, targetField, testField } = resolved;
	if (new Set([flag, concurrencyField, targetField, testField]).size < 4) {
		throw invalid(
			"flag, concurrencyField, targetField and testField take four different names",
		);
	}
	return { ...resolved, ...limits };
};

const invalid = (problem: string): TypeError =>
	new TypeError(`${packageName}: ${problem}`, {
		cause: { package: packageName },
	});

const show = (value: unknown): string =>
	typeof value === "string"
		? JSON.stringify(value)
		: Array.isArray(value)
			? `[${value.map(show).join(", ")}]`
			: typeof value === "object" && value !== null
				? "an object"
				: typeof value === "function"
					? "a function"
					: String(value);

const nearestOption = (wrong: string): string => {
	const distance = (known: string) =>
		editDistance(wrong.toLowerCase(), known.toLowerCase());
	return Object.keys(rules).reduce((nearest, known) =>
		distance(known) < distance(nearest) ? known : nearest,
	);
};

/** Levenshtein's, one row at a time. */
const editDistance = (a: string, b: string): number => {
	let row = Array.from({ length: b.length + 1 }, (_, column) => column);
	let distance = b.length;
	for (const letter of a) {
		let diagonal = 0;
		row = row.map((above, column) => {
			const replaced = diagonal + (letter === b[column - 1] ? 0 : 1);
			distance =
				column === 0 ? above + 1 : Math.min(replaced, above + 1, distance + 1);
			diagonal = above;
			return distance;
		});
	}
	return distance;
};
