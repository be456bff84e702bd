/**
 * The story of a ping, from the event to the answer. Loaded by the first ping, with everything that only a ping needs.
 *
 * @module
 */

import type { Request } from "@middy/core";
import { type Demand, mergeDemand } from "../demand/demand.js";
import { recommend } from "../demand/recommend.js";
import { createServed, type Environment } from "../environment.js";
import { debug } from "../fan-out/debug.js";
import { adoptHold, holdEndsAt, INITIAL_HOLD_MS } from "../fan-out/hold.js";
import { sleepUntil } from "../fan-out/wait.js";
import { type ChildEvent, type HoldInstruction, writeIdentity } from "../fan-out/wire.js";
import type { ResolvedOptions } from "../options.js";
import { describeError } from "../report/errors.js";
import type { WarmupReport } from "../report/report.js";
import { cleanUp, createCallbacks } from "./callbacks.js";
import { createPingContext, type PingContext } from "./context.js";
import { dispatchedAt } from "./deadline.js";
import { functionVersion, isThisFunction } from "./function.js";
import { createInitiator } from "./initiator.js";
import { type Ping, parsePings } from "./parse.js";

/** Returns what answers pings. */
export function createPingHandler(options: ResolvedOptions, environment: Environment) {
	const { delay, maxConcurrency, maxDelay, maxDuration } = options;
	const callbacks = createCallbacks(options, environment);
	environment.holdEstimates ??= new Map();
	environment.demands ??= new Map();
	const { holdEstimates, demands } = environment;
	const runAsInitiator = createInitiator(options, callbacks, holdEstimates);

	/** Answers a ping; never rejects. */
	const handlePing = async (request: Request, isFlagged: boolean, startedAt: number): Promise<string> => {
		const { event, context } = request;
		const ping = createPingContext(request, isFlagged, startedAt, environment, maxDuration);
		let answer = "warmed";
		try {
			doNotWaitForEventLoop(context);
			const pings = parsePings(event, options, isFlagged, (target) => isThisFunction(target, context));
			debug("pings: %j", pings);
			answer = await runPings(pings, ping);
		} catch (error) {
			callbacks.warn(`the ping failed: ${describeError(error).message}`, context);
		}
		await cleanUp(request, ping.callbacksDeadline());
		return answer;
	};

	/** Runs an event's pings one after another. All share one record and one call of `onWarmup`. */
	const runPings = async (pings: readonly Ping[], context: PingContext): Promise<string> => {
		const { request, isFlagged, startedAt, holdDeadline } = context;
		const [main] = pings;
		if (!main) return "warmed";
		const correlationId = main.child?.correlationId ?? callbacks.correlationId(request);
		const isTest = pings.every((ping) => ping.isTest);
		// A test leaves what was served to the next ping: a record of it would count twice.
		record(main, isTest ? { ...context, served: undefined } : context, correlationId);
		for (const warning of pings.flatMap(({ warnings }) => warnings)) callbacks.warn(warning, request.context);
		if (!isTest) environment.served = createServed(startedAt);
		const priming = isTest ? undefined : callbacks.onWarmup(request, holdDeadline);
		const reports: WarmupReport[] = [];
		let answer = "warmed";
		for (const ping of pings) {
			if (ping.child && !ping.isTest) {
				answer = await runAsChild(ping.child, context);
			} else {
				const { report, demand } = await runAsInitiator(ping, context, correlationId, knownDemand(ping));
				if (!ping.isRefused) demands.set(ping.target ?? "", demand);
				if (ping.wantsReport) reports.push(report);
				if (!ping.isTest && !isFlagged) await sleepUntil(ownHoldEndsAt(context));
			}
		}
		await priming;
		if (reports.length === 0) return answer;
		return JSON.stringify(Array.isArray(request.event) ? reports : reports[0]);
	};

	const record = (ping: Ping, { id, start, served }: PingContext, correlationId: string): void => {
		const { lastRequestAt } = environment;
		callbacks.write({
			action: "warmer",
			function: functionVersion(),
			id,
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

	/** The peaks of the ping's target that this environment remembers, or that the ping hands over. */
	const knownDemand = ({ target = "", demand }: Ping): Demand =>
		mergeDemand(demands.get(target) ?? {}, demand, Date.now());

	const ownHoldEndsAt = (
		{ startedAt, holdDeadline }: PingContext,
		instruction: Partial<HoldInstruction> = {},
	): number => Math.min(holdEndsAt(startedAt, instruction, delay ?? INITIAL_HOLD_MS, maxDelay), holdDeadline);

	/** Holds, and returns the identity if the initiator wants it. */
	const runAsChild = async (
		{ concurrency, verify: instruction }: ChildEvent,
		context: PingContext,
	): Promise<string> => {
		const { request, id, start, startedAt, served } = context;
		if (instruction?.delay !== undefined && concurrency <= maxConcurrency) {
			adoptHold(holdEstimates, concurrency, Math.min(instruction.delay, maxDelay));
		}
		const demand = mergeDemand(demands.get("") ?? {}, instruction?.demand ?? {}, Date.now());
		demands.set("", demand);
		await sleepUntil(ownHoldEndsAt(context, instruction));
		if (!instruction) return "warmed";
		return writeIdentity({ id, start, startedAt: dispatchedAt(request.context, startedAt), served, demand });
	};

	return { handlePing, warnInvalidIsWarmingUp: callbacks.warnInvalidIsWarmingUp };
}

/**
 * Otherwise, the runtime client up to nodejs22 bills a streaming function until everything that it left running has ended.
 */
function doNotWaitForEventLoop(context: Request["context"]): void {
	try {
		context.callbackWaitsForEmptyEventLoop = false;
	} catch {
		// The context is frozen, or missing.
	}
}
