import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, jest, test } from "@jest/globals";
import type { WarmupOptions } from "../src/index.js";
import { freshService, serviceWith, useFunctionVariables } from "./ping/support.js";
import { arn, contextFor, environmentKey, fakeClient, identity, payloadOf } from "./support.js";

useFunctionVariables();

describe("the hold of a round", () => {
	const delays = async (options: WarmupOptions) => {
		const { handler, sent } = serviceWith(options);
		for (let ping = 0; ping < 3; ping++) await handler({ warmer: true, concurrency: 3 }, contextFor());
		return sent.map((input) => payloadOf(input).__WARMER_DELAY__);
	};

	test("is the delay that the user set", async () => {
		expect(await delays({ delay: 33 })).toEqual(Array(6).fill(33));
	});
});

describe("a new environment", () => {
	test("is cold in its first record, and warm in the next", async () => {
		const { handler, records } = await freshService();
		await handler({ warmer: true }, contextFor());
		await handler({ warmer: true }, contextFor());
		const never = { lastAccessed: null, lastAccessedSeconds: null };
		expect(records()).toMatchObject([
			{ warm: false, start: "cold", ...never },
			{ warm: true, start: "warm", ...never },
		]);
	});

	test("is proactive when Lambda initialized it long before its first ping", async () => {
		const { handler, records } = await freshService();
		jest.useFakeTimers({ now: Date.now() + 11_000, doNotFake: ["setTimeout", "setImmediate"] });
		await handler({ warmer: true }, contextFor());
		jest.useRealTimers();
		expect(records()).toMatchObject([{ warm: false, start: "proactive" }]);
	});

	test("says how long ago the last request came", async () => {
		const { handler, records } = await freshService();
		jest.useFakeTimers({ now: 1_000_000, doNotFake: ["setTimeout", "setImmediate"] });
		await handler({}, {} as never);
		jest.setSystemTime(1_090_500);
		await handler({ warmer: true }, contextFor());
		jest.useRealTimers();
		expect(records()).toMatchObject([{ lastAccessed: 1_000_000, lastAccessedSeconds: "90.5" }]);
	});

	test("says since when it has recorded requests", async () => {
		jest.useFakeTimers({ now: 1_000_000_000, doNotFake: ["setTimeout", "setImmediate"] });
		const { handler, reports } = await freshService();
		jest.setSystemTime(1_000_300_000);
		await handler({ warmer: true }, contextFor());
		jest.setSystemTime(1_000_340_000);
		await handler({ warmer: true }, contextFor());
		jest.useRealTimers();
		expect(reports()).toMatchObject([{ traffic: { sinceMs: 300_000 } }, { traffic: { sinceMs: 40_000 } }]);
	});

	test("says when the last request came, whatever its context is", async () => {
		const { handler, records } = await freshService();
		await handler({ warmer: true }, contextFor());
		const before = Date.now();
		await handler({}, {} as never);
		const after = Date.now();
		await handler({ warmer: true }, contextFor());
		const [first, second] = records();
		expect(first).toMatchObject({ warm: false, lastAccessed: null });
		expect(second?.lastAccessed).toBeGreaterThanOrEqual(before);
		expect(second?.lastAccessed).toBeLessThanOrEqual(after);
	});

	test("counts itself once when a child answers with its id", async () => {
		const { handler, records, reports } = await freshService(
			{ concurrency: 3, delay: 0 },
			fakeClient(() => identity(records()[0]?.id as string)),
		);
		await handler({ warmer: true }, contextFor());
		expect(reports()).toMatchObject([{ warmed: 1, cold: 1 }]);
	});

	test("learns no hold when a child's event has none", async () => {
		const { handler, sent } = await freshService();
		await handler(
			{ warmer: true, __WARMER_INVOCATION__: 2, __WARMER_VERIFY__: true, __WARMER_UNTIL__: 0 },
			contextFor(),
		);
		await handler({ warmer: true, concurrency: 2 }, contextFor());
		expect(payloadOf(sent[0] as never).__WARMER_DELAY__).toBe(75);
	});

	/** A child of a ping of so many, that is told so long a hold (ms). */
	const told = (concurrency: number, delay: number) => ({
		warmer: true,
		__WARMER_INVOCATION__: 2,
		__WARMER_CONCURRENCY__: concurrency,
		__WARMER_VERIFY__: true,
		__WARMER_UNTIL__: 0,
		__WARMER_DELAY__: delay,
	});

	test.each([
		[40, 40],
		[3_600_000, 90],
	])("adopts the hold that its initiator used, up to maxDelay: %i ms", async (delay, adopted) => {
		const { handler, sent } = await freshService({ maxDelay: 90, maxConcurrency: 3 });
		await handler(told(3, delay), contextFor());
		await handler({ warmer: true, concurrency: 3 }, contextFor());
		await handler({ warmer: true, concurrency: 2 }, contextFor());
		const delays = sent.map((input) => payloadOf(input).__WARMER_DELAY__);
		expect(delays).toEqual([adopted, adopted, 75]);
	});

	test("remembers no hold for more environments than a ping may request", async () => {
		const { handler } = await freshService({ maxConcurrency: 3 });
		for (let number = 2; number < 6; number++) await handler(told(number, 40), contextFor());
		const { holdEstimates } = Reflect.get(globalThis, environmentKey);
		expect(holdEstimates.size).toBe(2);
	});

	test("adapts the hold to the arrivals that its pings measure", async () => {
		const client = fakeClient(async (payload) => {
			await new Promise((resolve) => setTimeout(resolve, 20));
			return identity(`e${payload.__WARMER_INVOCATION__}`);
		});
		const { handler, sent } = await freshService({}, client);
		jest.useFakeTimers({ now: 1_000_000 });
		for (let ping = 0; ping < 3; ping++) {
			const pinged = handler({ warmer: true, concurrency: 2 }, contextFor());
			await jest.runAllTimersAsync();
			await pinged;
		}
		jest.useRealTimers();
		const [first, ...later] = sent.map((input) => payloadOf(input).__WARMER_DELAY__ as number);
		expect(first).toBe(75);
		// Twice 20 ms at most: what departing took counts as part of the arrival.
		for (const delay of later) {
			expect(delay).toBeGreaterThan(20);
			expect(delay).toBeLessThanOrEqual(41);
		}
	});

	test("never holds longer than maxDelay when that is below 75", async () => {
		const { handler, sent } = await freshService({ maxDelay: 10 });
		await handler({ warmer: true, concurrency: 2 }, contextFor());
		expect(payloadOf(sent[0] as never).__WARMER_DELAY__).toBe(10);
	});

	test("learns no more than maxDelay when a child's clock is wrong", async () => {
		const client = fakeClient(() => identity("far", { startedAt: 1e300 }));
		const { handler, sent } = await freshService({ maxDelay: 100 }, client);
		for (let ping = 0; ping < 3; ping++) {
			await handler({ warmer: true, concurrency: 2 }, contextFor());
		}
		for (const input of sent) {
			expect(payloadOf(input).__WARMER_DELAY__).toBeLessThanOrEqual(100);
		}
	});

	test("answers pings when the bundle left the other file out", async () => {
		jest.unstable_mockModule("../src/ping/handle.js", () => {
			throw new Error("left out");
		});
		const warning = jest.spyOn(console, "warn").mockReturnValue();
		const { handler, business } = await freshService();
		expect(await handler({ warmer: true }, contextFor())).toBe("warmed");
		expect(warning.mock.calls).toEqual([[{ action: "warmer-warning", message: expect.stringContaining("left out") }]]);
		await handler({}, contextFor());
		expect(business).toHaveBeenCalledTimes(1);
		jest.unstable_unmockModule("../src/ping/handle.js");
		warning.mockRestore();
	});

	test("loads the SDK with the first fan-out that has time for it", async () => {
		const load = jest.fn(() => ({ LambdaClient, InvokeCommand }));
		jest.unstable_mockModule("@aws-sdk/client-lambda", load);
		const { handler, reports } = await freshService({ maxDelay: 10 });
		await handler({ warmer: true }, contextFor());
		await handler({ warmer: true, concurrency: 3 }, contextFor(arn, 300));
		expect(load).not.toHaveBeenCalled();
		expect(reports().slice(1)).toMatchObject([
			{
				warmed: 1,
				timedOut: 2,
				errors: [{ name: "NotSentInTime", count: 2, hint: expect.stringContaining("more memory") }],
			},
		]);
		await handler({ warmer: true, concurrency: 3 }, contextFor());
		expect(load).toHaveBeenCalledTimes(1);
		expect(reports()[2]).toMatchObject({ warmed: 3 });
		jest.unstable_unmockModule("@aws-sdk/client-lambda");
	});
});
