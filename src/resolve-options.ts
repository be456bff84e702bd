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
} as const satisfies WarmupOptions;

const COUNT = "an integer of 1 or more";
const FIELD_NAME = "a non-empty string, different from the other field names, without __WARMER_";
const FUNCTION = "a function";

/** What each option must be. Texts alone, since a table of functions would take longer to load. */
const EXPECTED = {
	concurrency: 'an integer of 1 or more, or "auto"',
	minConcurrency: COUNT,
	maxConcurrency: COUNT,
	delay: "an integer of 0 or more",
	flag: FIELD_NAME,
	concurrencyField: FIELD_NAME,
	targetField: FIELD_NAME,
	testField: FIELD_NAME,
	isWarmingUp: FUNCTION,
	verify: "a boolean",
	maxDelay: COUNT,
	maxDuration: COUNT,
	targets: "an array of non-empty strings",
	correlationId: "a string of 1 to 256 characters, or a function",
	onWarmup: FUNCTION,
	onReport: FUNCTION,
	log: "a boolean or a function",
	AwsClient: "a class",
	awsClientOptions: "an object",
	awsClientCapture: FUNCTION,
} as const satisfies { [Name in Option]-?: string };

function isValid(expected: (typeof EXPECTED)[Option], value: unknown): boolean {
	const isCount = Number.isSafeInteger(value) && (value as number) > 0;
	const isFunction = typeof value === "function";
	switch (expected) {
		case COUNT:
			return isCount;
		case 'an integer of 1 or more, or "auto"':
			return isCount || value === "auto";
		case "an integer of 0 or more":
			return isCount || value === 0;
		case FIELD_NAME:
			return isText(value) && !value.includes("__WARMER_");
		case "an array of non-empty strings":
			return Array.isArray(value) && value.every(isText);
		case "a string of 1 to 256 characters, or a function":
			return isFunction || (isText(value) && value.length <= 256);
		case "a boolean":
			return typeof value === "boolean";
		case "a boolean or a function":
			return typeof value === "boolean" || isFunction;
		case "an object":
			return typeof value === "object" && value !== null;
		default:
			return isFunction;
	}
}

function isText(value: unknown): value is string {
	return typeof value === "string" && value !== "";
}

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
	if (typeof options !== "object" || options === null) throw invalidOptionError("options", "an object", options);
	const resolved: WarmupOptions & Pick<ResolvedOptions, keyof typeof DEFAULTS> = { ...DEFAULTS };
	const given = Object.keys(options) as Option[];
	for (const option of given) {
		const value = options[option];
		if (!Object.hasOwn(EXPECTED, option)) throw unknownOptionError(option);
		if (value === undefined) continue;
		if (!isValid(EXPECTED[option], value)) throw invalidOptionError(option, EXPECTED[option], value);
		Object.assign(resolved, { [option]: value });
	}
	for (const option of given) {
		if (EXPECTED[option] === FIELD_NAME && isTaken(option, resolved))
			throw invalidOptionError(option, FIELD_NAME, options[option]);
	}
	const { concurrency, minConcurrency, delay = 0 } = resolved;
	const fixed = concurrency === "auto" ? 1 : concurrency;
	const { maxConcurrency = Math.max(50, fixed, minConcurrency), maxDelay = Math.max(1000, delay) } = resolved;
	requireAtMost("concurrency", fixed, "maxConcurrency", maxConcurrency);
	requireAtMost("minConcurrency", minConcurrency, "maxConcurrency", maxConcurrency);
	requireAtMost("delay", delay, "maxDelay", maxDelay);
	return { ...resolved, maxConcurrency, maxDelay };
}

function requireAtMost(option: Option, value: number, by: Option, maximum: number): void {
	if (value > maximum) throw invalidOptionError(option, `at most ${by} (${maximum})`, value);
}

/** Whether another option names the same field. */
function isTaken(option: Option, resolved: WarmupOptions): boolean {
	return (Object.keys(EXPECTED) as Option[]).some(
		(other) => other !== option && EXPECTED[other] === FIELD_NAME && resolved[other] === resolved[option],
	);
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
	const [nearest] = Object.keys(EXPECTED).sort((one, other) => distance(one) - distance(other)) as [string];
	return createError(`unknown option ${name}${distance(nearest) < 4 ? `; did you mean ${nearest}?` : ""}`);
}
