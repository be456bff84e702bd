import { jest } from "@jest/globals";
import { createFanOut, type FanOutPlan, type RoundFields } from "../../src/fan-out/fan-out.js";
import type { HoldEstimates } from "../../src/fan-out/hold.js";
import { explainFailure } from "../../src/report/errors.js";
import type { WarmupReport } from "../../src/report/report.js";
import { createTally, type ReachedEnvironment } from "../../src/report/tally.js";
import { resolveOptions } from "../../src/resolve-options.js";
import type { Invocation, InvokeOutcome } from "../../src/transport/invoke-api.js";
import type { TransportSession } from "../../src/transport/session.js";

/** What a fake Lambda does with a child: the outcome, and when it comes (ms after sending). */
export type FakeOutcome = InvokeOutcome & {
	/** Undefined: at the end of the child's hold. */
	afterMs?: number;
};

/** What a child was sent. */
interface SentChild {
	readonly __WARMER_INVOCATION__: number;
	readonly __WARMER_UNTIL__?: number;
	readonly __WARMER_DELAY__?: number;
	readonly __WARMER_DEMAND__?: Record<string, number>;
}

export const payloadOf = ({ Payload }: Invocation): SentChild => JSON.parse(Buffer.from(Payload).toString());

export const answered = (body: unknown): InvokeOutcome => ({
	kind: "answered",
	payload: Buffer.from(JSON.stringify(body)),
});

/** A child that answers from an environment, where it arrived a time after it was sent. */
export const reached = (
	id: string,
	{ arrivalMs = 0, start = "warm", ...fields }: { arrivalMs?: number; start?: string; [field: string]: unknown } = {},
): FakeOutcome => ({
	...answered(JSON.stringify({ action: "warmer", id, start, startedAt: Date.now() + arrivalMs, ...fields })),
	...(arrivalMs > 0 && { afterMs: arrivalMs }),
});

export const failed = (fields: object): FakeOutcome => ({
	kind: "failed",
	failure: explainFailure(Object.assign(new Error("failed"), fields), "api:prod"),
	afterMs: 0,
});

/** One failure of each kind that may not come again. */
export const TRANSIENT = {
	reset: failed({ code: "ECONNRESET" }),
	serviceError: failed({ name: "ServiceException", $metadata: { httpStatusCode: 500 } }),
	throttle: failed({ name: "TooManyRequestsException", Reason: "CallerRateLimitExceeded" }),
	notReady: failed({ name: "ResourceNotReadyException" }),
};

const pause = (ms: number) => (ms > 0 ? new Promise<void>((resolve) => setTimeout(resolve, ms)) : undefined);

/**
 * A Lambda that treats children as `respond` says; undefined: no answer ever comes.
 *
 * @param prepareMs how long preparing a child takes, by how many were prepared
 */
export const createFakeLambda = (
	respond: (index: number, number: number) => FakeOutcome | undefined = (index) => reached(`e${index}`),
	session: Partial<TransportSession> = {},
	prepareMs: (prepared: number) => number = () => 0,
) => {
	const invocations: Invocation[] = [];
	const sent: SentChild[] = [];
	const sentAt: number[] = [];
	const prepared: SentChild[] = [];
	const close = jest.fn();
	const createSession = (): TransportSession => {
		const prepare: TransportSession["prepare"] = async (invocation) => {
			const payload = payloadOf(invocation);
			prepared.push(payload);
			await pause(prepareMs(prepared.length));
			return () => {
				invocations.push(invocation);
				sent.push(payload);
				sentAt.push(Date.now());
				const outcome = respond(sent.length - 1, payload.__WARMER_INVOCATION__);
				if (!outcome) return new Promise(() => {});
				const { afterMs, ...settled } = outcome;
				const { __WARMER_UNTIL__: until, __WARMER_DELAY__: delay = 0 } = payload;
				const holdLeftMs = until === undefined ? delay : until - Date.now();
				return new Promise((resolve) => setTimeout(resolve, afterMs ?? holdLeftMs, settled));
			};
		};
		return { kind: "direct", open: async () => true, prepare, recordRound: () => undefined, close, ...session };
	};
	return { createSession, invocations, sent, sentAt, prepared, close };
};

type FakeLambda = ReturnType<typeof createFakeLambda>;

/** Something about a ping, other than the usual. */
interface PingSettings extends Partial<FanOutPlan> {
	/** Null: the target is another function. */
	readonly initiator?: ReachedEnvironment | null;
	readonly demand?: Record<string, number>;
}

/** Returns a function that runs pings of 5 environments with the same fan-out. Needs fake timers. */
export const createPings = (
	createSession: (() => TransportSession) | undefined,
	options: Parameters<typeof resolveOptions>[0] = {},
	estimates: HoldEstimates = new Map(),
) => {
	const resolved = resolveOptions(options);
	const fanOut = createFanOut(resolved, estimates, createSession);
	return async ({
		initiator = { id: "initiator", start: "warm" },
		demand = {},
		...plan
	}: PingSettings = {}): Promise<RoundFields & Omit<WarmupReport, "rounds" | "delay" | "durationMs">> => {
		const tally = createTally({
			function: "api:prod",
			target: "api:prod",
			correlationId: "c",
			initiator: initiator ?? undefined,
			demand,
			limits: resolved,
			verify: resolved.verify,
		});
		const fields = fanOut(
			{
				target: "api:prod",
				tenantId: undefined,
				correlationId: "c",
				concurrency: 5,
				firstNumber: initiator ? 2 : 1,
				isAutomatic: false,
				deadline: Date.now() + 60_000,
				...plan,
			},
			tally,
		);
		await jest.advanceTimersByTimeAsync(70_000);
		const rounds = await fields;
		return { ...tally.report(rounds.requested ?? 0), ...rounds };
	};
};

/** Runs one ping, with a hold of 40 ms unless the options say otherwise. */
export const runPing = (
	lambda: FakeLambda,
	settings: PingSettings = {},
	options: Parameters<typeof resolveOptions>[0] = {},
) => createPings(lambda.createSession, { delay: 40, ...options })(settings);
