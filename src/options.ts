/**
 * The options: their meaning, their defaults, and the check that rejects a wrong one at creation. Loaded by every cold
 * start.
 *
 * @module
 */

import type { InvokeCommand, InvokeCommandOutput, LambdaClient, LambdaClientConfig } from "@aws-sdk/client-lambda";
import type { Request } from "@middy/core";
import type { WarmupEntry, WarmupReport } from "./report/report.js";

/** This package's name, for everything that bears its mark. */
export const PACKAGE_NAME = "middy-lambda-warmer";

/** What the middleware needs of a Lambda client. */
export interface InvokingClient {
	send(command: InvokeCommand, options: { abortSignal: AbortSignal }): Promise<InvokeCommandOutput>;
}

/** Options of {@link warmup}. All are optional. */
export interface WarmupOptions {
	/**
	 * Environments to keep warm (count, 1 or more) if a ping does not say how many; `"auto"`: as many as the traffic needs.
	 * With `"auto"`, a ping asks for the largest number of environments that were busy in the same second within the last
	 * 24 hours, plus one. A ping that only `isWarmingUp` recognizes counts as one environment, since its scheduler may send
	 * several at once.
	 *
	 * @default 1
	 */
	concurrency?: number | "auto" | undefined;

	/**
	 * The least that `"auto"` asks for (count, 1 or more). A new deployment begins with it.
	 *
	 * @default 1
	 */
	minConcurrency?: number | undefined;

	/**
	 * The most environments that a ping or `"auto"` may ask for (count). Larger numbers are clamped, with a warning.
	 *
	 * @default 50, or `concurrency` or `minConcurrency` if larger
	 */
	maxConcurrency?: number | undefined;

	/**
	 * How long a child stays busy, in ms, so that Lambda cannot reuse its environment for a sibling. If set, it is the hold
	 * of the first round. By default, the hold adapts to measured arrivals, starting at 75 (or `maxDelay` if smaller). With
	 * `verify: false`, a child stays busy for `delay` (75) from its own start.
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
	 * The ping's field that, if `true`, requests a record and nothing else: no fan-out, no hold.
	 *
	 * @default "test"
	 */
	testField?: string | undefined;

	/**
	 * Recognizes further pings, besides `flag`. It is called for every event without the flag. Only the boolean `true`
	 * counts; if it throws, the event is treated as a request. Such a ping holds for `delay` even at concurrency 1, since
	 * its scheduler may send several at once.
	 *
	 * @default none
	 */
	isWarmingUp?: ((event: unknown, context: Request["context"]) => boolean) | undefined;

	/**
	 * Verified warming: children answer with their environment's id, and the initiator counts distinct ones and repairs a
	 * shortfall. `false` follows lambda-warmer's protocol exactly.
	 *
	 * @default true
	 */
	verify?: boolean | undefined;

	/**
	 * The longest hold of any child, in ms. It overrides the adaptive value, the default and the ping.
	 *
	 * @default 1000, or `delay` if larger
	 */
	maxDelay?: number | undefined;

	/**
	 * The longest that a ping may keep an environment busy, in ms, whatever the function's timeout. It limits the cost of a
	 * lost answer or a callback that hangs.
	 *
	 * @default 30000
	 */
	maxDuration?: number | undefined;

	/**
	 * Other functions that a ping may name in its target field: names or ARNs, as Lambda's Invoke API accepts them. A ping
	 * for any other function is refused, with a warning.
	 *
	 * @default []
	 */
	targets?: readonly string[] | undefined;

	/**
	 * Identifies a ping in every record and is passed to every child: 1 to 256 characters, or a function that returns them.
	 *
	 * @default this environment's id
	 */
	correlationId?: string | ((event: unknown, context: Request["context"]) => string) | undefined;

	/**
	 * Priming: runs, and is awaited, in every environment that a ping reaches (open a database connection, load secrets).
	 * A repair may reach an environment again, so make it idempotent. It runs during the hold, not after it. If it fails or
	 * takes longer than the ping's deadline, a warning is logged, and the environment counts as reached.
	 *
	 * @default none
	 */
	onWarmup?: ((request: Request) => unknown) | undefined;

	/**
	 * Runs with the initiator's report, and is awaited: publish metrics here. If it fails or takes longer than the ping's
	 * deadline, a warning is logged.
	 *
	 * @default none
	 */
	onReport?: ((report: WarmupReport) => unknown) | undefined;

	/**
	 * `true` logs with `console.log`, and warnings with `console.warn`. An entry is an object, which Lambda's JSON log
	 * format keeps structured. A function receives every entry instead. `false` logs nothing.
	 *
	 * @default true
	 */
	log?: boolean | ((entry: WarmupEntry) => void) | undefined;

	/**
	 * Your own Lambda client class, with the SDK's interface. It is used in place of the direct transport.
	 *
	 * @default none
	 */
	AwsClient?: (new (config: LambdaClientConfig) => InvokingClient) | undefined;

	/**
	 * Configuration of the AWS SDK's Lambda client, which is used if this is set, even to `{}`. Without it, the SDK is not
	 * loaded as long as the direct transport works: HTTP/2, signed by this package. The SDK uses HTTP/1.1 with a socket for
	 * each child. `maxAttempts` is always 1, since a late retry would reuse an environment.
	 *
	 * @default none
	 */
	awsClientOptions?: LambdaClientConfig | undefined;

	/**
	 * Wraps the AWS SDK's client, which is used if this is set. For AWS X-Ray: `AWSXRay.captureAWSv3Client`.
	 *
	 * @default none
	 */
	awsClientCapture?: ((client: LambdaClient) => LambdaClient) | undefined;
}

/** The options with every default filled in. Options without a default stay optional. */
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

const DEFAULTS = {
	concurrency: 1,
	minConcurrency: 1,
	flag: "warmer",
	concurrencyField: "concurrency",
	targetField: "target",
	testField: "test",
	verify: true,
	maxDuration: 30_000,
	targets: [],
	log: true,
} satisfies WarmupOptions as Pick<
	ResolvedOptions,
	| "minConcurrency"
	| "concurrency"
	| "flag"
	| "log"
	| `${"concurrency" | "target" | "test"}Field`
	| "verify"
	| "maxDuration"
	| "targets"
>;

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) > 0;
const isFunction = (value: unknown): boolean => typeof value === "function";
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

type Rule = readonly [expected: string, validate: (value: unknown) => boolean];

const COUNT: Rule = ["an integer of 1 or more", isCount];
const FUNCTION: Rule = ["a function", isFunction];
const FIELD_NAME: Rule = [
	"a non-empty string, different from the other field names, without __WARMER_",
	(value) => isText(value) && !value.includes("__WARMER_"),
];

const RULES: { readonly [Name in Option]-?: Rule } = {
	concurrency: ['an integer of 1 or more, or "auto"', (value) => value === "auto" || isCount(value)],
	minConcurrency: COUNT,
	maxConcurrency: COUNT,
	delay: ["an integer of 0 or more", (value) => value === 0 || isCount(value)],
	flag: FIELD_NAME,
	concurrencyField: FIELD_NAME,
	targetField: FIELD_NAME,
	testField: FIELD_NAME,
	isWarmingUp: FUNCTION,
	verify: ["a boolean", (value) => typeof value === "boolean"],
	maxDelay: COUNT,
	maxDuration: COUNT,
	targets: ["an array of non-empty strings", (value) => Array.isArray(value) && value.every(isText)],
	correlationId: [
		"a string of 1 to 256 characters, or a function",
		(value) => isFunction(value) || (isText(value) && value.length <= 256),
	],
	onWarmup: FUNCTION,
	onReport: FUNCTION,
	log: ["a boolean or a function", (value) => typeof value === "boolean" || isFunction(value)],
	AwsClient: ["a class", isFunction],
	awsClientOptions: ["an object", isObject],
	awsClientCapture: FUNCTION,
};

/**
 * Checks options as {@link warmup} does. An option that is `undefined` counts as absent.
 *
 * @throws TypeError that names the option, what it got, and what it takes
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
	if (!isObject(options)) throw invalidOptionError("options", "an object", options);
	const resolved: WarmupOptions & typeof DEFAULTS = { ...DEFAULTS };
	for (const option of Object.keys(options) as Option[]) {
		const { [option]: value } = options;
		if (!Object.hasOwn(RULES, option)) throw unknownOptionError(option);
		const [expected, validate] = RULES[option];
		if (value === undefined) continue;
		if (!validate(value)) throw invalidOptionError(option, expected, value);
		Object.assign(resolved, { [option]: value });
	}
	const { concurrency, minConcurrency, delay = 0 } = resolved;
	const fixed = concurrency === "auto" ? 1 : concurrency;
	const { maxConcurrency = Math.max(50, fixed, minConcurrency), maxDelay = Math.max(1000, delay) } = resolved;
	const limit = (option: Option, value: number, by: Option, maximum: number) => {
		if (value > maximum) throw invalidOptionError(option, `at most ${by} (${maximum})`, value);
	};
	limit("concurrency", fixed, "maxConcurrency", maxConcurrency);
	limit("minConcurrency", minConcurrency, "maxConcurrency", maxConcurrency);
	limit("delay", delay, "maxDelay", maxDelay);
	const names = ["flag", "concurrencyField", "targetField", "testField"] as const;
	for (const option of names) {
		const isTaken = names.some((other) => other !== option && resolved[other] === resolved[option]);
		if (isTaken && options[option]) throw invalidOptionError(option, FIELD_NAME[0], options[option]);
	}
	return { ...resolved, maxConcurrency, maxDelay };
};

const createError = (problem: string): TypeError =>
	new TypeError(`${PACKAGE_NAME}: ${problem}`, { cause: { package: PACKAGE_NAME } });

const invalidOptionError = (option: string, expected: string, value: unknown): TypeError =>
	createError(`${option} must be ${expected}, got ${format(value)}`);

const format = (value: unknown): string => {
	if (typeof value === "string") return `"${value}"`;
	if (Array.isArray(value)) return `[${value.map(format).join(", ")}]`;
	return Object(value) === value ? `a value of type ${typeof value}` : String(value);
};

/** Suggests the option that differs in the fewest letters, ignoring their order, if at most three differ. */
const unknownOptionError = (name: string): TypeError => {
	const distance = (option: string) =>
		option.length - name.length + 2 * name.replace(RegExp(`[${option}]`, "gi"), "").length;
	const [nearest = ""] = Object.keys(RULES).sort((one, other) => distance(one) - distance(other));
	return createError(`unknown option ${name}${distance(nearest) < 4 ? `; did you mean ${nearest}?` : ""}`);
};
