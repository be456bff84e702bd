/**
 * Checks the options at creation and fills in the defaults. Loaded by every cold start.
 *
 * @module
 */

import type { Option, ResolvedOptions, WarmupOptions } from "./options.js";

/** This package's name, for everything that bears its mark. */
export const PACKAGE_NAME = "middy-lambda-warmer";

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

function isText(value: unknown): value is string {
	return typeof value === "string" && value !== "";
}
function isCount(value: unknown): boolean {
	return Number.isSafeInteger(value) && (value as number) > 0;
}
function isFunction(value: unknown): boolean {
	return typeof value === "function";
}
function isObject(value: unknown): boolean {
	return typeof value === "object" && value !== null;
}

type Rule = readonly [expected: string, validate: (value: unknown) => boolean];

const COUNT: Rule = ["an integer of 1 or more", isCount];
const FUNCTION: Rule = ["a function", isFunction];
const FIELD_NAME: Rule = [
	"a non-empty string, different from the other field names, without __WARMER_",
	(value) => isText(value) && !value.includes("__WARMER_"),
];

const FIELD_NAMES = ["flag", "concurrencyField", "targetField", "testField"] as const;

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
export function warmupValidateOptions(options: WarmupOptions): void {
	resolveOptions(options);
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws TypeError as {@link warmupValidateOptions} does
 */
export function resolveOptions(options: WarmupOptions): ResolvedOptions {
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
	const limits = [
		["concurrency", fixed, "maxConcurrency", maxConcurrency],
		["minConcurrency", minConcurrency, "maxConcurrency", maxConcurrency],
		["delay", delay, "maxDelay", maxDelay],
	] as const;
	for (const [option, value, by, maximum] of limits) {
		if (value > maximum) throw invalidOptionError(option, `at most ${by} (${maximum})`, value);
	}
	for (const option of FIELD_NAMES) {
		const isTaken =
			options[option] && FIELD_NAMES.some((other) => other !== option && resolved[other] === options[option]);
		if (isTaken) throw invalidOptionError(option, FIELD_NAME[0], options[option]);
	}
	return { ...resolved, maxConcurrency, maxDelay };
}

function createError(problem: string): TypeError {
	return new TypeError(`${PACKAGE_NAME}: ${problem}`, { cause: { package: PACKAGE_NAME } });
}

function invalidOptionError(option: string, expected: string, value: unknown): TypeError {
	return createError(`${option} must be ${expected}, got ${format(value)}`);
}

function format(value: unknown): string {
	if (typeof value === "string") return `"${value}"`;
	if (Array.isArray(value)) return `[${value.map(format).join(", ")}]`;
	return Object(value) === value ? `a value of type ${typeof value}` : String(value);
}

/** Suggests the option that differs in the fewest letters, ignoring their order, if at most three differ. */
function unknownOptionError(name: string): TypeError {
	const distance = (option: string) =>
		option.length - name.length + 2 * name.replace(RegExp(`[${option}]`, "gi"), "").length;
	const [nearest] = Object.keys(RULES).sort((one, other) => distance(one) - distance(other)) as [string];
	return createError(`unknown option ${name}${distance(nearest) < 4 ? `; did you mean ${nearest}?` : ""}`);
}
