import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { explainFailure, explainFunctionError } from "../src/errors.js";
import { bindFanOut, type FanOut } from "../src/fan-out.js";
import type { HoldMemory } from "../src/hold.js";
import type { Invocation, Outcome } from "../src/invoke-api.js";
import type { Line } from "../src/lambda-client.js";
import { resolveOptions, type WarmupOptions } from "../src/options.js";
import { createPace } from "../src/pace.js";
import type { WarmupReport } from "../src/report.js";
import { awsError, fakeClient, identity, payloadOf } from "./support.js";

const originalEnv = process.env;

/** When the tests begin (epoch ms), by a clock that stands still but for what waits. */
const now = 1_000_000;

beforeEach(() => {
	jest.useFakeTimers({ now });
});
afterEach(() => {
	process.env = originalEnv;
	jest.useRealTimers();
	jest.restoreAllMocks();
});

/** What becomes of a child, so many ms after it was sent: at the end of its hold where that is left out. */
type Played = Outcome & { after?: number };

const answered = (body: unknown): Outcome => ({ kind: "answered", payload: Buffer.from(JSON.stringify(body)) });
/** A child that answers from an environment, where it arrived so many ms after it was sent. */
const reached = (
	id: string,
	{ arrival = 0, start = "warm", after = undefined as number | undefined } = {},
): Played => ({
	...answered(JSON.stringify({ action: "warmer", id, start, startedAt: Date.now() + arrival })),
	...(after !== undefined && { after }),
});
const failed = (error: Error): Outcome => ({ kind: "failed", failure: explainFailure(error, "api:prod") });
const coded = (code: string) => Object.assign(new Error(code), { code });

const pause = async (ms: number) => {
	if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms));
};

/** A Lambda that does as it is told. `sent` has what every child was told, in the order of sending. */
const play = (
	respond: (index: number, number: number) => Played | undefined = (index) => reached(`e${index}`),
	line: Partial<Line> = {},
	/** How long the preparing of any child takes (ms). */
	preparing = (_number: number) => 0,
) => {
	const invocations: Invocation[] = [];
	const sent: Record<string, number>[] = [];
	let prepared = 0;
	const close = jest.fn();
	const newLine = (): Line => ({
		way: "direct",
		sendsAtOnce: false,
		open: async () => true,
		prepare: (invocation) => {
			prepared++;
			let send = () => {};
			const outcome = new Promise<Outcome>((resolve) => {
				const leave = () => {
					const payload = payloadOf(invocation) as Record<string, number>;
					invocations.push(invocation);
					sent.push(payload);
					const played = respond(sent.length - 1, payload.__WARMER_INVOCATION__ as number);
					if (!played) return;
					const { after, ...outcome } = played;
					const { __WARMER_UNTIL__: until, __WARMER_DELAY__: delay } = payload;
					const rest = until === undefined ? delay : until - Date.now();
					setTimeout(resolve, after ?? rest, outcome);
				};
				if (line.sendsAtOnce) leave();
				else send = leave;
			});
			return { ready: pause(preparing(prepared)), outcome, send };
		},
		judge: () => undefined,
		close,
		...line,
	});
	return { newLine, invocations, sent, close, prepared: () => prepared };
};

const bind = (newLine: (() => Line) | undefined, options: WarmupOptions = {}, holds: HoldMemory = new Map()) => {
	const fanOut = bindFanOut(resolveOptions(options), holds, newLine);
	return async (plan: Partial<FanOut> = {}): Promise<WarmupReport> => {
		const report = fanOut({
			target: "api:prod",
			tenantId: undefined,
			concurrency: 5,
			initiator: { id: "initiator", start: "warm" },
			correlationId: "c",
			deadline: Date.now() + 60_000,
			skipped: undefined,
			...plan,
		});
		await jest.advanceTimersByTimeAsync(70_000);
		return report;
	};
};

/** With a hold of 40 ms unless the options say otherwise. */
const run = (lambda: ReturnType<typeof play>, plan: Partial<FanOut> = {}, options: WarmupOptions = {}) =>
	bind(lambda.newLine, { delay: 40, ...options })(plan);

describe("the children", () => {
	test("of a verified ping are all synchronous, and hold until the same instant", async () => {
		const lambda = play();
		await run(lambda, { tenantId: "blue" }, { flag: "__proto__" });
		expect(lambda.invocations.map(({ Payload: _, ...input }) => input)).toEqual(
			Array(4).fill({ FunctionName: "api:prod", InvocationType: "RequestResponse", TenantId: "blue" }),
		);
		expect(Buffer.from(lambda.invocations[0]?.Payload as Uint8Array).toString()).toMatch(
			/^{"__proto__":true,"__WARMER_INVOCATION__":2,"__WARMER_CONCURRENCY__":5,"__WARMER_CORRELATIONID__":"c","__WARMER_VERIFY__":true,"__WARMER_UNTIL__":\d+,"__WARMER_DELAY__":40}$/,
		);
		expect(lambda.sent.map(({ __WARMER_INVOCATION__: number }) => number)).toEqual([2, 3, 4, 5]);
		for (const { __WARMER_UNTIL__: until } of lambda.sent) {
			expect(until).toBeGreaterThanOrEqual(now + 40);
			expect(until).toBeLessThanOrEqual(now + 60);
		}
	});

	test("of lambda-warmer's protocol are events but for the last", async () => {
		const lambda = play((index) => (index < 3 ? { kind: "accepted", after: 0 } : { ...answered(true), after: 30 }));
		const holds: HoldMemory = new Map();
		const report = await bind(lambda.newLine, { verify: false }, holds)();
		expect(lambda.invocations.map(({ InvocationType }) => InvocationType)).toEqual([
			"Event",
			"Event",
			"Event",
			"RequestResponse",
		]);
		expect(lambda.sent[0]).toEqual({
			warmer: true,
			__WARMER_INVOCATION__: 2,
			__WARMER_CONCURRENCY__: 5,
			__WARMER_CORRELATIONID__: "c",
		});
		expect(lambda.invocations[0]).not.toHaveProperty("TenantId");
		expect(report).toMatchObject({ warmed: 2, unverified: 3, rounds: 1 });
		expect(holds.size).toBe(0);
	});

	test("of lambda-warmer's protocol tell nothing, and are sent once", async () => {
		const lambda = play(() => ({ ...reached("same"), after: 0 }));
		expect(await run(lambda, {}, { verify: false })).toMatchObject({ warmed: 2, unverified: 0, rounds: 1 });
		expect(lambda.prepared()).toBe(4);
	});

	test("of another function are as many as it shall have environments", async () => {
		const lambda = play();
		const report = await run(lambda, { initiator: undefined, concurrency: 3 });
		expect(lambda.sent.map(({ __WARMER_INVOCATION__: number }) => number)).toEqual([1, 2, 3]);
		expect(report).toMatchObject({ requested: 3, warmed: 3 });
	});

	test("of a client that sends at once are sent once", async () => {
		const client = fakeClient((payload) => identity(`e${payload.__WARMER_INVOCATION__}`));
		const report = await bind(undefined, { delay: 0, AwsClient: client.AwsClient })({ concurrency: 12 });
		expect(report).toMatchObject({ warmed: 12, rounds: 1 });
		expect(client.sent).toHaveLength(11);
	});
});

describe("a report", () => {
	test("says what was reached, and how", async () => {
		const starts = ["cold", "warm", "proactive", "cold"];
		const lambda = play((index) => reached(`e${index}`, { start: starts[index] as string }));
		expect(await run(lambda)).toStrictEqual({
			action: "warmer-report",
			function: expect.any(String),
			target: "api:prod",
			correlationId: "c",
			requested: 5,
			warmed: 5,
			cold: 2,
			unverified: 0,
			throttled: 0,
			failed: 0,
			timedOut: 0,
			rounds: 1,
			delay: 40,
			durationMs: expect.any(Number),
			protocol: "h2",
			errors: [],
		});
		expect(lambda.close).toHaveBeenCalledTimes(1);
	});

	test.each([
		["direct", "h2"],
		["h2", "h2"],
		["http/1.1", "http/1.1"],
	] as const)("says the protocol of the way %s: %s", async (way, protocol) => {
		expect(await run(play(undefined, { way }))).toMatchObject({ protocol });
	});

	test("counts the initiator by how it was found, and an environment once", async () => {
		const lambda = play((index) =>
			index < 2
				? reached("a", { start: index === 0 ? "cold" : "warm" })
				: reached(index === 2 ? "__proto__" : "constructor"),
		);
		expect(await run(lambda, { initiator: { id: "initiator", start: "cold" }, concurrency: 4 })).toMatchObject({
			warmed: 4,
			cold: 2,
		});
	});

	test("says why nothing was invoked", async () => {
		const lambda = play();
		const report = await run(lambda, { skipped: "reason" });
		expect(report).toMatchObject({ warmed: 1, rounds: 0, delay: 0, skipped: "reason" });
		expect(report).not.toHaveProperty("protocol");
		expect(lambda.sent).toEqual([]);
	});

	test("groups errors, the most frequent first, ten kinds at most", async () => {
		const lambda = play((index) => ({ ...failed(new Error(`no ${Math.min(index, 11)}`)), after: 0 }));
		const { errors } = await run(lambda, { concurrency: 14 });
		expect(errors).toHaveLength(10);
		expect(errors.slice(0, 2)).toStrictEqual([
			{ name: "Error", message: "no 11", count: 2 },
			{ name: "Error", message: "no 0", count: 1 },
		]);
	});

	test("tells apart errors of the same name, and of the same message", async () => {
		const errors = [awsError("A", "x"), awsError("A", "y"), awsError("B", "x"), awsError("B", "x")];
		const lambda = play((index) => ({ ...failed(errors[index] as Error), after: 0 }));
		expect((await run(lambda)).errors).toHaveLength(3);
	});
});

describe("another round", () => {
	test("repairs a hold that was too short with a doubled one, and counts what either reached", async () => {
		const ids = ["a", "b", "b", "c", "a", "b", "d", "d"];
		const lambda = play((index) => reached(ids[index] as string));
		expect(await run(lambda)).toMatchObject({ warmed: 5, rounds: 2, delay: 80 });
		expect(lambda.sent.map(({ __WARMER_DELAY__: delay }) => delay)).toEqual([40, 40, 40, 40, 80, 80, 80, 80]);
	});

	test("takes an environment that is the initiator's for no other", async () => {
		const lambda = play((index) => reached(index === 0 ? "initiator" : `e${index % 4}`));
		expect(await run(lambda)).toMatchObject({ warmed: 5, rounds: 2, delay: 40 });
	});

	test("is the last after the third that shared environments", async () => {
		const lambda = play(() => reached("same"));
		expect(await run(lambda)).toMatchObject({ warmed: 2, rounds: 3, delay: 160 });
		expect(lambda.sent).toHaveLength(12);
	});

	test("is the last after the fifth, whatever the cause", async () => {
		const lambda = play(() => ({ ...failed(coded("ECONNRESET")), after: 0 }));
		expect(await run(lambda)).toMatchObject({ warmed: 1, failed: 20, rounds: 5, delay: 40 });
	});

	test("after shared ones may follow for another cause", async () => {
		const lambda = play((index) =>
			index < 8 ? reached("same") : index < 12 ? { ...failed(coded("ECONNRESET")), after: 0 } : reached(`e${index}`),
		);
		expect(await run(lambda)).toMatchObject({ warmed: 6, rounds: 4 });
	});

	/** Whether the children of each round were told an instant. */
	const toldInstants = ({ sent }: ReturnType<typeof play>) =>
		[0, 4, 8].map((first) =>
			sent.slice(first, first + 4).map((child) => "__WARMER_UNTIL__" in child && child.__WARMER_DELAY__),
		);

	test("tells no instant where none arrived too late for the last one", async () => {
		const lambda = play(() => reached("same"));
		await run(lambda);
		expect(toldInstants(lambda)).toEqual([Array(4).fill(40), Array(4).fill(false), Array(4).fill(false)]);
		expect(lambda.sent[4]).toHaveProperty("__WARMER_DELAY__", 80);
	});

	test("tells an instant after late arrivals, but not as the last chance", async () => {
		const lambda = play(() => reached("same", { arrival: 300, after: 300 }));
		await run(lambda);
		expect(toldInstants(lambda)).toEqual([Array(4).fill(40), Array(4).fill(80), Array(4).fill(false)]);
	});

	test("tells an instant where environments were not shared", async () => {
		const lambda = play((index) => (index === 0 ? { ...failed(coded("ECONNRESET")), after: 0 } : reached(`e${index}`)));
		await run(lambda);
		expect(toldInstants(lambda).slice(0, 2)).toEqual([Array(4).fill(40), Array(4).fill(40)]);
	});

	test("that tells none ends all holds together, though children are sent one by one", async () => {
		const sentAt: number[] = [];
		const ends: number[] = [];
		const spread = (times: number[]) => Math.max(...times) - Math.min(...times);
		const lambda = play(
			(index) => {
				const { __WARMER_DELAY__: delay = 0 } = lambda.sent[index] ?? {};
				if (index >= 20) {
					sentAt.push(Date.now());
					ends.push(Date.now() + delay);
				}
				return reached(index < 20 ? "same" : `e${index}`);
			},
			{ sendsAtOnce: true },
			() => 1,
		);
		expect(await run(lambda, { concurrency: 21 })).toMatchObject({ warmed: 22, rounds: 2 });
		expect(lambda.sent[20]).not.toHaveProperty("__WARMER_UNTIL__");
		expect(lambda.sent[20]?.__WARMER_DELAY__).toBeGreaterThan(80);
		expect(ends).toHaveLength(20);
		expect(spread(ends)).toBeLessThan(spread(sentAt) / 3);
	});

	test("never holds longer than maxDelay", async () => {
		const lambda = play(() => reached("same"));
		await run(lambda, {}, { delay: 60, maxDelay: 100 });
		expect(lambda.sent.map(({ __WARMER_DELAY__: delay }) => delay)).toEqual([
			...Array(4).fill(60),
			...Array(4).fill(100),
			...Array(4).fill(100),
		]);
	});

	test("as the last chance holds for twice the slowest arrival", async () => {
		const lambda = play((index) => (index < 8 ? reached("same", { arrival: 300, after: 300 }) : reached(`e${index}`)));
		expect(await run(lambda)).toMatchObject({ warmed: 6, rounds: 3, delay: expect.closeTo(600, -1) });
	});

	test("begins with 75 ms where there was no hold to double", async () => {
		const lambda = play(() => reached("same"));
		await run(lambda, {}, { delay: 0 });
		expect(new Set(lambda.sent.map(({ __WARMER_DELAY__: delay }) => delay))).toEqual(new Set([0, 75, 150]));
	});

	test.each([
		[30, 1],
		[150, 1],
		[220, 2],
		[400, 2],
		[600, 3],
	])("is not started where the %i ms left would cut it off", async (left, rounds) => {
		const lambda = play(() => reached("same"));
		const report = await run(lambda, { deadline: now + left });
		expect(report.rounds).toBe(rounds);
		expect(report.durationMs).toBeLessThanOrEqual(left);
	});

	test("is not started where a small function has no time for its work", async () => {
		process.env = { ...originalEnv, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128" };
		let answeredAt = 0;
		const roundsWith = async (left: number) => {
			const lambda = play((index) => {
				const { __WARMER_UNTIL__: until = 0 } = lambda.sent[index] ?? {};
				if (index === 0) answeredAt = until - now;
				return reached("same");
			});
			jest.setSystemTime(now);
			return (await run(lambda, { concurrency: 21, deadline: now + left })).rounds;
		};
		await roundsWith(60_000);
		// As the first round has it: nothing took any time.
		const pace = createPace();
		for (const what of ["preparing", "sending"] as const) pace.measure(what, "direct")(20);
		const work = 20 * (pace.preparing("direct") + pace.sending("direct") + pace.reading("direct"));
		const least = answeredAt + work + 2 * 80 + pace.finishing();
		expect(work).toBeGreaterThan(40);
		expect(await roundsWith(least - 12)).toBe(1);
		expect(await roundsWith(least + 12)).toBe(2);
	});

	const once: [string, Outcome][] = [
		["a reset connection", failed(coded("ECONNRESET"))],
		["a refused connection", failed(coded("ECONNREFUSED"))],
		["a refused stream", failed(coded("ERR_HTTP2_STREAM_ERROR"))],
		["a 500", failed(awsError("ServiceException"))],
		["a rate", failed(Object.assign(awsError("TooManyRequestsException"), { Reason: "CallerRateLimitExceeded" }))],
		["a resource that is not ready", failed(awsError("ResourceNotReadyException"))],
	];
	describe.each([1, 3, 4])("for %i children", (children) => {
		test.each(once)("cures %s, and keeps the hold", async (_, outcome) => {
			const lambda = play((index) => (index < children ? { ...outcome, after: 0 } : reached(`e${index}`)));
			expect(await run(lambda)).toMatchObject({ warmed: expect.any(Number), rounds: 2, delay: 40 });
			expect(lambda.sent).toHaveLength(8);
		});
	});

	test.each<[string, Outcome, object]>([
		["an answer of lambda-warmer", answered(true), { unverified: 1 }],
		["an accepted event", { kind: "accepted" }, { unverified: 1 }],
		["a refusal", failed(awsError("AccessDeniedException")), { failed: 1 }],
		["a wrong name", failed(awsError("ResourceNotFoundException")), { failed: 1 }],
		[
			"a limit",
			failed(
				Object.assign(awsError("TooManyRequestsException"), {
					Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
				}),
			),
			{ throttled: 1 },
		],
		["a child's error", { kind: "threw", failure: explainFunctionError(undefined) }, { failed: 1 }],
		["what has not answered in time", failed(coded("ETIMEDOUT")), { timedOut: 1 }],
	])("does not cure %s", async (_, outcome, counted) => {
		const lambda = play((index) => (index === 0 ? { ...outcome, after: 0 } : reached(`e${index}`)));
		expect(await run(lambda)).toMatchObject({
			warmed: 4,
			rounds: 1,
			unverified: 0,
			throttled: 0,
			failed: 0,
			timedOut: 0,
			...counted,
		});
	});

	test("cures what a foreign answer does not explain", async () => {
		const lambda = play((index) => (index % 4 === 0 ? answered(true) : reached(`e${index >= 4 ? index : 1}`)));
		expect(await run(lambda)).toMatchObject({ warmed: 5, unverified: 2, rounds: 2 });
	});

	test("is not pressed for where anything was refused for good", async () => {
		const lambda = play((index) =>
			index === 0 ? { ...failed(awsError("TooManyRequestsException")), after: 0 } : reached("same"),
		);
		expect(await run(lambda)).toMatchObject({ warmed: 2, throttled: 1, rounds: 1 });
	});
});

describe("the deadline", () => {
	test("ends the waiting, and closes the line", async () => {
		const lambda = play((index) => (index === 1 ? undefined : reached(`e${index}`)));
		const report = await run(lambda, { deadline: now + 200 });
		expect(report).toMatchObject({ warmed: 4, timedOut: 1, rounds: 1 });
		expect(report.durationMs).toBeGreaterThan(190);
		expect(report.durationMs).toBeLessThanOrEqual(200);
		expect(report.errors).toMatchObject([
			{ name: "TimeoutError", count: 1, hint: expect.stringContaining("raise the timeout") },
		]);
		expect(lambda.close).toHaveBeenCalledTimes(1);
	});

	test("ends connecting", async () => {
		const lambda = play(undefined, { open: () => new Promise(() => {}) });
		const report = await run(lambda, { deadline: now + 200 });
		expect(report).toMatchObject({ warmed: 1, timedOut: 4, rounds: 1 });
		expect(report.durationMs).toBe(200);
		expect(report.errors).toMatchObject([{ name: "NotSentInTime", count: 4 }]);
	});

	test("leaves unsent what could not answer before it", async () => {
		const lambda = play(undefined, {}, () => 40);
		const report = await run(lambda, { concurrency: 20, deadline: now + 300 });
		expect(report.durationMs).toBeLessThanOrEqual(300);
		expect(report.timedOut).toBeGreaterThanOrEqual(1);
		expect(report.warmed + report.timedOut).toBe(20);
		expect(report.errors).toMatchObject([
			{ name: "NotSentInTime", count: report.timedOut, hint: expect.stringContaining("more memory") },
		]);
		expect(lambda.sent).toHaveLength(report.warmed - 1);
	});

	test("ends the sending, where that takes long", async () => {
		const lambda = play((index) => {
			jest.setSystemTime(Date.now() + 100);
			return reached(`e${index}`);
		});
		expect(await run(lambda, { deadline: now + 250 })).toMatchObject({ rounds: 1 });
		expect(lambda.prepared()).toBe(4);
		expect(lambda.sent).toHaveLength(3);
	});

	test("is respected before the SDK is loaded", async () => {
		const lambda = play(undefined, { open: async (_children, loadBy) => Date.now() <= loadBy });
		expect(await run(lambda, { deadline: now + 80 })).toMatchObject({ timedOut: 4, durationMs: 0 });
		expect(lambda.sent).toEqual([]);
		expect(await run(lambda, { deadline: Date.now() + 200 })).toMatchObject({ timedOut: 0 });
	});
});

test("what cannot be opened fails every child, with its reason", async () => {
	const lambda = play(undefined, {
		open: async () => {
			throw coded("ERR_MODULE_NOT_FOUND");
		},
	});
	expect(await run(lambda)).toMatchObject({
		warmed: 1,
		failed: 4,
		rounds: 1,
		errors: [{ name: "ERR_MODULE_NOT_FOUND", count: 4 }],
	});
});

describe("a child that was told too early an instant", () => {
	/** A Lambda whose children take so long to prepare (ms), and the rest of the hold of each as it leaves. */
	const slow = (preparing: (number: number) => number, line?: Partial<Line>) => {
		const left: number[] = [];
		const lambda = play(
			(index) => {
				const { __WARMER_UNTIL__: until = 0 } = lambda.sent[index] ?? {};
				left.push(until - Date.now());
				return reached(`e${index}`);
			},
			line,
			preparing,
		);
		return { lambda, left };
	};

	test("is prepared again, and has its hold when all leave", async () => {
		// The first wait for something else than the processor.
		const { lambda, left } = slow((number) => (number <= 3 ? 50 : 0));
		expect(await run(lambda)).toMatchObject({ warmed: 5, rounds: 1 });
		expect(lambda.prepared()).toBeGreaterThan(4);
		expect(left).toHaveLength(4);
		for (const ms of left) expect(ms).toBeGreaterThanOrEqual(20);
	});

	test("by no more than 20 ms leaves as it is", async () => {
		const { lambda, left } = slow(() => 5);
		expect(await run(lambda)).toMatchObject({ warmed: 5, rounds: 1 });
		expect(lambda.prepared()).toBe(4);
		for (const ms of left) expect(ms).toBeGreaterThanOrEqual(20);
	});

	test("is prepared four times at most", async () => {
		// Each takes longer than was ever foreseen.
		const { lambda } = slow((number) => 20 * number);
		expect(await run(lambda)).toMatchObject({ warmed: 5, rounds: 1 });
		expect(lambda.prepared()).toBe(16);
		expect(lambda.sent).toHaveLength(4);
	});

	test("keeps it where no time is left to prepare it again", async () => {
		const { lambda } = slow((number) => (number <= 4 ? 50 : 0));
		await run(lambda, { deadline: now + 241 });
		expect(lambda.prepared()).toBe(4);
		expect(lambda.sent).toHaveLength(4);
	});

	test("keeps it where the SDK has it, since a tracer would record the first one", async () => {
		const { lambda } = slow((number) => (number <= 3 ? 50 : 0), { way: "h2" });
		expect(await run(lambda)).toMatchObject({ warmed: 5, rounds: 1 });
		expect(lambda.prepared()).toBe(4);
	});

	test("keeps it where it has left already", async () => {
		const { lambda } = slow((number) => (number <= 3 ? 50 : 0), { sendsAtOnce: true, way: "http/1.1" });
		expect(await run(lambda)).toMatchObject({ warmed: 5, rounds: 1 });
		expect(lambda.prepared()).toBe(4);
	});

	test("is none in a ping that tells no instants", async () => {
		const lambda = play(
			(index) => reached(index < 4 ? "same" : `e${index}`),
			{},
			(number) => (number > 4 ? 50 : 0),
		);
		expect(await run(lambda)).toMatchObject({ warmed: 6, rounds: 2 });
		expect(lambda.prepared()).toBe(8);
		const unverified = play(
			() => ({ ...answered(true), after: 0 }),
			{},
			() => 50,
		);
		await run(unverified, {}, { verify: false });
		expect(unverified.prepared()).toBe(4);
	});
});

describe("HTTP/2 that brings no answer", () => {
	test("gets another round, and the switch is reported once", async () => {
		const verdicts = ["retry", "switched"] as const;
		let round = 0;
		const judged: unknown[] = [];
		const lambda = play(
			(index) => (index < 4 ? { ...failed(awsError("InvalidSignatureException")), after: 0 } : reached(`e${index}`)),
			{
				judge: ({ answered, transport }) => {
					judged.push([answered, transport]);
					return verdicts[round++];
				},
			},
		);
		const report = await run(lambda);
		expect(report).toMatchObject({ warmed: 5, rounds: 2, failed: 4, delay: 40 });
		expect(report.errors).toMatchObject([
			{ name: "InvalidSignatureException", count: 4 },
			{
				name: "Http2Unusable",
				message: expect.stringContaining("HTTP/1.1 worked"),
				count: 1,
				hint: expect.stringContaining("requestHandler"),
			},
		]);
		expect(judged).toEqual([
			[false, true],
			[true, false],
		]);
	});

	test.each<[string, (index: number) => Played, [boolean, boolean]]>([
		["some answered", (index) => (index ? reached(`e${index}`) : failed(coded("ECONNRESET"))), [true, false]],
		["a foreign handler answered", () => answered(true), [true, false]],
		["a handler failed", () => ({ kind: "threw", failure: explainFunctionError(undefined) }), [true, false]],
		["all were refused", () => failed(awsError("AccessDeniedException")), [false, false]],
		[
			"one was refused, all others reset",
			(index) => (index ? failed(coded("ECONNRESET")) : failed(awsError("AccessDeniedException"))),
			[false, false],
		],
		["all were reset", () => failed(coded("ECONNRESET")), [false, true]],
	])("is told apart: %s", async (_, respond, expected) => {
		const judge = jest.fn<Line["judge"]>();
		await run(play((index) => ({ after: 0, ...respond(index) }), { judge }));
		const [answered, transport] = expected;
		expect(judge.mock.calls[0]).toMatchObject([{ answered, transport, waited: expect.any(Number) }]);
	});
});

describe("the lesson", () => {
	/** The hold of the ping after one whose children arrived so. */
	const lessonOf = async (arrivals: (number | "cold")[], options: WarmupOptions = {}) => {
		const holds: HoldMemory = new Map();
		const lambda = play((index) => {
			const arrival = arrivals[index];
			if (arrival === undefined) return reached(`later ${index}`);
			return arrival === "cold"
				? reached(`e${index}`, { start: "cold", arrival: 900, after: 950 })
				: reached(`e${index}`, { arrival, after: 1000 });
		});
		const ping = bind(lambda.newLine, options, holds);
		expect(await ping()).toMatchObject({ rounds: 1, delay: 75 });
		await ping();
		return lambda.sent[4]?.__WARMER_DELAY__;
	};

	test("is a margin more than the slowest warm arrival", async () => {
		expect(await lessonOf([40, 200, 80, 20])).toEqual(expect.closeTo(260, -1));
		expect(await lessonOf([40, "cold", 100, 20])).toEqual(expect.closeTo(130, -1));
	});

	test("is none where no warm child tells, or no clock is to be believed", async () => {
		expect(await lessonOf(["cold", "cold", "cold", "cold"])).toBe(75);
		expect(await lessonOf([-8, -3, -5, -2])).toBe(75);
	});

	test("takes no arrival for later than its answer came", async () => {
		expect(await lessonOf([1e300, 1, 1, 1], { maxDelay: 5000 })).toEqual(expect.closeTo(1300, -1));
	});

	test("is kept for its number and target alone", async () => {
		const holds: HoldMemory = new Map();
		const lambda = play((index) => reached(`e${index}`, { arrival: 200, after: 300 }));
		const ping = bind(lambda.newLine, {}, holds);
		await ping();
		expect(await ping()).toMatchObject({ delay: expect.closeTo(260, -1) });
		expect(await ping({ concurrency: 2 })).toMatchObject({ delay: 75 });
		expect(await ping({ initiator: undefined })).toMatchObject({ delay: 75 });
	});

	test("of a hold that was too short comes from the slowest in any round, or doubles it", async () => {
		const afterRounds = async (first: number, second: number) => {
			const ids = ["a", "a", "b", "c", "a", "b", "c", "d"];
			const holds: HoldMemory = new Map();
			const lambda = play((index) =>
				reached(ids[index] ?? `later ${index}`, { arrival: index < 4 ? first : second, after: 200 }),
			);
			const ping = bind(lambda.newLine, {}, holds);
			expect(await ping()).toMatchObject({ warmed: 5, rounds: 2 });
			await ping();
			return lambda.sent[8]?.__WARMER_DELAY__;
		};
		expect(await afterRounds(120, 8)).toEqual(expect.closeTo(156, -1));
		expect(await afterRounds(8, 120)).toEqual(expect.closeTo(156, -1));
		expect(await afterRounds(8, 9)).toBe(150);
	});

	test("counts arrivals from the instant told, or from 20 ms before all leave", async () => {
		const lesson = async (preparing: number) => {
			const holds: HoldMemory = new Map();
			const lambda = play(
				(index) => reached(`e${index}`, { arrival: 100, after: 100 }),
				{ way: "h2" },
				() => preparing,
			);
			const ping = bind(lambda.newLine, {}, holds);
			await ping();
			return [...holds.values()][0]?.hold;
		};
		expect(await lesson(0)).toEqual(expect.closeTo(1.3 * 100, -1));
		expect(await lesson(5)).toEqual(expect.closeTo(1.3 * 116, -1));
		expect(await lesson(50)).toBeCloseTo(1.3 * 120);
	});
});
