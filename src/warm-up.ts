/**
 * The story of a ping, from reading it to answering. Loaded by the first one.
 *
 * @module
 */

import type { Request } from "@middy/core";
import { bindCallbacks, cleanUp } from "./callbacks.js";
import { deadlineOf, handedOverAt, sleepUntil } from "./deadline.js";
import type { bindFanOut } from "./fan-out.js";
import {
	type Environment,
	functionVersion,
	identityOf,
	invokedFunction,
	isThisFunction,
	lastAccessed,
	notePing,
	reasonNotToFanOut,
} from "./function.js";
import { adoptHold, endOfHold, initialHold } from "./hold.js";
import type { ResolvedOptions } from "./options.js";
import { type Ping, readPings } from "./ping.js";
import { explainShortfall, nameAndMessage, type Start, type WarmupReport } from "./report.js";
import { type ChildEvent, writeIdentity } from "./wire.js";

/** Kept free at the end of an invocation, to report and to answer (ms). */
const reserve = 250;

/** The part of it that `onReport` may not use (ms). */
const answerReserve = 100;

/** An invocation by a ping. */
interface Invocation {
	readonly request: Request;
	/** Whether the flag marks the ping; else `isWarmingUp` recognised it. */
	readonly flagged: boolean;
	readonly start: Start;
	/** Epoch ms. */
	readonly startedAt: number;
	/** When to give up on what has not finished (epoch ms). */
	readonly deadline: number;
}

/** Binds what answers pings to the options; `environment` is handed over by the part that every cold start loads. */
export const bindWarmUp = (options: ResolvedOptions, environment: Environment) => {
	const { delay, maxConcurrency, maxDelay, maxDuration, verify } = options;
	const callbacks = bindCallbacks(options, environment);
	const { warn, write } = callbacks;
	environment.holds ??= new Map();
	const { holds } = environment;
	let fanOut: ReturnType<typeof bindFanOut> | undefined;
	const loadFanOut = async () => {
		const { bindFanOut } = await import("./fan-out.js");
		fanOut ??= bindFanOut(options, holds);
		return fanOut;
	};

	/** Answers a ping; never rejects. */
	const answerPing = async (request: Request, flagged: boolean, startedAt: number): Promise<string> => {
		const { event, context } = request;
		const invocation: Invocation = {
			request,
			flagged,
			startedAt,
			start: notePing(environment, startedAt),
			deadline: Math.min(deadlineOf(context, reserve), startedAt + maxDuration),
		};
		let answer = "warmed";
		try {
			freeAfterAnswer(context);
			const pings = readPings(event, options, flagged, (target) => isThisFunction(target, context));
			const reports: WarmupReport[] = [];
			for (const ping of pings) {
				const result = await serve(ping, invocation);
				if (typeof result === "string") answer = result;
				else if (result) reports.push(result);
			}
			if (pings.some(({ report }) => report)) {
				answer = JSON.stringify(Array.isArray(event) ? reports : reports[0]);
			}
		} catch (error) {
			warn(`the ping failed: ${nameAndMessage(error).message}`);
		}
		await cleanUp(request, callbackDeadline(invocation));
		return answer;
	};

	/** A child's answer, or the initiator's report if there is one. */
	const serve = async (ping: Ping, invocation: Invocation): Promise<string | WarmupReport | undefined> => {
		const { request, deadline } = invocation;
		const { child, test, warnings } = ping;
		const correlationId = child?.correlationId ?? callbacks.correlationId(request);
		record(ping, invocation, correlationId);
		for (const warning of warnings) warn(warning);
		const [result] = await Promise.all([
			child && !test ? hold(child, invocation) : warmOthers(ping, invocation, correlationId),
			test ? undefined : callbacks.onWarmup(request, deadline),
		]);
		return result;
	};

	const record = ({ child, concurrency }: Ping, { request, start }: Invocation, correlationId: string): void => {
		const accessed = lastAccessed(environment, request.context);
		write({
			action: "warmer",
			function: functionVersion(),
			id: identityOf(environment),
			correlationId,
			count: child?.number ?? 1,
			concurrency,
			warm: start === "warm",
			lastAccessed: accessed,
			lastAccessedSeconds: accessed === null ? null : ((Date.now() - accessed) / 1000).toFixed(1),
			start,
		});
	};

	/** When to answer, whatever an initiator has decided about holding (epoch ms). */
	const holdUntil = (
		{ startedAt, deadline }: Invocation,
		// Stryker disable next-line ObjectLiteral: fields that are absent are undefined
		told: ChildEvent["verify"] = { until: undefined, delay: undefined },
	): number => Math.min(endOfHold(startedAt, told, delay ?? initialHold, maxDelay), deadline);

	const hold = async ({ concurrency, verify: asked }: ChildEvent, invocation: Invocation): Promise<string> => {
		const { request, start, startedAt } = invocation;
		if (asked?.delay !== undefined && concurrency <= maxConcurrency) {
			adoptHold(holds, concurrency, Math.min(asked.delay, maxDelay));
		}
		await sleepUntil(holdUntil(invocation, asked));
		return asked
			? writeIdentity({ id: identityOf(environment), start, startedAt: handedOverAt(request.context, startedAt) })
			: "warmed";
	};

	/** The report of a ping that is no child's; undefined where there is nothing to say. */
	const warmOthers = async (
		ping: Ping,
		invocation: Invocation,
		correlationId: string,
	): Promise<WarmupReport | undefined> => {
		const { context } = invocation.request;
		const { test, refused, concurrency } = ping;
		const isOwn = ping.target === undefined && !refused;
		const isPublished = !test && !refused && (concurrency > 1 || !isOwn);
		const report =
			isPublished || ping.report
				? await (await loadFanOut())({
						target: ping.target ?? invokedFunction(context) ?? functionVersion(),
						tenantId: (context as { tenantId?: string } | null)?.tenantId,
						concurrency,
						initiator: isOwn ? { id: identityOf(environment), start: invocation.start } : undefined,
						correlationId,
						deadline: invocation.deadline,
						skipped: reasonToSkip(ping, context),
					})
				: undefined;
		if (isPublished && report) await publish(report, invocation);
		if (!test && !invocation.flagged) await sleepUntil(holdUntil(invocation));
		return report;
	};

	const publish = async (report: WarmupReport, invocation: Invocation): Promise<void> => {
		write(report);
		const shortfall = verify ? explainShortfall(report) : undefined;
		if (shortfall) warn(shortfall);
		await callbacks.onReport(report, callbackDeadline(invocation));
	};

	/** Hanging children leave a callback a moment, beyond `maxDuration` if need be (epoch ms). */
	const callbackDeadline = ({ request, startedAt }: Invocation): number =>
		Math.min(
			deadlineOf(request.context, answerReserve),
			Math.max(startedAt + maxDuration, Date.now() + reserve - answerReserve),
		);

	return { answerPing, complain: callbacks.complain };
};

const reasonToSkip = ({ test, refused, target }: Ping, context: Request["context"]): string | undefined => {
	if (test) return "a test ping invokes nothing";
	if (refused) return "the target is not listed in the option targets";
	return target === undefined ? reasonNotToFanOut(context) : undefined;
};

/** A streaming function up to nodejs22 is otherwise billed until whatever it left running ends (aws-lambda-ric 3). */
const freeAfterAnswer = (context: Request["context"]): void => {
	try {
		context.callbackWaitsForEmptyEventLoop = false;
	} catch {
		// A frozen context, or none.
	}
};
