/**
 * Which function this is, which environment, and how a ping found it.
 *
 * @module
 */

import type { Request } from "@middy/core";
import { type Environment, isColdStart, isManagedInstance } from "../environment.js";
import { MAX_ID_LENGTH, own, readText } from "../fan-out/wire.js";
import type { ResolvedOptions } from "../options.js";
import type { StartType } from "../report/report.js";

type Context = Request["context"] | null | undefined;

/**
 * The id of this environment: the request id of its first ping, which Lambda guarantees to be unique. Environments that
 * were restored from a snapshot share the state of `Math.random`, so it serves only hosts without request ids.
 */
export function identify(environment: Environment, context: Context): string {
	environment.id ??=
		readText(own(context, "awsRequestId"), MAX_ID_LENGTH) ??
		`${Date.now().toString(36)}-${randomText()}${randomText()}`;
	return environment.id;
}

function randomText() {
	return Math.random().toString(36).slice(2, 10);
}

/** Remembers that a ping came; returns how it found this environment. `startedAt` in epoch ms. */
export function markPinged(environment: Environment, startedAt: number): StartType {
	if (environment.isPinged || environment.lastRequestAt !== undefined) return "warm";
	environment.isPinged = true;
	return isColdStart(environment, startedAt) ? "cold" : "proactive";
}

/** `name:version`, as lambda-warmer writes it. */
export function functionVersion(): string {
	return `${process.env.AWS_LAMBDA_FUNCTION_NAME}:${process.env.AWS_LAMBDA_FUNCTION_VERSION}`;
}

/** The forms of a function name in Lambda's Invoke API: name, partial ARN, or ARN, with or without a qualifier. */
const FUNCTION_NAME =
	/^(?:(?:arn:(?<partition>[\w-]+):lambda:(?<region>[\w-]+):)?(?<account>\d{12}):function:)?(?<name>[\w-]+)(?::(?<qualifier>\$LATEST|[\w-]+))?$/;

/**
 * The function as it was invoked. An alias stays that alias, and an unqualified name stays unqualified, since Lambda
 * authorizes an invocation against exactly the ARN that it names. If the context has no ARN (emulators put other text
 * there), it is the function's name, with its version if that is a published one; undefined if the name is unknown.
 */
export function invokedFunction(context: Context): string | undefined {
	const { AWS_LAMBDA_FUNCTION_NAME, AWS_LAMBDA_FUNCTION_VERSION } = process.env;
	const invoked: unknown = context?.invokedFunctionArn;
	// Stryker disable next-line OptionalChaining: a match has groups
	if (typeof invoked === "string" && FUNCTION_NAME.exec(invoked)?.groups?.region !== undefined) {
		return invoked;
	}
	const name = context?.functionName || AWS_LAMBDA_FUNCTION_NAME;
	if (!name) return undefined;
	return /^\d+$/.test(`${AWS_LAMBDA_FUNCTION_VERSION}`) ? `${name}:${AWS_LAMBDA_FUNCTION_VERSION}` : name;
}

/** Whether a target is this function, with the qualifier through which it was invoked. */
export function isThisFunction(target: string, context: Context): boolean {
	const named = FUNCTION_NAME.exec(target)?.groups;
	const invoked = invokedFunction(context);
	const own = invoked && FUNCTION_NAME.exec(invoked)?.groups;
	if (!named || !own) return false;
	return (
		named.name === own.name &&
		(["partition", "region", "account"] as const).every(
			(part) => !named[part] || !own[part] || named[part] === own[part],
		) &&
		(named.qualifier ?? "$LATEST") === (own.qualifier ?? "$LATEST")
	);
}

/** Why to invoke nothing at all, neither this function nor a target; undefined if there is no reason. */
export function reasonToInvokeNothing({ awsClientOptions }: ResolvedOptions): string | undefined {
	const { AWS_SAM_LOCAL, AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL } = process.env;
	return AWS_SAM_LOCAL && !AWS_ENDPOINT_URL_LAMBDA && !AWS_ENDPOINT_URL && !awsClientOptions?.endpoint
		? "this is a local run under AWS SAM: set AWS_ENDPOINT_URL_LAMBDA to invoke a local endpoint"
		: undefined;
}

/** Why invoking this function would not warm it; undefined if there is no reason. */
export function reasonNotToFanOut(context: Context): string | undefined {
	if (process.env.AWS_LAMBDA_INITIALIZATION_TYPE === "provisioned-concurrency") {
		return "provisioned concurrency keeps the environments of this version warm";
	}
	if (isManagedInstance()) {
		return "on Lambda Managed Instances one environment serves many requests at once";
	}
	if (invokedFunction(context) === undefined) {
		return "the function's name is unknown: neither the context nor AWS_LAMBDA_FUNCTION_NAME has it";
	}
	return undefined;
}
