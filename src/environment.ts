/**
 * Who this execution environment is, and what it has seen: all state that lives as long as it does.
 *
 * @module
 */

import type { Request } from "@middy/core";
import { remainingTimeOf } from "./deadline.js";
import { initialHold } from "./options.js";

/** The first invocation of an environment that came later than this many ms after loading was not what started it. */
const proactiveAfter = 10_000;

/** A hold is averaged over about this many pings: long enough to even out one slow child, short enough to follow a change. */
const memory = 5;

/** How an invocation found its environment. */
export type Start = "cold" | "warm" | "proactive";

const loadedAt = Date.now();

/** Unlike a UUID, needs no crypto module in a cold start; Lambda's environments of one function never share a process. */
const random = () => Math.random().toString(36).slice(2, 10);

/** This environment's identity, as long as it lives. */
export const id = `${loadedAt.toString(36)}-${random()}${random()}`;

let invoked = false;
let remainingOfLast: (() => number) | undefined;
const holds = new Map<
	string | undefined,
	{ hold: number; pings: number; told: boolean }
>();

/** Notes that a business request came. Reading a clock would be most of what the middleware costs it. */
export const noteBusinessRequest = (
	context: Request["context"] | null | undefined,
): void => {
	invoked = true;
	remainingOfLast = remainingTimeOf(context);
};

/** Notes that a ping came; says how it found this environment. */
export const notePing = (): Start => {
	if (invoked) return "warm";
	invoked = true;
	return Date.now() - loadedAt > proactiveAfter ? "proactive" : "cold";
};

/**
 * When the last business request came (epoch ms), or null. Both invocations have the same timeout, so they began as far
 * from one another as they end: what remains of this one, less what remains (a negative number) of that one.
 */
export const lastAccessed = (context: Request["context"]): number | null => {
	const since =
		Number(remainingTimeOf(context)?.()) - Number(remainingOfLast?.());
	return Number.isFinite(since) ? Math.round(Date.now() - since) : null;
};

/** The hold, in ms, that pings of a target (`undefined`: this function) have taught this environment; 75 to begin with. */
export const learnedHold = (target?: string): number =>
	holds.get(target)?.hold ?? initialHold;

/**
 * Learns from a ping that this environment initiated: a geometric average, since arrivals spread by factors and not by
 * amounts.
 */
export const learnHold = (hold: number, target?: string): void => {
	const pings = (holds.get(target)?.pings ?? 0) + 1;
	const weight = Math.max(1 / memory, 1 / pings);
	holds.set(target, {
		// A hold of 0 would stay 0, whatever came after it.
		hold: learnedHold(target) ** (1 - weight) * Math.max(1, hold) ** weight,
		pings,
		told: false,
	});
};

/**
 * Takes over the hold that another initiator of this function used, unless this environment has experience of its own:
 * what it is told was decided before the ping, and what it measured came after one.
 */
export const adoptHold = (hold: number): void => {
	const { told = true } = holds.get(undefined) ?? {};
	if (told) {
		holds.set(undefined, { hold: Math.max(1, hold), pings: 1, told });
	}
};

/** `name:version`, as lambda-warmer writes it. */
export const functionVersion = (): string =>
	`${process.env.AWS_LAMBDA_FUNCTION_NAME}:${process.env.AWS_LAMBDA_FUNCTION_VERSION}`;

/**
 * The function as it was invoked. An alias stays that alias and an unqualified name stays unqualified, since Lambda
 * authorises an invocation against exactly the ARN it names.
 */
export const invokedFunction = (context: Request["context"]): string =>
	context.invokedFunctionArn || functionVersion();

/** Why fanning out to this function would do no good, or undefined. */
export const reasonNotToFanOut = (): string | undefined => {
	const { AWS_LAMBDA_INITIALIZATION_TYPE, AWS_LAMBDA_MAX_CONCURRENCY } =
		process.env;
	if (AWS_LAMBDA_INITIALIZATION_TYPE === "provisioned-concurrency") {
		return "provisioned concurrency keeps the environments of this version warm";
	}
	if (
		AWS_LAMBDA_INITIALIZATION_TYPE === "lambda-managed-instances" ||
		AWS_LAMBDA_MAX_CONCURRENCY !== undefined
	) {
		return "on Lambda Managed Instances one environment serves many requests at once";
	}
	return undefined;
};

/** Every form in which Lambda's Invoke API takes a function: name, partial ARN or ARN, each with or without a qualifier. */
const functionForms =
	/^(?:(?:arn:(?<partition>[\w-]+):lambda:(?<region>[\w-]+):)?(?<account>\d{12}):function:)?(?<name>[\w-]+)(?::(?<qualifier>\$LATEST|[\w-]+))?$/;

/** Whether a target means this function, at the version or alias through which it was invoked. */
export const isThisFunction = (
	target: string,
	context: Request["context"],
): boolean => {
	const named = functionForms.exec(target)?.groups;
	const own = functionForms.exec(invokedFunction(context))?.groups;
	if (!named || !own) return false;
	const qualifier = named.qualifier ?? "$LATEST";
	return (
		named.name === own.name &&
		(["partition", "region", "account"] as const).every(
			(part) => !named[part] || !own[part] || named[part] === own[part],
		) &&
		(qualifier === (own.qualifier ?? "$LATEST") ||
			qualifier === process.env.AWS_LAMBDA_FUNCTION_VERSION)
	);
};
