/**
 * The story of a ping, from the event to the answer. Loaded by the first ping.
 *
 * @module
 */

import type { Request } from "@middy/core";
import { type Demand, mergeDemand } from "../demand/demand.js";
import { recommend } from "../demand/recommend.js";
import type { Served } from "../demand/traffic.js";
import { createServed, type Environment, isManagedInstance } from "../environment.js";
import { debug } from "../fan-out/debug.js";
import { createFanOut } from "../fan-out/fan-out.js";
import { adoptHold, holdEndsAt, INITIAL_HOLD_MS } from "../fan-out/hold.js";
import { sleepUntil } from "../fan-out/wait.js";
import { type ChildEvent, type HoldInstruction, writeIdentity } from "../fan-out/wire.js";
import type { ResolvedOptions } from "../options.js";
import { describeError } from "../report/errors.js";
import { explainShortfall, type StartType, type WarmupReport } from "../report/report.js";
import { createTally } from "../report/tally.js";
import { cleanUp, createCallbacks } from "./callbacks.js";
import { answerDeadlineOf, dispatchedAt, REPORT_RESERVE_MS } from "./deadline.js";
import {
	functionVersion,
	identify,
	invokedFunction,
	isThisFunction,
	markPinged,
	reasonNotToFanOut,
	reasonToInvokeNothing,
} from "./function.js";
import { type Ping, parsePings } from "./parse.js";

/** An invocation by a ping. Instants in epoch ms. */
interface PingContext {
	readonly request: Request;
	/** Whether the flag marks the ping; otherwise `isWarmingUp` recognized it. */
	readonly isFlagged: boolean;
	readonly start: StartType;
	/** What this environment served since its last ping; undefined if it does not record requests. */
	readonly served: Served | undefined;
	readonly startedAt: number;
	/** When to give up on children, holds, and `onWarmup`. */
	readonly deadline: number;
	readonly answerBy: number;
}

/** Returns what answers pings. */
export const createPingHandler = (options: ResolvedOptions, environment: Environment) => {
	const { delay, maxConcurrency, maxDelay, maxDuration, verify } = options;
	const callbacks = createCallbacks(options, environment);
	environment.holdEstimates ??= new Map();
	environment.demands ??= new Map();
	const { holdEstimates, demands } = environment;

	let fanOut: ReturnType<typeof createFanOut> | undefined;

	/** Answers a ping; never rejects. */
	const handlePing = async (request: Request, isFlagged: boolean, startedAt: number): Promise<string> => {
		const { event, context } = request;
		const answerBy = answerDeadlineOf(context);
		const deadline = Math.min(answerBy - REPORT_RESERVE_MS, startedAt + maxDuration);
		const start = markPinged(environment, startedAt);
		const served = isManagedInstance() ? undefined : readServed(environment, startedAt);
		const ping = { request, isFlagged, start, startedAt, deadline, answerBy, served };
		let answer = "warmed";
		try {
			doNotWaitForEventLoop(context);
			const pings = parsePings(event, options, isFlagged, (target) => isThisFunction(target, context));
			debug("pings: %j", pings);
			answer = await runPings(pings, ping);
		} catch (error) {
			callbacks.warn(`the ping failed: ${describeError(error).message}`, context);
		}
		await cleanUp(request, callbacksDeadline(ping));
		return answer;
	};

	/** Runs an event's pings one after another. All share one record and one call of `onWarmup`. */
	const runPings = async (pings: readonly Ping[], context: PingContext): Promise<string> => {
		const { request, startedAt, deadline } = context;
		const [main] = pings;
		if (!main) return "warmed";
		const correlationId = main.child?.correlationId ?? callbacks.correlationId(request);
		record(main, context, correlationId);
		for (const warning of pings.flatMap(({ warnings }) => warnings)) callbacks.warn(warning, request.context);
		const isTest = pings.every((ping) => ping.isTest);
		if (!isTest) environment.served = createServed(startedAt);
		const priming = isTest ? undefined : callbacks.onWarmup(request, deadline);
		const reports: WarmupReport[] = [];
		let answer = "warmed";
		for (const ping of pings) {
			if (ping.child && !ping.isTest) {
				answer = await runAsChild(ping.child, context);
			} else {
				const report = await runAsInitiator(ping, context, correlationId);
				if (ping.wantsReport) reports.push(report);
			}
		}
		await priming;
		if (reports.length === 0) return answer;
		return JSON.stringify(Array.isArray(request.event) ? reports : reports[0]);
	};

	const record = (ping: Ping, { request, start, served }: PingContext, correlationId: string): void => {
		const { lastRequestAt } = environment;
		callbacks.write({
			action: "warmer",
			function: functionVersion(),
			id: identify(environment, request.context),
			correlationId,
			count: ping.child?.number ?? 1,
			concurrency: ping.concurrency === "auto" ? recommend(knownDemand(ping), options).concurrency : ping.concurrency,
			warm: start === "warm",
			lastAccessed: lastRequestAt ?? null,
			lastAccessedSeconds: lastRequestAt === undefined ? null : ((Date.now() - lastRequestAt) / 1000).toFixed(1),
			start,
			...(served && { requests: served.requests, coldStart: served.coldStart }),
		});
	};

	/** The peaks of the ping's target, as this environment remembers them and as the ping hands them over. */
	const knownDemand = ({ target = "", demand }: Ping): Demand =>
		mergeDemand(demands.get(target) ?? {}, demand, Date.now());

	const ownHoldEndsAt = (
		{ startedAt, deadline }: PingContext,
		instruction: Pick<HoldInstruction, "until" | "delay"> = { until: undefined, delay: undefined },
	): number => Math.min(holdEndsAt(startedAt, instruction, delay ?? INITIAL_HOLD_MS, maxDelay), deadline);

	/** Holds, and returns the identity if the initiator wants it. */
	const runAsChild = async (
		{ concurrency, verify: instruction }: ChildEvent,
		context: PingContext,
	): Promise<string> => {
		const { request, start, startedAt, served } = context;
		if (instruction?.delay !== undefined && concurrency <= maxConcurrency) {
			adoptHold(holdEstimates, concurrency, Math.min(instruction.delay, maxDelay));
		}
		const demand = mergeDemand(demands.get("") ?? {}, instruction?.demand ?? {}, Date.now());
		demands.set("", demand);
		await sleepUntil(ownHoldEndsAt(context, instruction));
		if (!instruction) return "warmed";
		const id = identify(environment, request.context);
		return writeIdentity({ id, start, startedAt: dispatchedAt(request.context, startedAt), served, demand });
	};

	/** Invokes the children, if there are any, and returns the report. */
	const runAsInitiator = async (ping: Ping, context: PingContext, correlationId: string): Promise<WarmupReport> => {
		const { request, start, served, deadline } = context;
		const isOwnFunction = ping.target === undefined && !ping.isRefused;
		const target = ping.target ?? invokedFunction(request.context) ?? functionVersion();
		const id = identify(environment, request.context);
		const tally = createTally({
			function: functionVersion(),
			target,
			correlationId,
			initiator: isOwnFunction ? { id, start, served } : undefined,
			demand: knownDemand(ping),
			limits: options,
			verify,
		});
		const automatic = ping.concurrency === "auto" ? recommend(tally.demand(), options) : undefined;
		const concurrency = automatic?.concurrency ?? Number(ping.concurrency);
		const firstNumber = isOwnFunction ? 2 : 1;
		const skipped = reasonToSkip(ping, request.context, concurrency < firstNumber);
		const tenantId = (request.context as { tenantId?: string } | null)?.tenantId;
		fanOut ??= createFanOut(options, holdEstimates);
		const isAutomatic = automatic !== undefined;
		const fields =
			skipped === undefined && concurrency >= firstNumber
				? await fanOut({ target, tenantId, correlationId, deadline, firstNumber, concurrency, isAutomatic }, tally)
				: { requested: concurrency, rounds: 0, delay: 0, durationMs: 0 };
		if (!ping.isRefused) demands.set(ping.target ?? "", tally.demand());
		const report = {
			...tally.report(fields.requested),
			...fields,
			...(automatic && { basis: explainGrowth(automatic.basis, concurrency, fields.requested) }),
			...(skipped !== undefined && { skipped }),
		};
		const isWorthReporting = concurrency >= firstNumber || Boolean(automatic) || (context.isFlagged && verify);
		if (!ping.isTest && !ping.isRefused && isWorthReporting) await publish(report, context);
		if (!ping.isTest && !context.isFlagged) await sleepUntil(ownHoldEndsAt(context));
		return report;
	};

	const reasonToSkip = (
		{ isTest, isRefused, target }: Ping,
		context: Request["context"],
		needsNoChild: boolean,
	): string | undefined => {
		if (isTest) return "a test ping invokes nothing";
		if (isRefused) return "the target is not listed in the option targets";
		if (needsNoChild) return undefined;
		return reasonToInvokeNothing(options) ?? (target === undefined ? reasonNotToFanOut(context) : undefined);
	};

	const publish = async (report: WarmupReport, context: PingContext): Promise<void> => {
		callbacks.write(report);
		const shortfall = verify ? explainShortfall(report) : undefined;
		if (shortfall) callbacks.warn(shortfall, context.request.context);
		await callbacks.onReport(report, context.request, callbacksDeadline(context));
	};

	/** Children that hang leave the callbacks a moment, beyond `maxDuration` if necessary (epoch ms). */
	const callbacksDeadline = ({ startedAt, answerBy }: PingContext): number =>
		Math.min(answerBy, Math.max(startedAt + maxDuration, Date.now() + REPORT_RESERVE_MS));

	return { handlePing, warnInvalidIsWarmingUp: callbacks.warnInvalidIsWarmingUp };
};

const readServed = ({ served }: Environment, now: number): Served => ({
	requests: served.requests,
	coldStart: served.coldStart,
	sinceMs: now - served.sinceAt,
	busySeconds: [...served.busySeconds],
});

const explainGrowth = (basis: string, decided: number, requested: number): string =>
	requested > decided
		? `${basis}; raised to ${requested} while looking for environments that no ping had reached`
		: basis;

/**
 * Otherwise, the runtime client up to nodejs22 bills a streaming function until everything that it left running has ended.
 */
const doNotWaitForEventLoop = (context: Request["context"]): void => {
	try {
		context.callbackWaitsForEmptyEventLoop = false;
	} catch {
		// The context is frozen, or missing.
	}
};
