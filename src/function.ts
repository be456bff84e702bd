/**
 * Who this execution environment is, which function it belongs to, and how an invocation found it.
 *
 * @module
 */

import type { Request } from "@middy/core";
import { remainingTimeOf } from "./deadline.js";
import type { HoldMemory } from "./hold.js";
import type { Start } from "./report.js";

/** All state that lives as long as the environment: made when the package is loaded, and shared by all its copies. */
export interface Environment {
	/** When the package was loaded (epoch ms). */
	readonly loadedAt: number;
	/** Whether a ping has come. */
	pinged?: boolean;
	/** Tells what remains of the last business request (ms); where its context does not, when it came (epoch ms). */
	lastRequest?: (() => number) | number;
	/** Made by the first invocation that needs it: whatever a snapshot was taken of before has none to clone. */
	id?: string;
	/** What pings have taught. */
	holds?: HoldMemory;
}

/** The first invocation of an environment that came later than this many ms after loading was not what started it. */
const proactiveAfter = 10_000;

/**
 * Unlike a UUID, needs no crypto module in a cold start; Lambda's environments of one function never share a process.
 */
const random = () => Math.random().toString(36).slice(2, 10);

/** This environment's identity, the same as long as it lives. */
export const identityOf = (environment: Environment): string => {
	environment.id ??= `${Date.now().toString(36)}-${random()}${random()}`;
	return environment.id;
};

/** Notes that a ping came; says how it found this environment. */
export const notePing = (environment: Environment, startedAt: number): Start => {
	if (environment.pinged || environment.lastRequest) return "warm";
	environment.pinged = true;
	return startedAt - environment.loadedAt > proactiveAfter ? "proactive" : "cold";
};

/**
 * When the last business request came (epoch ms), or null. Both invocations have the same timeout, so they began as far
 * from one another as they end: what remains of this one, less what remains (a negative number) of that one.
 */
export const lastAccessed = ({ lastRequest }: Environment, context: Request["context"]): number | null => {
	if (typeof lastRequest !== "function") return lastRequest ?? null;
	const since = Number(remainingTimeOf(context)?.()) - Number(lastRequest());
	return Number.isFinite(since) ? Math.round(Date.now() - since) : null;
};

/** `name:version`, as lambda-warmer writes it. */
export const functionVersion = (): string =>
	`${process.env.AWS_LAMBDA_FUNCTION_NAME}:${process.env.AWS_LAMBDA_FUNCTION_VERSION}`;

/**
 * Every form in which Lambda's Invoke API takes a function: name, partial ARN or ARN, each with or without a qualifier.
 */
const functionForms =
	/^(?:(?:arn:(?<partition>[\w-]+):lambda:(?<region>[\w-]+):)?(?<account>\d{12}):function:)?(?<name>[\w-]+)(?::(?<qualifier>\$LATEST|[\w-]+))?$/;

/**
 * The function as it was invoked. An alias stays that alias and an unqualified name stays unqualified, since Lambda
 * authorises an invocation against exactly the ARN it names. Emulators put other text than an ARN into the context:
 * then it is the function's name, with its version if that is a published one; undefined where nothing tells a name.
 */
export const invokedFunction = (context: Request["context"] | null | undefined): string | undefined => {
	const { AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_VERSION } = process.env;
	const invoked: unknown = context?.invokedFunctionArn;
	// Stryker disable next-line OptionalChaining: where there is a match, there are groups
	if (typeof invoked === "string" && functionForms.exec(invoked)?.groups?.region !== undefined) {
		return invoked;
	}
	const name = context?.functionName || AWS_LAMBDA_FUNCTION_NAME;
	if (!name) return undefined;
	return /^\d+$/.test(`${AWS_LAMBDA_FUNCTION_VERSION}`) ? `${name}:${AWS_LAMBDA_FUNCTION_VERSION}` : name;
};

/** Whether a target means this function, at the qualifier through which it was invoked. */
export const isThisFunction = (target: string, context: Request["context"] | null | undefined): boolean => {
	const named = functionForms.exec(target)?.groups;
	const invoked = invokedFunction(context);
	const own = invoked && functionForms.exec(invoked)?.groups;
	if (!named || !own) return false;
	return (
		named.name === own.name &&
		(["partition", "region", "account"] as const).every(
			(part) => !named[part] || !own[part] || named[part] === own[part],
		) &&
		(named.qualifier ?? "$LATEST") === (own.qualifier ?? "$LATEST")
	);
};

/** Why fanning out to this function would do no good, or undefined. */
export const reasonNotToFanOut = (context: Request["context"] | null | undefined): string | undefined => {
	const { AWS_LAMBDA_INITIALIZATION_TYPE, AWS_LAMBDA_MAX_CONCURRENCY } = process.env;
	if (AWS_LAMBDA_INITIALIZATION_TYPE === "provisioned-concurrency") {
		return "provisioned concurrency keeps the environments of this version warm";
	}
	if (AWS_LAMBDA_INITIALIZATION_TYPE === "lambda-managed-instances" || AWS_LAMBDA_MAX_CONCURRENCY !== undefined) {
		return "on Lambda Managed Instances one environment serves many requests at once";
	}
	if (invokedFunction(context) === undefined) {
		return "neither the context nor AWS_LAMBDA_FUNCTION_NAME tells which function this is";
	}
	return undefined;
};
