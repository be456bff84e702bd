import type { InvokeCommandOutput } from "@aws-sdk/client-lambda";
import { describe, expect, jest, test } from "@jest/globals";
import { type FanOut, type FanOutResult, fanOut } from "../src/fan-out.js";
import type { Invocation } from "../src/lambda-client.js";
import { invokeWith } from "../src/lambda-client.js";
import { resolveOptions, type WarmupOptions } from "../src/options.js";
import {
	answer,
	awsError,
	fakeClient,
	identity,
	payloadOf,
} from "./helpers.js";

type Client = ReturnType<typeof fakeClient>;

const run = async (
	client: Client,
	plan: Partial<FanOut> = {},
	options: WarmupOptions = {},
): Promise<FanOutResult> => {
	const resolved = resolveOptions({ ...options, AwsClient: client.AwsClient });
	return fanOut(
		{
			target: "api:prod",
			tenantId: undefined,
			concurrency: 5,
			initiator: { id: "initiator", start: "warm" },
			correlationId: "c",
			hold: 40,
			deadline: Date.now() + 60_000,
			...plan,
		},
		resolved,
		await invokeWith(resolved),
	);
};

const fieldsOf = ({ sent }: Client, field: string): unknown[] =>
	sent.map((input) => payloadOf(input)[field]);

/** Answers by the index of the invocation. */
const answering = (respond: (index: number) => InvokeCommandOutput): Client =>
	fakeClient((_payload, _input, index) => respond(index));

describe("the wire", () => {
	test("of a verified ping", async () => {
		const client = fakeClient();
		const sentAfter = Date.now();
		await run(client, { tenantId: "blue" }, { flag: "__proto__" });
		expect(
			client.sent.map(({ Payload: _, ...input }: Invocation) => input),
		).toEqual(
			Array.from({ length: 4 }, () => ({
				FunctionName: "api:prod",
				InvocationType: "RequestResponse",
				LogType: "None",
				TenantId: "blue",
			})),
		);
		const text = Buffer.from(client.sent[0]?.Payload as Uint8Array).toString();
		expect(text).toMatch(
			/^{"__proto__":true,"__WARMER_INVOCATION__":2,"__WARMER_CONCURRENCY__":5,"__WARMER_CORRELATIONID__":"c","__WARMER_VERIFY__":true,"__WARMER_UNTIL__":\d+,"__WARMER_DELAY__":40}$/,
		);
		expect(fieldsOf(client, "__WARMER_INVOCATION__")).toEqual([2, 3, 4, 5]);
		const until = payloadOf(client.sent[0] as Invocation)
			.__WARMER_UNTIL__ as number;
		expect(until).toBeGreaterThanOrEqual(sentAfter + 40);
		expect(until).toBeLessThanOrEqual(Date.now() + 40);
	});

	test("of lambda-warmer's protocol: all but the last are events", async () => {
		const client = answering((index) =>
			index < 3 ? { $metadata: {}, StatusCode: 202 } : answer("true"),
		);
		const { report, lesson } = await run(client, {}, { verify: false });
		expect(client.sent.map(({ InvocationType }) => InvocationType)).toEqual([
			"Event",
			"Event",
			"Event",
			"RequestResponse",
		]);
		expect(payloadOf(client.sent[0] as Invocation)).toEqual({
			warmer: true,
			__WARMER_INVOCATION__: 2,
			__WARMER_CONCURRENCY__: 5,
			__WARMER_CORRELATIONID__: "c",
		});
		expect(client.sent[0]).not.toHaveProperty("TenantId");
		expect(report).toMatchObject({ warmed: 2, unverified: 3, rounds: 1 });
		expect(lesson).toBeUndefined();
	});

	test("of another function: as many children as it shall have environments", async () => {
		const client = fakeClient();
		const { report } = await run(client, {
			initiator: undefined,
			concurrency: 3,
		});
		expect(fieldsOf(client, "__WARMER_INVOCATION__")).toEqual([1, 2, 3]);
		expect(report).toMatchObject({ requested: 3, warmed: 3 });
	});
});

describe("verified warming", () => {
	test("reports what it reached", async () => {
		const starts = ["cold", "warm", "proactive", "cold"];
		const { report } = await run(
			answering((index) =>
				identity(`e${index}`, { start: starts[index] as string }),
			),
		);
		expect(report).toEqual({
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
			errors: [],
		});
	});

	test("repairs a shortfall with a doubled hold, and counts what either round reached", async () => {
		const client = answering((index) =>
			identity(["a", "b", "b", "c", "a", "b", "d", "d"][index] as string),
		);
		const { report } = await run(client);
		expect(report).toMatchObject({ warmed: 5, rounds: 2, delay: 80 });
		expect(fieldsOf(client, "__WARMER_DELAY__")).toEqual([
			40, 40, 40, 40, 80, 80, 80, 80,
		]);
	});

	test("takes an environment that is the initiator's for no other", async () => {
		const client = answering((index) =>
			identity(index === 0 ? "initiator" : `e${index % 4}`),
		);
		expect((await run(client)).report).toMatchObject({ warmed: 5, rounds: 2 });
	});

	test("gives up after three rounds", async () => {
		const client = answering(() => identity("same"));
		const { report, lesson } = await run(client);
		expect(report).toMatchObject({ warmed: 2, rounds: 3, delay: 160 });
		expect(client.sent).toHaveLength(12);
		expect(lesson).toBeGreaterThanOrEqual(80);
	});

	test("never holds longer than maxDelay", async () => {
		const client = answering(() => identity("same"));
		await run(client, { hold: 60 }, { maxDelay: 100 });
		expect(new Set(fieldsOf(client, "__WARMER_DELAY__"))).toEqual(
			new Set([60, 100]),
		);
	});

	describe("as the last chance", () => {
		const lastHold = async (options: WarmupOptions, arrivals: number[]) => {
			jest.useFakeTimers({ now: 1_000_000 });
			const client = answering((index) =>
				identity(index < 8 ? "same" : `e${index}`, {
					startedAt: 1_000_000 + (arrivals[index % 4] as number),
				}),
			);
			const { report } = await run(client, {}, options);
			jest.useRealTimers();
			expect(report).toMatchObject({ rounds: 3, warmed: 6 });
			return report.delay;
		};

		test("takes twice the slowest arrival", async () => {
			expect(await lastHold({}, [505, 5, 5, 5])).toBe(1005);
			expect(await lastHold({}, [300, 5, 5, 5])).toBe(600);
			expect(await lastHold({}, [70, 5, 5, 5])).toBe(160);
		});

		test("counts what sending takes not as a hold", async () => {
			expect(await lastHold({}, [1260, 1320, 1380, 1440])).toBe(2260);
			expect(await lastHold({ maxDelay: 3000 }, [1260, 1320, 1380, 1440])).toBe(
				2880,
			);
		});
	});

	test("starts no round that could not end before the deadline", async () => {
		jest.useFakeTimers({ now: 1_000_000 });
		const roundsUntil = async (deadline: number) =>
			(
				await run(
					answering(() => identity("same")),
					{ deadline },
				)
			).report;
		expect(await roundsUntil(1_000_160)).toMatchObject({
			rounds: 2,
			durationMs: 0,
		});
		expect(await roundsUntil(1_000_159)).toMatchObject({ rounds: 1 });
		jest.useRealTimers();
	});

	test("starts from 75 ms where there was no hold to double", async () => {
		const client = answering(() => identity("same"));
		await run(client, { hold: 0 });
		expect(new Set(fieldsOf(client, "__WARMER_DELAY__"))).toEqual(
			new Set([0, 75, 150]),
		);
	});

	test("starts no round that the deadline would cut off", async () => {
		const client = answering(() => identity("same"));
		const { report } = await run(client, { deadline: Date.now() + 150 });
		expect(report.rounds).toBe(1);
	});

	test.each<[string, () => InvokeCommandOutput, object]>([
		["an answer of lambda-warmer", () => answer("true"), { unverified: 1 }],
		[
			"a refusal",
			() => {
				throw awsError("AccessDeniedException");
			},
			{ failed: 1 },
		],
		[
			"a throttle",
			() => {
				throw awsError("TooManyRequestsException");
			},
			{ throttled: 1 },
		],
		[
			"a child's error",
			() => ({ ...answer("{}"), FunctionError: "Unhandled" }),
			{ failed: 1 },
		],
		[
			"an error that looks like an identity",
			() => ({ ...identity("e0"), FunctionError: "Unhandled" }),
			{ failed: 1 },
		],
	])("starts no round for %s", async (_, respond, counted) => {
		const { report } = await run(
			answering((index) => (index === 0 ? respond() : identity(`e${index}`))),
		);
		expect(report).toMatchObject({ warmed: 4, rounds: 1, ...counted });
	});

	test("repairs what an error does not explain", async () => {
		const client = answering((index) =>
			index % 4 === 0 ? answer("true") : identity(`e${index >= 4 ? index : 1}`),
		);
		expect((await run(client)).report).toMatchObject({
			warmed: 5,
			unverified: 2,
			rounds: 2,
		});
	});

	test("does not press on where it was throttled", async () => {
		const client = answering((index) => {
			if (index === 0) throw awsError("TooManyRequestsException");
			return identity("same");
		});
		expect((await run(client)).report).toMatchObject({
			warmed: 2,
			throttled: 1,
			rounds: 1,
		});
	});

	test("gives up at the deadline on what has not answered, and closes it", async () => {
		const aborted = jest.fn();
		const client = fakeClient((payload, _input, _index, signal) => {
			if (payload.__WARMER_INVOCATION__ !== 3)
				return identity(`e${payload.__WARMER_INVOCATION__}`);
			signal.addEventListener("abort", aborted);
			return new Promise(() => {});
		});
		const { report } = await run(client, { deadline: Date.now() + 30 });
		expect(report).toMatchObject({ warmed: 4, timedOut: 1, rounds: 1 });
		expect(report.errors[0]).toMatchObject({ name: "TimeoutError", count: 1 });
		expect(aborted).toHaveBeenCalledTimes(1);
	});
});

test("no signal is shared, since Node.js warns of many listeners", async () => {
	const signals = new Set<AbortSignal>();
	const client = fakeClient((payload, _input, _index, signal) => {
		signals.add(signal);
		return identity(`e${payload.__WARMER_INVOCATION__}`);
	});
	await run(client, { concurrency: 12 });
	expect(signals.size).toBe(11);
});

describe("the lesson", () => {
	const lessonOf = async (
		arrivals: (number | "cold")[],
		plan: Partial<FanOut> = {},
	) => {
		jest.useFakeTimers({ now: 1_000_000 });
		try {
			const { lesson } = await run(
				answering((index) => {
					const arrival = arrivals[index];
					return arrival === "cold"
						? identity(`e${index}`, { start: "cold", startedAt: 1_000_900 })
						: identity(`e${index}`, {
								startedAt: 1_000_000 + (arrival as number),
							});
				}),
				plan,
			);
			return lesson;
		} finally {
			jest.useRealTimers();
		}
	};

	test("is a margin more than the slowest warm arrival", async () => {
		expect(await lessonOf([4, 20, 8, 2])).toBeCloseTo(23);
		expect(await lessonOf([4, "cold", 8, 2])).toBeCloseTo(9.2);
	});

	test("is none where no warm child tells, or no clock is to be believed", async () => {
		expect(await lessonOf(["cold", "cold", "cold", "cold"])).toBeUndefined();
		expect(await lessonOf([-8, -3, -5, -2])).toBeUndefined();
	});

	const ofTwoRounds = async (first: number, second: number) => {
		jest.useFakeTimers({ now: 1_000_000 });
		const ids = ["a", "a", "b", "c", "a", "b", "c", "d"];
		const result = await run(
			answering((index) =>
				identity(ids[index] as string, {
					startedAt: 1_000_000 + (index < 4 ? first : second),
				}),
			),
		);
		jest.useRealTimers();
		expect(result.report).toMatchObject({ warmed: 5, rounds: 2 });
		return result.lesson;
	};

	test("of a hold that was too short comes from the slowest arrival in any round", async () => {
		expect(await ofTwoRounds(80, 8)).toBeCloseTo(92);
		expect(await ofTwoRounds(8, 80)).toBeCloseTo(92);
		expect(await ofTwoRounds(41, 8)).toBeCloseTo(47.15);
	});

	test("of a hold that was too short for no reason that the clocks tell is twice that hold", async () => {
		expect(await ofTwoRounds(8, 9)).toBe(80);
		expect(await ofTwoRounds(40, 8)).toBe(80);
	});
});
