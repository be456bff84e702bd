/**
 * An event comes: a business request passes through, a ping is answered. The one file that every cold start loads, with
 * the options; what only a ping needs is loaded by the first one.
 *
 * @module
 */

import type { MiddlewareObj, Request } from "@middy/core";
import { remainingTimeOf } from "./deadline.js";
import type { Environment } from "./environment.js";
import { resolveOptions, type WarmupOptions } from "./options.js";
import type { bindWarmUp } from "./warm-up.js";

type WarmUp = ReturnType<typeof bindWarmUp>;

/** One for all copies of this package in the process, since a function may load it both as ESM and as CommonJS. */
const key = Symbol.for("middy-lambda-warmer");
const shared = globalThis as { [key]?: Environment };
shared[key] ??= { loadedAt: Date.now(), invoked: false };
const environment = shared[key];

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
const warmup = (opts: WarmupOptions = {}): MiddlewareObj<unknown, unknown, Error> => {
	const options = resolveOptions(opts);
	const { flag, isWarmingUp } = options;

	let warmUp: WarmUp | undefined;
	const load = async (): Promise<WarmUp> => {
		const { bindWarmUp } = await import("./warm-up.js");
		warmUp ??= bindWarmUp(options, environment);
		return warmUp;
	};

	/** Says, once, what is wrong with `isWarmingUp`, which sees every request. */
	const complain = (did: "returned" | "threw", what: unknown): void => {
		// Settled: a rejection that nobody waits for would end the process.
		Promise.allSettled([what, hasComplained || load().then((warmUp) => warmUp.complain(did, what))]);
		hasComplained = true;
	};
	let hasComplained = false;

	const isRecognised = ({ event, context }: Request): boolean => {
		try {
			const answer: unknown = isWarmingUp ? isWarmingUp(event, context) : false;
			if (typeof answer === "boolean") return answer;
			complain("returned", answer);
		} catch (error) {
			complain("threw", error);
		}
		return false;
	};

	const warmupMiddlewareBefore = (request: Request): Promise<string> | undefined => {
		const flagged = isPing(request.event, flag);
		if (flagged || isRecognised(request)) {
			const startedAt = Date.now();
			return load().then(({ answerPing }) => answerPing(request, { flagged, startedAt }), answerWithoutWarming);
		}
		noteBusinessRequest(request.context);
		return undefined;
	};

	return { before: warmupMiddlewareBefore };
};

export default warmup;

/** In a bundle that left the other file out. */
const answerWithoutWarming = (error: unknown): string => {
	console.warn({ action: "warmer-warning", message: String(error) });
	return "warmed";
};

/**
 * Whether an event is a ping by its flag: an object with an own flag of `true`, or a non-empty array of nothing else.
 */
const isPing = (event: unknown, flag: string): boolean => {
	try {
		return (
			isFlagged(event, flag) ||
			(Array.isArray(event) && event.length > 0 && event.every((element: unknown) => isFlagged(element, flag)))
		);
	} catch {
		// Nothing at all, or a getter or a proxy that throws, is no scheduler's doing.
		return false;
	}
};

const isFlagged = (event: unknown, flag: string): boolean =>
	(event as Record<string, unknown>)[flag] === true && Object.hasOwn(event as object, flag);

/**
 * Reading a clock would be most of what the middleware costs a business request: it is read only where no context tells
 * the time.
 */
const noteBusinessRequest = (context: Request["context"] | null | undefined): void => {
	environment.invoked = true;
	const remaining = remainingTimeOf(context);
	environment.remainingOfLast = remaining;
	environment.lastRequestAt = remaining ? undefined : Date.now();
};
