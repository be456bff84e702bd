/**
 * The story: an event comes, a ping is recognised, environments are warmed, `'warmed'` goes back.
 *
 * @module
 */

import type { MiddlewareObj, Request } from "@middy/core";
import {
	callBounded,
	correlate,
	recogniser,
	warn,
	write,
} from "./callbacks.js";
import { deadlineOf, sleepUntil } from "./deadline.js";
import {
	adoptHold,
	functionVersion,
	id,
	invokedFunction,
	isThisFunction,
	lastAccessed,
	learnedHold,
	learnHold,
	noteBusinessRequest,
	notePing,
	reasonNotToFanOut,
	type Start,
} from "./environment.js";
import type { FanOut } from "./fan-out.js";
import {
	initialHold,
	type ResolvedOptions,
	resolveOptions,
	type WarmupOptions,
} from "./options.js";
import { type Child, isPing, type Ping, readPings } from "./ping.js";
import {
	describe,
	emptyReport,
	explainShortfall,
	type ReportFigures,
	type WarmupReport,
	writeIdentity,
} from "./report.js";

/** Kept free at the end of an invocation, to report and to answer (ms). */
const reserve = 250;

/** The part of it that `onReport` may not use (ms). */
const answerReserve = 100;

/** This invocation: what came, when, and to whom. */
interface Visit {
	readonly request: Request;
	readonly options: ResolvedOptions;
	/** Whether the flag marks the ping; else `isWarmingUp` recognised it. */
	readonly flagged: boolean;
	readonly start: Start;
	/** Epoch ms. */
	readonly startedAt: number;
	/** When to give up on what has not finished (epoch ms). */
	readonly deadline: number;
}

/**
 * Keeps execution environments of this function warm. A ping, `{ "warmer": true, "concurrency": 5 }` from a schedule that
 * invokes the function directly, is answered with `'warmed'` before any later middleware or the handler runs; every other
 * event passes through untouched. Use it first in the chain.
 *
 * @param options see {@link WarmupOptions}; every one has a default
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
const warmup = (
	options: WarmupOptions = {},
): MiddlewareObj<unknown, unknown, Error> => {
	const resolved = resolveOptions(options);
	const isWarmingUp = recogniser(resolved);

	const warmupBefore = (request: Request): Promise<string> | undefined => {
		const flagged = isPing(request.event, resolved.flag);
		if (flagged || isWarmingUp(request)) {
			return answerPing(request, resolved, flagged);
		}
		noteBusinessRequest(request.context);
		return undefined;
	};

	return { before: warmupBefore };
};

export default warmup;

const answerPing = async (
	request: Request,
	options: ResolvedOptions,
	flagged: boolean,
): Promise<string> => {
	let answer = "warmed";
	try {
		const { event, context } = request;
		const visit: Visit = {
			request,
			options,
			flagged,
			start: notePing(),
			startedAt: Date.now(),
			deadline: deadlineOf(context, reserve),
		};
		const pings = readPings(event, options, (target) =>
			isThisFunction(target, context),
		);
		for (const ping of pings) answer = await serve(ping, visit);
	} catch (error) {
		warn(options, `the ping failed: ${describe(error).message}`);
	}
	return answer;
};

const serve = async (ping: Ping, visit: Visit): Promise<string> => {
	const { request, options, start, startedAt } = visit;
	const correlationId = ping.correlationId ?? correlate(request, options);
	record(ping, visit, correlationId);
	for (const warning of ping.warnings) warn(options, warning);
	if (ping.test) return "warmed";
	await Promise.all([
		prime(visit),
		ping.child
			? hold(ping.child, visit)
			: warmOthers(ping, visit, correlationId),
	]);
	return ping.child?.verify
		? writeIdentity({ id, start, startedAt })
		: "warmed";
};

const record = (
	{ count, concurrency }: Ping,
	{ request, options, start }: Visit,
	correlationId: string,
): void => {
	const accessed = lastAccessed(request.context);
	write(options, {
		action: "warmer",
		function: functionVersion(),
		id,
		correlationId,
		count,
		concurrency,
		warm: start === "warm",
		lastAccessed: accessed,
		lastAccessedSeconds:
			accessed === null ? null : ((Date.now() - accessed) / 1000).toFixed(1),
		start,
	});
};

const prime = async ({ request, options, deadline }: Visit): Promise<void> => {
	const { onWarmup } = options;
	if (!onWarmup) return;
	await callBounded(options, "onWarmup", () => onWarmup(request), deadline);
};

/** When a hold is over that no initiator has decided (epoch ms). */
const ownUntil = ({ options, startedAt }: Visit): number =>
	startedAt + (options.delay ?? initialHold);

const hold = async ({ until, delay }: Child, visit: Visit): Promise<void> => {
	const { options, startedAt, deadline } = visit;
	if (delay !== undefined) {
		adoptHold(Math.min(delay, options.maxDelay));
	}
	await sleepUntil(
		Math.min(until ?? ownUntil(visit), startedAt + options.maxDelay, deadline),
	);
};

const warmOthers = async (
	ping: Ping,
	visit: Visit,
	correlationId: string,
): Promise<void> => {
	const { flagged, deadline } = visit;
	const isAlone = ping.target === undefined && ping.concurrency === 1;
	if (!isAlone && !ping.refused) await fanOutTo(ping, visit, correlationId);
	if (!flagged) await sleepUntil(Math.min(ownUntil(visit), deadline));
};

const fanOutTo = async (
	{ concurrency, target }: Ping,
	{ request: { context }, options, start, deadline }: Visit,
	correlationId: string,
): Promise<void> => {
	const isOwn = target === undefined;
	const plan: FanOut = {
		target: target ?? invokedFunction(context),
		tenantId: (context as { tenantId?: string }).tenantId,
		concurrency,
		initiator: isOwn ? { id, start } : undefined,
		correlationId,
		hold: options.delay ?? learnedHold(target),
		deadline,
	};
	const skipped = isOwn ? reasonNotToFanOut() : undefined;
	if (skipped !== undefined) {
		await publish({ ...emptyReport(plan), skipped }, options, context);
		return;
	}
	const [{ fanOut }, { invokeWith }] = await Promise.all([
		import("./fan-out.js"),
		import("./lambda-client.js"),
	]);
	const { report, lesson } = await fanOut(
		plan,
		options,
		await invokeWith(options),
	);
	if (lesson !== undefined) learnHold(lesson, target);
	await publish(report, options, context);
};

const publish = async (
	result: ReportFigures,
	options: ResolvedOptions,
	context: Request["context"],
): Promise<void> => {
	const report: WarmupReport = {
		action: "warmer-report",
		function: functionVersion(),
		...result,
	};
	write(options, report);
	const shortfall = options.verify ? explainShortfall(report) : undefined;
	if (shortfall) warn(options, shortfall);
	const { onReport } = options;
	if (!onReport) return;
	await callBounded(
		options,
		"onReport",
		() => onReport(report),
		deadlineOf(context, answerReserve),
	);
};
