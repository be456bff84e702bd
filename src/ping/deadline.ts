/**
 * When a ping has to end, by what the context says about the function's timeout.
 *
 * @module
 */

import type { Request } from "@middy/core";

type Context = Request["context"] | null | undefined;

/** Lambda's default function timeout (ms), for hosts whose context does not say what remains. */
const DEFAULT_TIMEOUT_MS = 3000;

/**
 * Left free at the end of an invocation. Error trackers warn about an approaching timeout: Sentry's AWS Lambda SDK does
 * so 500 ms before it. A function with less than 3 s needs the time itself.
 */
const RESERVE_MS = 600;
const SHORT_RESERVE_MS = 250;
const SHORT_TIMEOUT_S = 3;

/** Left free between the last child's answer and the ping's own, for the report and `onReport`. */
export const REPORT_RESERVE_MS = 150;

/** The longest time from dispatching an invocation to calling the handler (ms), however small the function is. */
const MAX_DISPATCH_MS = 250;

/** When this invocation times out (epoch ms). Never throws, whatever the context is. */
export function timeoutOf(context: Context): number {
	return Date.now() + remainingMsOf(context);
}

function remainingMsOf(context: Context): number {
	try {
		// A durable context contains Lambda's own. It is called as a method, since some hosts' contexts need their `this`.
		const given = context as Partial<Request["context"]> & { lambdaContext: Request["context"] };
		const own = given.getRemainingTimeInMillis ? given : given.lambdaContext;
		const remaining = Number((own as Request["context"]).getRemainingTimeInMillis());
		if (Number.isFinite(remaining)) return remaining;
	} catch {
		// The context does not say, or is missing.
	}
	return DEFAULT_TIMEOUT_MS;
}

/** When to have answered a ping (epoch ms). Timeouts are whole seconds, of which some ms have already passed. */
export function answerDeadlineOf(context: Context): number {
	const remainingMs = remainingMsOf(context);
	return Date.now() + remainingMs - reserveMsOf(Math.ceil(remainingMs / 1000));
}

/** What is left free at the end of an invocation (ms), by the function's timeout (s). */
export function reserveMsOf(timeout: number): number {
	return timeout < SHORT_TIMEOUT_S ? SHORT_RESERVE_MS : RESERVE_MS;
}

/**
 * When Lambda dispatched this invocation (epoch ms). The handler of a small function is called tens of ms later, and
 * timeouts are whole seconds (API reference, "CreateFunction", Timeout): what is missing to one has passed.
 *
 * @param startedAt when the handler was called (epoch ms); the result if the context does not say
 */
export function dispatchedAt(context: Context, startedAt: number): number {
	const remaining = timeoutOf(context) - startedAt;
	const passed = Math.ceil(remaining / 1000) * 1000 - remaining;
	return passed <= MAX_DISPATCH_MS ? startedAt - passed : startedAt;
}
