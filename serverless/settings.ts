/** A schedule of pings. */
export interface WarmupScheduleSettings {
	/** When to ping: an expression such as `rate(5 minutes)` or `cron(0/5 8-17 ? * MON-FRI *)`. */
	rate: string;

	/**
	 * Execution environments to keep warm.
	 *
	 * @default - the `concurrency` beside `schedules`
	 */
	concurrency?: number | "auto";

	/**
	 * The time zone of a cron expression, such as `Europe/Berlin`.
	 *
	 * @default - the `timezone` beside `schedules`, or UTC
	 */
	timezone?: string;
}

/** What `prewarm` accepts beside `true` and `false`. */
export interface PrewarmSettings {
	/**
	 * The share of the requested environments that has to be reached, above 0 and at most 1. Below it, the deployment
	 * fails.
	 *
	 * @default - a shortfall is a warning
	 */
	minimumCoverage?: number;
}

/** What `custom.warmup` accepts, for all functions of a service that have `warmup`, and a function's own `warmup`. */
export interface WarmupSettings {
	/**
	 * When to ping: an expression such as `rate(5 minutes)` or `cron(0/5 8-17 ? * MON-FRI *)`.
	 *
	 * @default 'rate(5 minutes)'
	 */
	rate?: string;

	/**
	 * The time zone of a cron expression, such as `Europe/Berlin`.
	 *
	 * @default - UTC
	 */
	timezone?: string;

	/**
	 * Execution environments to keep warm: an integer from 1, or `auto` for as many as the traffic needs.
	 *
	 * @default - the middleware's own option `concurrency`, which is 1 unless it is set
	 */
	concurrency?: number | "auto";

	/**
	 * Several schedules in place of one. A function with a `rate`, `timezone` or `concurrency` of its own does not
	 * inherit them from `custom.warmup`.
	 *
	 * @default - one schedule
	 */
	schedules?: WarmupScheduleSettings[];

	/**
	 * The stages in which to warm.
	 *
	 * @default - all stages
	 */
	stages?: string[];

	/**
	 * The alias to ping; `$LATEST` pings the function itself.
	 *
	 * @default - the alias of the function in the template, if there is one
	 */
	alias?: string;

	/**
	 * The ping's field that marks it as one: the middleware's option `flag`.
	 *
	 * @default 'warmer'
	 */
	flag?: string;

	/**
	 * The ping's field for the number of environments: the middleware's option `concurrencyField`.
	 *
	 * @default 'concurrency'
	 */
	concurrencyField?: string;

	/**
	 * Pings once at the end of `serverless deploy`, and hands over what the version before has learned about the traffic.
	 *
	 * @default false
	 */
	prewarm?: boolean | PrewarmSettings;
}

/** What a function's `warmup` accepts: whether to warm, a number of environments, or settings. */
export type FunctionWarmup = boolean | number | "auto" | WarmupSettings;

/** How to warm one function. */
export interface FunctionSettings extends Omit<WarmupSettings, "rate" | "timezone" | "concurrency" | "stages"> {
	readonly schedules: WarmupScheduleSettings[];
}

/**
 * A function's settings, with those for all functions in place of what it does not say.
 *
 * @returns `undefined` for a function that is not to be warmed in this stage
 */
export function settingsOf(
	custom: WarmupSettings = {},
	warmup: FunctionWarmup = false,
	stage: string,
): FunctionSettings | undefined {
	if (warmup === false) return undefined;
	const own = ownSettings(warmup);
	const { rate = "rate(5 minutes)", timezone, concurrency, stages, ...settings } = { ...custom, ...own };
	if (stages && !stages.includes(stage)) return undefined;

	const single: WarmupScheduleSettings = {
		rate,
		...(timezone !== undefined && { timezone }),
		...(concurrency !== undefined && { concurrency }),
	};
	const isScheduledAlone = own.rate ?? own.timezone ?? own.concurrency;
	const schedules = own.schedules ?? (isScheduledAlone === undefined ? custom.schedules : undefined) ?? [single];
	return { ...settings, schedules: schedules.map((schedule) => ({ ...single, ...schedule })) };
}

function ownSettings(warmup: FunctionWarmup): WarmupSettings {
	if (typeof warmup === "object") return warmup;
	return warmup === true ? {} : { concurrency: warmup as number | "auto" };
}

/** The ping that the middleware reads. */
export function pingOf(
	{ flag = "warmer", concurrencyField = "concurrency" }: FunctionSettings,
	concurrency: number | "auto" | undefined,
): Record<string, unknown> {
	return { [flag]: true, ...(concurrency !== undefined && { [concurrencyField]: concurrency }) };
}

/** The largest number that any of a function's schedules asks for; `auto` is larger than any number. */
export function largestConcurrency({ schedules }: FunctionSettings): number | "auto" | undefined {
	const asked = schedules.map(({ concurrency }) => concurrency).filter((concurrency) => concurrency !== undefined);
	if (asked.includes("auto")) return "auto";
	return asked.length > 0 ? Math.max(...asked.map(Number)) : undefined;
}
