/**
 * Tells pings from requests. A ping is answered here, and a request passes through. Loaded by every cold start, with
 * `resolve-options.ts` and `environment.ts`; the first ping loads everything else.
 *
 * @module
 */

import type { MiddlewareObj, Request } from "@middy/core";
import { beginRequest, createEnvironment, type Environment, endRequest, isManagedInstance } from "./environment.js";
import type { WarmupOptions } from "./options.js";
import type { createPingHandler } from "./ping/handle.js";
import { PACKAGE_NAME, resolveOptions } from "./resolve-options.js";

type PingHandler = ReturnType<typeof createPingHandler>;

/** All copies of this package in a process share one environment: a function may load it as ESM and as CommonJS. */
const KEY = Symbol.for(PACKAGE_NAME);
type Shared = { [KEY]: Environment };
(globalThis as Partial<Shared>)[KEY] ??= createEnvironment(Date.now());
const environment = (globalThis as unknown as Shared)[KEY];

/**
 * Keeps execution environments of this function warm. A schedule invokes the function directly with a ping, such as
 * `{ "warmer": true, "concurrency": 5 }`. The middleware answers it with `'warmed'`; no later middleware and no handler
 * runs. Every other event passes through untouched. Use it first in the chain.
 *
 * @param opts see {@link WarmupOptions}; all are optional
 * @returns a middleware. Its `before` hook answers pings and never throws, whatever the event is. `before`, `after`, and
 * `onError` record when requests begin and end.
 * @throws TypeError for an unknown option, or an option of the wrong type or range
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
export function warmup(opts: WarmupOptions = {}): MiddlewareObj<unknown, unknown, Error> {
	const options = resolveOptions(opts);
	const { flag, isWarmingUp = () => false } = options;
	const isRecording = !isManagedInstance();

	let pingHandler: Promise<PingHandler> | undefined;
	function loadPingHandler(): Promise<PingHandler> {
		// Not with `then`: webpack's import() throws at once if a chunk is missing.
		pingHandler ??= (async () => (await import("./ping/handle.js")).createPingHandler(options, environment))();
		return pingHandler;
	}

	function isRecognized({ event, context }: Request): boolean {
		let hasThrown = true;
		let result: unknown;
		try {
			result = isWarmingUp(event, context);
			if (typeof result === "boolean") return result;
			hasThrown = false;
		} catch (error) {
			result = error;
		}
		// Nobody waits for these, and an unhandled rejection would end the process.
		Promise.allSettled([
			result,
			loadPingHandler().then(({ warnInvalidIsWarmingUp }) => warnInvalidIsWarmingUp(hasThrown, result, context)),
		]);
		return false;
	}

	function isFlagged(event: unknown): boolean {
		return (event as Record<string, unknown>)[flag] === true && Object.hasOwn(event as object, flag);
	}

	/** Whether the event itself has the flag, or is a non-empty array of events that all have it. */
	function isPing(event: unknown): boolean {
		try {
			return isFlagged(event) || (Array.isArray(event) && event.length > 0 && event.every(isFlagged));
		} catch {
			// The event is null or undefined, or has a getter that throws: no schedule sends that.
		}
		return false;
	}

	function answerPing(request: Request, flagged: boolean): Promise<string> {
		const startedAt = Date.now();
		return loadPingHandler().then(
			({ handlePing }) => handlePing(request, flagged, startedAt),
			({ message }: Error) => {
				console.warn({ action: "warmer-warning", message });
				return "warmed";
			},
		);
	}

	function warmupMiddlewareBefore(request: Request): Promise<string> | undefined {
		const flagged = isPing(request.event);
		if (flagged || isRecognized(request)) return answerPing(request, flagged);
		if (isRecording) beginRequest(environment, identifyRequest(request), Date.now());
		return undefined;
	}

	function recordEnd(request: Request): void {
		if (isRecording) endRequest(environment, identifyRequest(request), Date.now());
	}

	return { before: warmupMiddlewareBefore, after: recordEnd, onError: recordEnd };
}

function identifyRequest({ context }: Request): unknown {
	return context?.awsRequestId ?? context;
}
