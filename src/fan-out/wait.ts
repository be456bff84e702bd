/**
 * Waiting with an end.
 *
 * @module
 */

/** The longest delay of `setTimeout` (ms); a longer one fires immediately. */
const MAX_TIMER_MS = 2_147_483_647;

/** Waits until an instant (epoch ms); not at all if it has passed. */
export function sleepUntil(instant: number): Promise<void> | undefined {
	const ms = Math.min(instant - Date.now(), MAX_TIMER_MS);
	return ms > 0
		? new Promise((resolve) => {
				setTimeout(resolve, ms);
			})
		: undefined;
}

/** Lets timers and sockets run, which promises alone never do. */
export function yieldToLoop(): Promise<void> {
	return new Promise((resolve) => {
		setImmediate(resolve);
	});
}

/** The value of a promise, or `fallback` once a deadline (epoch ms) has passed. Leaves no timer behind. */
export async function withDeadline<Value, Fallback>(
	deadline: number,
	promise: Promise<Value>,
	fallback: Fallback,
): Promise<Value | Fallback> {
	let timer: NodeJS.Timeout | undefined;
	const timeout = new Promise<Fallback>((resolve) => {
		const ms = Math.min(Math.max(0, deadline - Date.now()), MAX_TIMER_MS);
		timer = setTimeout(resolve, ms, fallback);
	});
	try {
		return await Promise.race([promise, timeout]);
	} finally {
		clearTimeout(timer);
	}
}
