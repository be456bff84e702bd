import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { adoptHold, type HoldEstimates } from "../../src/fan-out/hold.js";
import { explainFunctionError } from "../../src/report/errors.js";
import type { BreakerDecision, RoundHealth } from "../../src/transport/breaker.js";
import { fakeClient, identity } from "../support.js";
import {
	answered,
	createFakeLambda,
	createPings,
	type FakeOutcome,
	failed,
	reached,
	runPing,
	TRANSIENT,
} from "./support.js";

const originalEnv = process.env;
const now = 1_800_000_000_000;
const hour = now / 3_600_000;

beforeEach(() => {
	jest.useFakeTimers({ now });
});
afterEach(() => {
	process.env = originalEnv;
	jest.useRealTimers();
	jest.restoreAllMocks();
});

const delaysOf = ({ sent }: ReturnType<typeof createFakeLambda>) => sent.map((child) => child.__WARMER_DELAY__);
/** Whether the children of each round of four were told an instant. */
const instantsOf = ({ sent }: ReturnType<typeof createFakeLambda>) =>
	sent.filter((_, index) => index % 4 === 0).map((child) => child.__WARMER_UNTIL__ !== undefined);

describe("a ping", () => {
	test.each([
		["direct", "h2"],
		["sdk", "http/1.1"],
	] as const)("reports what one round over %s reached, with the protocol %s", async (kind, protocol) => {
		const starts = ["cold", "warm", "proactive", "cold"];
		const lambda = createFakeLambda((index) => reached(`e${index}`, { start: starts[index] as string }), { kind });
		const report = await runPing(lambda);
		expect(report).toMatchObject({ requested: 5, warmed: 5, cold: 2, unverified: 0, throttled: 0, failed: 0 });
		expect(report).toMatchObject({ timedOut: 0, rounds: 1, delay: 40, protocol, errors: [] });
		expect(lambda.close).toHaveBeenCalledTimes(1);
	});

	test("invokes one child for each environment when the target is another function", async () => {
		const lambda = createFakeLambda();
		expect(await runPing(lambda, { initiator: null, concurrency: 3 })).toMatchObject({ requested: 3, warmed: 3 });
		expect(lambda.sent.map((child) => child.__WARMER_INVOCATION__)).toEqual([1, 2, 3]);
	});

	test("runs one round and learns nothing when it doesn't verify", async () => {
		const estimates: HoldEstimates = new Map();
		const lambda = createFakeLambda((index) => ({
			...(index < 3 ? { kind: "accepted" } : answered(true)),
			afterMs: 0,
		}));
		const report = await createPings(lambda.createSession, { verify: false }, estimates)();
		expect(report).toMatchObject({ warmed: 2, unverified: 3, rounds: 1 });
		expect(estimates.size).toBe(0);
	});

	test("uses the given client when no session is given", async () => {
		const client = fakeClient((payload) => identity(`e${payload.__WARMER_INVOCATION__}`));
		const ping = createPings(undefined, { delay: 0, AwsClient: client.AwsClient });
		expect(await ping({ concurrency: 12 })).toMatchObject({ warmed: 12, rounds: 1, protocol: "http/1.1" });
		expect(client.sent).toHaveLength(11);
	});
});

describe("when invocations share environments", () => {
	test("repeats the round with a doubled hold, and counts what both reached", async () => {
		const ids = ["a", "b", "b", "c", "a", "b", "d", "d"];
		const lambda = createFakeLambda((index) => reached(ids[index] as string));
		expect(await runPing(lambda)).toMatchObject({ warmed: 5, rounds: 2, delay: 80 });
		expect(delaysOf(lambda)).toEqual([40, 40, 40, 40, 80, 80, 80, 80]);
	});

	test("ends after three rounds, and gives up the instant when no late arrival explains them", async () => {
		const lambda = createFakeLambda(() => reached("same"));
		expect(await runPing(lambda)).toMatchObject({ warmed: 2, rounds: 3, delay: 160 });
		expect(instantsOf(lambda)).toEqual([true, false, false]);
	});

	test("keeps the instant after late arrivals, but not in the last round", async () => {
		const lambda = createFakeLambda((index) =>
			index < 8 ? reached("same", { arrivalMs: 300 }) : reached(`e${index}`),
		);
		expect(await runPing(lambda)).toMatchObject({ warmed: 6, rounds: 3, delay: expect.closeTo(600, -2) });
		expect(instantsOf(lambda)).toEqual([true, true, false]);
	});

	test("never holds longer than maxDelay", async () => {
		const lambda = createFakeLambda(() => reached("same"));
		await runPing(lambda, {}, { delay: 60, maxDelay: 100 });
		expect(delaysOf(lambda)).toEqual([...Array(4).fill(60), ...Array(8).fill(100)]);
	});

	test("repairs a hold of 0 with 75 ms", async () => {
		const lambda = createFakeLambda(() => reached("same"));
		await runPing(lambda, {}, { delay: 0 });
		expect(new Set(delaysOf(lambda))).toEqual(new Set([0, 75, 150]));
	});

	test.each([
		[30, 1],
		[150, 1],
		[220, 2],
		[400, 2],
		[700, 3],
	])("begins no round that %i ms would cut off: %i rounds", async (leftMs, rounds) => {
		const lambda = createFakeLambda(() => reached("same"));
		const report = await runPing(lambda, { deadline: now + leftMs });
		expect(report.rounds).toBe(rounds);
		expect(report.durationMs).toBeLessThanOrEqual(leftMs);
	});

	test("begins fewer rounds when a small function needs the time for its work", async () => {
		const roundsAt = async (memoryMb: string) => {
			process.env = { ...originalEnv, AWS_LAMBDA_FUNCTION_MEMORY_SIZE: memoryMb };
			const lambda = createFakeLambda(() => reached("same"));
			return (await runPing(lambda, { concurrency: 21, deadline: Date.now() + 500 })).rounds;
		};
		expect(await roundsAt("128")).toBeLessThan(await roundsAt("1769"));
	});

	test("begins no round when sending has taken too long before", async () => {
		const roundsAfter = async (sendMs: number) => {
			let elapsedMs = 0;
			jest.spyOn(performance, "now").mockImplementation(() => elapsedMs);
			const lambda = createFakeLambda(() => {
				elapsedMs += sendMs;
				return reached("same");
			});
			return (await runPing(lambda, { deadline: Date.now() + 240 })).rounds;
		};
		expect(await roundsAfter(0)).toBe(2);
		expect(await roundsAfter(30)).toBe(1);
	});

	test("repeats the round when a foreign answer does not explain what is missing", async () => {
		const lambda = createFakeLambda((index) =>
			index % 4 === 0 ? answered(true) : reached(`e${index >= 4 ? index : 1}`),
		);
		expect(await runPing(lambda)).toMatchObject({ warmed: 5, unverified: 2, rounds: 2 });
	});
});

describe("when children fail", () => {
	test.each(Object.entries(TRANSIENT))("reaches all in one round after a %s", async (_, outcome) => {
		const lambda = createFakeLambda((index) => (index < 1 ? outcome : reached(`e${index}`)), {});
		expect(await runPing(lambda, {}, { delay: 200 })).toMatchObject({ warmed: 5, rounds: 1, delay: 200 });
		expect(lambda.sent).toHaveLength(5);
	});

	test("runs another round with the same hold when a failure comes too late to be sent again", async () => {
		const lambda = createFakeLambda((index) =>
			index === 0 ? { ...TRANSIENT.reset, afterMs: 100 } : reached(`e${index}`),
		);
		expect(await runPing(lambda)).toMatchObject({ warmed: 8, rounds: 2, failed: 1, delay: 40 });
		expect(instantsOf(lambda)).toEqual([true, true]);
	});

	test("leaves the third request of each child to another round when all are reset", async () => {
		const lambda = createFakeLambda(() => TRANSIENT.reset);
		expect(await runPing(lambda, {}, { delay: 200 })).toMatchObject({ warmed: 1, failed: 12, rounds: 2 });
	});

	test("runs another round for a child that may be sent again, when another one may not", async () => {
		const lambda = createFakeLambda((index, number) => {
			if (number === 2) return TRANSIENT.reset;
			return index === 1 ? { ...TRANSIENT.reset, afterMs: 190 } : reached(`e${index}`);
		});
		expect(await runPing(lambda, {}, { delay: 200 })).toMatchObject({ failed: 4, rounds: 2 });
	});

	test("sends each child three times at most when all fail", async () => {
		const lambda = createFakeLambda(() => TRANSIENT.serviceError);
		expect(await runPing(lambda)).toMatchObject({ warmed: 1, failed: 12, rounds: 1 });
	});

	const permanent: [string, FakeOutcome, object][] = [
		["access is denied", failed({ name: "AccessDeniedException" }), { failed: 1 }],
		["the function does not exist", failed({ name: "ResourceNotFoundException" }), { failed: 1 }],
		["the account's concurrency is exhausted", failed({ name: "TooManyRequestsException" }), { throttled: 1 }],
		["the handler failed", { kind: "failed", failure: explainFunctionError(undefined) }, { failed: 1 }],
		["a child timed out", failed({ code: "ETIMEDOUT" }), { timedOut: 1 }],
		["a foreign handler answered", answered(true), { unverified: 1 }],
		["a child was queued", { kind: "accepted" }, { unverified: 1 }],
	];
	test.each(permanent)("ends the rounds when %s", async (_, outcome, counted) => {
		const lambda = createFakeLambda((index) => (index === 0 ? { ...outcome, afterMs: 0 } : reached(`e${index}`)));
		expect(await runPing(lambda)).toMatchObject({ warmed: 4, rounds: 1, ...counted });
		expect(lambda.sent).toHaveLength(4);
	});

	test("ends the rounds after a permanent failure though environments were shared", async () => {
		const denied = failed({ name: "AccessDeniedException" });
		const lambda = createFakeLambda((index) => (index === 0 ? denied : reached("same")));
		expect(await runPing(lambda)).toMatchObject({ warmed: 2, failed: 1, rounds: 1 });
	});
});

describe("when the breaker decides", () => {
	test("repeats the round after 'retry', and reports once that HTTP/2 is disabled", async () => {
		const decisions: BreakerDecision[] = ["retry", "disabled"];
		const health: RoundHealth[] = [];
		const recordRound = (roundHealth: RoundHealth): BreakerDecision => decisions[health.push(roundHealth) - 1];
		const refused = failed({ name: "InvalidSignatureException" });
		const lambda = createFakeLambda((index) => (index < 4 ? refused : reached(`e${index}`)), { recordRound });
		const report = await runPing(lambda);
		expect(report).toMatchObject({ warmed: 5, rounds: 2, failed: 4, delay: 40 });
		expect(report.errors).toMatchObject([
			{ name: "InvalidSignatureException", count: 4 },
			{
				name: "Http2Unusable",
				message: expect.stringContaining("HTTP/2"),
				count: 1,
				hint: expect.stringContaining("awsClientOptions"),
			},
		]);
		expect(health).toEqual(["failed", "answered"]);
	});

	test.each([
		[400, "unknown"],
		[3000, "silent"],
	])("tells it of a round without any answer that %i ms ended: %s", async (leftMs, health) => {
		const recordRound = jest.fn(() => undefined);
		await runPing(
			createFakeLambda(() => undefined, { recordRound }),
			{ deadline: now + leftMs },
		);
		expect(recordRound.mock.calls).toEqual([[health]]);
	});
});

describe("an automatic ping", () => {
	const automatic = { isAutomatic: true, concurrency: 2 };
	const served = (coldStart: boolean, busy = "") => ({ traffic: { requests: 1, coldStart, sinceMs: 1000, busy } });

	test("runs one round when nothing suggests more environments", async () => {
		expect(await runPing(createFakeLambda(), automatic)).toMatchObject({ requested: 2, warmed: 2, rounds: 1 });
	});

	test("doubles the number until it finds no environment that a request had to start", async () => {
		const lambda = createFakeLambda((index, number) => reached(`e${number}`, served(index === 0)));
		expect(await runPing(lambda, automatic)).toMatchObject({ requested: 4, warmed: 4, rounds: 2 });
	});

	test("asks for no more than requested when it is not automatic", async () => {
		const lambda = createFakeLambda((_, number) => reached(`e${number}`, { demand: { [hour]: 6 } }));
		expect(await runPing(lambda)).toMatchObject({ requested: 5, rounds: 1, recommended: 7 });
	});

	test("keeps a hold that it has repaired when it tells the children a new peak", async () => {
		const lambda = createFakeLambda((index) =>
			index < 4 ? reached("same") : reached(`e${index}`, { demand: { [hour]: 3 } }),
		);
		const report = await runPing(lambda, { isAutomatic: true, demand: { [hour - 1]: 3 } });
		expect(report).toMatchObject({ requested: 5, rounds: 3, delay: 80 });
	});

	test("learns no hold for a larger number from the arrivals of a smaller one", async () => {
		const lambda = createFakeLambda((index, number) =>
			reached(`e${number}`, { arrivalMs: index === 0 ? 300 : 20, ...served(index === 0) }),
		);
		const ping = createPings(lambda.createSession);
		expect(await ping(automatic)).toMatchObject({ requested: 4, rounds: 2, delay: 75 });
		expect((await ping({ concurrency: 4 })).delay).toBeLessThan(75);
	});

	test("stops growing at maxConcurrency", async () => {
		const lambda = createFakeLambda((index) => reached(`e${index}`, served(true)));
		const report = await runPing(lambda, automatic, { maxConcurrency: 5 });
		expect(report).toMatchObject({ requested: 5, rounds: 3 });
	});

	test("asks for as many environments as a peak that a child knows", async () => {
		const lambda = createFakeLambda((_, number) => reached(`e${number}`, { demand: { [hour]: 6 } }));
		expect(await runPing(lambda, automatic)).toMatchObject({ requested: 7, warmed: 7, rounds: 2 });
		expect(lambda.sent[1]?.__WARMER_DEMAND__).toEqual({ [hour]: 6 });
	});

	test("tells the children a new peak in one more round of the same size", async () => {
		const lambda = createFakeLambda((_, number) => reached(`e${number}`, { demand: { [hour]: 3 } }));
		const report = await runPing(lambda, { isAutomatic: true, concurrency: 4, demand: { [hour - 1]: 3 } });
		expect(report).toMatchObject({ requested: 4, rounds: 2 });
		expect(lambda.sent.at(-1)?.__WARMER_DEMAND__).toEqual({ [hour - 1]: 3, [hour]: 3 });
	});
});

describe("the hold of the next ping", () => {
	/** The hold after a ping whose children arrived after these times (ms). */
	const holdAfter = async (arrivals: (number | "cold")[], options = {}) => {
		const estimates: HoldEstimates = new Map();
		const lambda = createFakeLambda((index) => {
			const arrivalMs = arrivals[index] ?? 0;
			return arrivalMs === "cold"
				? reached(`e${index}`, { start: "cold", arrivalMs: 900 })
				: { ...reached(`e${index}`, { arrivalMs }), afterMs: 1000 };
		});
		const ping = createPings(lambda.createSession, options, estimates);
		expect(await ping()).toMatchObject({ rounds: 1, delay: 75 });
		return (await ping()).delay;
	};

	test.each<[string, (number | "cold")[], object, number]>([
		["covers the slowest arrival with a margin", [40, 200, 80, 20], {}, 2 * 200],
		["ignores cold children", [40, "cold", 100, 20], {}, 2 * 100],
		["stays when all children were cold", ["cold", "cold", "cold", "cold"], {}, 75],
		["stays when clocks disagree", [-800, -300, -500, -200], {}, 75],
		["takes no arrival for later than its answer", [1e300, 1, 1, 1], { maxDelay: 5000 }, 2 * 1000],
	])("%s", async (_, arrivals, options, expected) => {
		expect(Math.abs((await holdAfter(arrivals, options)) - expected)).toBeLessThan(15);
	});

	test("belongs to its number of environments and its target", async () => {
		const lambda = createFakeLambda((index) => reached(`e${index}`, { arrivalMs: 200 }));
		const ping = createPings(lambda.createSession, { maxDelay: 2000 });
		await ping({ concurrency: 5 });
		expect((await ping({ concurrency: 2 })).delay).toBe(75);
		expect((await ping({ initiator: null })).delay).toBe(75);
		expect((await ping()).delay).toBeGreaterThan(200);
	});

	test("is the one that was adopted for this function", async () => {
		const estimates: HoldEstimates = new Map();
		adoptHold(estimates, 5, 33);
		const ping = createPings(createFakeLambda().createSession, {}, estimates);
		expect((await ping({ initiator: null })).delay).toBe(75);
		expect((await ping()).delay).toBe(33);
	});

	test("is doubled when no arrival explains a shared environment", async () => {
		const ids = ["a", "a", "b", "c", "a", "b", "c", "d"];
		const lambda = createFakeLambda((index) => reached(ids[index] ?? `later ${index}`));
		const ping = createPings(lambda.createSession);
		expect(await ping()).toMatchObject({ warmed: 5, rounds: 2 });
		expect((await ping()).delay).toBe(150);
	});
});
