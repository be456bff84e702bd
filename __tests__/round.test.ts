import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { noAnswer, notSent } from "../src/errors.js";
import type { Outcome } from "../src/invoke-api.js";
import type { Line } from "../src/lambda-client.js";
import type { Pace } from "../src/pace.js";
import { bindRound, type Holding } from "../src/round.js";
import { payloadOf } from "./support.js";

/** When a round begins (epoch ms); all times below are ms from then. */
const now = 1_000_000;

beforeEach(() => {
	jest.useFakeTimers({ now });
});
afterEach(() => {
	jest.useRealTimers();
	jest.restoreAllMocks();
});

interface Played {
	/** What it really takes to prepare a child, and to send one (ms). */
	preparing?: number;
	sending?: number;
	/** From sending to the answer (ms); null: none comes. */
	answersAfter?: number | null;
	deadline?: number;
	verify?: boolean;
	holding?: Partial<Holding>;
	line?: Partial<Line>;
}

/** A turn of the loop takes a millisecond by these timers. */
const about = (ms: number) => expect.closeTo(ms, -0.5);

/** One round of 20 children that hold for 100 ms, where preparing each is foreseen to take 3 ms, and sending it 2. */
const play = async ({
	preparing = 3,
	sending = 0,
	answersAfter = 100,
	deadline = 10_000,
	verify = true,
	holding,
	line,
}: Played = {}) => {
	jest.setSystemTime(now);
	const notes: [what: string, way: string, children: number][] = [];
	const pace: Pace = {
		loading: () => 500,
		preparing: () => 3,
		sending: () => 2,
		reading: () => 1,
		closing: () => 0.5,
		finishing: () => 0,
		measure: (what, way) => (children) => notes.push([what, way, children]),
	};
	const prepared: Record<string, unknown>[] = [];
	const sentAt: number[] = [];
	const runRound = bindRound({ flag: "warmer", verify }, pace);
	const round = runRound(
		{ target: "api", tenantId: undefined, concurrency: 21, correlationId: "c", deadline: now + deadline },
		Array.from({ length: 20 }, (_, index) => index + 2),
		{ hold: 100, byClock: true, ...holding },
		{
			way: "direct",
			sendsAtOnce: false,
			open: async () => true,
			prepare: (invocation) => {
				prepared.push(payloadOf(invocation) as Record<string, unknown>);
				let send = () => {};
				const outcome = new Promise<Outcome>((resolve) => {
					send = () => {
						sentAt.push(Date.now() - now);
						jest.setSystemTime(Date.now() + sending);
						const payload = Buffer.from(JSON.stringify({ action: "warmer", id: "e", start: "warm", startedAt: 0 }));
						if (answersAfter !== null) setTimeout(resolve, answersAfter, { kind: "answered", payload });
					};
				});
				return { ready: new Promise((resolve) => setTimeout(resolve, preparing)), outcome, send: () => send() };
			},
			judge: () => undefined,
			close: () => {},
			...line,
		},
	);
	await jest.advanceTimersByTimeAsync(20_000);
	const result = await round;
	const untils = prepared.map(({ __WARMER_UNTIL__: until }) => Number(until) - now);
	return { ...result, prepared, untils, sentAt, notes, countedFrom: result.sentAt - now };
};

describe("children leave together", () => {
	test("a tenth and three children later than preparing takes, and hold from when most have left", async () => {
		const { untils, sentAt, prepared } = await play();
		expect(new Set(sentAt)).toEqual(new Set([20 * 3 * 1.1 + 3 * 3]));
		// What sending the first eight takes is left to the hold.
		expect(new Set(untils)).toEqual(new Set([75 + (20 - 8) * 2 + 100]));
		expect(new Set(prepared.map(({ __WARMER_DELAY__: delay }) => delay))).toEqual(new Set([100]));
	});

	test("and arrivals are counted from when most have", async () => {
		const { countedFrom, waited } = await play({ sending: 1 });
		expect(countedFrom).toEqual(about(75 + (1 - 8 / 20) * 20));
		expect(waited).toEqual(about(20 + 100));
	});

	test("unless that was long after they were told", async () => {
		expect((await play({ sending: 3 })).countedFrom).toEqual(about(99));
		expect((await play({ sending: 10 })).countedFrom).toEqual(about(75 + 12 * 10 - 20));
	});

	test("at once where they are told no instant", async () => {
		const { sentAt, prepared } = await play({ holding: { byClock: false } });
		expect(sentAt[0]).toEqual(about(61));
		expect(prepared[0]).toMatchObject({ __WARMER_DELAY__: 100 });
		expect(prepared[0]).not.toHaveProperty("__WARMER_UNTIL__");
	});

	test("and what they took is measured, but for the first one prepared", async () => {
		const { notes } = await play();
		expect(notes).toEqual([
			...Array.from({ length: 19 }, (_, index) => ["preparing", "direct", index + 1]),
			["sending", "direct", 20],
		]);
	});

	test.each([
		["direct", 2],
		["h2", 20],
	] as const)("and the loop has its turns meanwhile: %s", async (way, turns) => {
		const yields = jest.spyOn(globalThis, "setImmediate");
		await play({ line: { way } });
		expect(yields).toHaveBeenCalledTimes(turns + 1);
	});
});

describe("an instant that was foreseen wrongly", () => {
	test.each([
		[4, 20],
		[5, 80],
	])("is foreseen again where a fifth of the hold is lost: %i ms a child", async (preparing, prepared) => {
		expect((await play({ preparing })).prepared).toHaveLength(prepared);
	});

	test.each([
		[430, 20],
		[436, 21],
	])("is kept where there is no time to prepare all again: %i ms", async (deadline, least) => {
		const { prepared } = await play({ preparing: 10, deadline });
		expect(Math.min(prepared.length, 21)).toBe(least);
	});
});

describe("where time is short", () => {
	test("as many leave as can be sent, hold and be heard, and as foreseen", async () => {
		const { untils, sentAt, outcomes, waited } = await play({ deadline: 160, answersAfter: null });
		// 60 ms are left for preparing, 3.3 each, and for what comes after it, 3.5 each: 8.8 children.
		const count = 60 / 6.8;
		expect(sentAt).toHaveLength(9);
		expect(untils[0]).toBe(Math.round(3.3 * count + (count - 8) * 2 + 100));
		expect(outcomes).toEqual([
			...Array(9).fill({ kind: "failed", failure: noAnswer }),
			...Array(11).fill({ kind: "failed", failure: notSent }),
		]);
		// What it takes to close the streams is kept free.
		expect((sentAt[0] ?? 0) + waited).toBeGreaterThanOrEqual(155);
		expect((sentAt[0] ?? 0) + waited).toBeLessThan(157);
	});
});

test("without verifying, the answer is of another environment", async () => {
	const { outcomes } = await play({ verify: false });
	expect(outcomes[0]).toEqual({
		kind: "identified",
		identity: { id: "another", start: "warm", startedAt: expect.any(Number) },
	});
});
