/**
 * An event comes: a business request passes through, a ping is answered. The one file that every cold start loads, with
 * the options; what only a ping needs is loaded by the first one.
 *
 * @module
 */

import type { MiddlewareObj, Request } from "@middy/core";
import type { Environment } from "./function.js";
import { packageName, resolveOptions, type WarmupOptions } from "./options.js";
import type { bindWarmUp } from "./warm-up.js";

type WarmUp = ReturnType<typeof bindWarmUp>;

/** One for all copies of this package in the process, since a function may load it both as ESM and as CommonJS. */
const key = Symbol.for(packageName);
type Shared = { [key]: Environment };
(globalThis as Partial<Shared>)[key] ??= { loadedAt: Date.now() };
const environment = (globalThis as unknown as Shared)[key];

/**
 * Keeps execution environments of this function warm. A ping, `{ "warmer": true, "concurrency": 5 }` from a schedule
 * that invokes the function directly, is answered with `'warmed'` before any later middleware or the handler runs;
 * every other event passes through untouched. Use it first in the chain.
 *
 * @param opts see {@link WarmupOptions}; every one has a default
 * @returns a middleware with a `before` hook. The hook never throws, whatever the event is.
 * @throws TypeError for an unknown option, or one of the wrong type or range
 *
 * @example
 * ```ts
 * import middy from '@middy/core'
 * import warmup from 'middy-lambda-warmer'
 *
 * export const handler = middy()
 *   .use(warmup({ concurrency: 5 }))
 *   .handler(async () => ({ statusCode: 200, body: 'hello' }))
 * ```
 */
export const warmup = (opts: WarmupOptions = {}): MiddlewareObj<unknown, unknown, Error> => {
	const options = resolveOptions(opts);
	const { flag, isWarmingUp = () => false } = options;

	let warmUp: Promise<WarmUp> | undefined;
	const load = (): Promise<WarmUp> => {
		warmUp ??= import("./warm-up.js").then(({ bindWarmUp }) => bindWarmUp(options, environment));
		return warmUp;
	};

	const isRecognised = ({ event, context }: Request): boolean => {
		let threw = true;
		let what: unknown;
		try {
			what = isWarmingUp(event, context);
			if (typeof what === "boolean") return what;
			threw = false;
		} catch (error) {
			what = error;
		}
		// Settled: a rejection that nobody waits for would end the process.
		Promise.allSettled([what, load().then(({ complain }) => complain(threw, what))]);
		return false;
	};

	const isFlagged = (event: unknown): boolean =>
		(event as Record<string, unknown>)[flag] === true && Object.hasOwn(event as object, flag);

	/** Whether the flag marks an event: an object that has it itself, as `true`, or an array of such that is not empty. */
	const isPing = (event: unknown): boolean => {
		try {
			return isFlagged(event) || (Array.isArray(event) && event.length > 0 && event.every(isFlagged));
		} catch {
			// Nothing at all, or a getter or a proxy that throws, is no scheduler's doing.
		}
		return false;
	};

	const warmupMiddlewareBefore = (request: Request): Promise<string> | undefined => {
		const flagged = isPing(request.event);
		if (flagged || isRecognised(request)) {
			const startedAt = Date.now();
			return load().then(
				({ answerPing }) => answerPing(request, flagged, startedAt),
				({ message }: Error) => {
					console.warn({ action: "warmer-warning", message });
					return "warmed";
				},
			);
		}
		// Reading a clock would be most of what a business request costs.
		environment.lastRequest = request.context?.getRemainingTimeInMillis ?? Date.now();
		return undefined;
	};

	return { before: warmupMiddlewareBefore };
};
