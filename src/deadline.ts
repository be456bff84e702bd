/**
 * Nothing outlasts the invocation: waiting, with an end.
 *
 * @module
 */

import type { Request } from "@middy/core";

/** Lambda's default function timeout (ms), for hosts whose context does not tell the remaining time. */
const defaultTimeout = 3000;

/** `setTimeout` takes no more (ms), and fires at once where it is given more. */
const longestTimer = 2_147_483_647;

/** Tells what remains of an invocation (ms), if its context does; a durable context has Lambda's own inside it. */
export const remainingTimeOf = (context: Request["context"] | null | undefined): (() => number) | undefined =>
	context?.getRemainingTimeInMillis ??
	(context as { lambdaContext?: Request["context"] } | null | undefined)?.lambdaContext?.getRemainingTimeInMillis;

/** When this invocation is over, less a reserve in ms (epoch ms). Never throws, whatever the context is. */
export const deadlineOf = (context: Request["context"] | null | undefined, reserve: number): number => {
	let remaining = Number.NaN;
	try {
		// Stryker disable next-line OptionalChaining: what is thrown comes to the same
		remaining = Number(remainingTimeOf(context)?.());
	} catch {
		// As if it did not tell.
	}
	return Date.now() + (Number.isFinite(remaining) ? remaining : defaultTimeout) - reserve;
};

/** From being handed an invocation to calling the handler, a runtime takes no longer (ms), however small the function. */
const longestStart = 250;

/**
 * When Lambda handed this invocation over (epoch ms), which a small function's handler learns of tens of ms later:
 * timeouts are whole seconds (API reference, "CreateFunction", Timeout), so it is known what has passed of the last one.
 *
 * @param startedAt when the handler was called (epoch ms); the answer where the context does not tell
 */
export const handedOverAt = (context: Request["context"] | null | undefined, startedAt: number): number => {
	const remaining = deadlineOf(context, 0) - startedAt;
	const passed = Math.ceil(remaining / 1000) * 1000 - remaining;
	return passed <= longestStart ? startedAt - passed : startedAt;
};

/** Waits until an instant (epoch ms); not at all if it has passed. */
export const sleepUntil = (instant: number): Promise<void> | undefined => {
	const ms = Math.min(instant - Date.now(), longestTimer);
	return ms > 0
		? new Promise((resolve) => {
				setTimeout(resolve, ms);
			})
		: undefined;
};

/** Lets timers and the network have their turn, which promises alone never do. */
export const yieldToLoop = (): Promise<void> =>
	new Promise((resolve) => {
		setImmediate(resolve);
	});

/** A promise's value, or `late` once a deadline (epoch ms) has passed. Leaves no timer behind. */
export const within = async <Value, Late>(
	deadline: number,
	promise: Promise<Value>,
	late: Late,
): Promise<Value | Late> => {
	let timer: NodeJS.Timeout | undefined;
	const timeout = new Promise<Late>((resolve) => {
		const ms = Math.min(Math.max(0, deadline - Date.now()), longestTimer);
		timer = setTimeout(resolve, ms, late);
	});
	try {
		return await Promise.race([promise, timeout]);
	} finally {
		clearTimeout(timer);
	}
};
