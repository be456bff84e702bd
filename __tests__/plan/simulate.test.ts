import { describe, expect, test } from "@jest/globals";
import { createRandom } from "../../local-lambda/delivery.js";
import { DEFAULT_WORLD, peakOf, type Requests, type World } from "../../plan/index.js";
import { type Policy, type Simulated, simulate } from "../../plan/simulate.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 10, 2);

/** @param requests [ms since the beginning, duration in ms] */
const requestsOf = (requests: readonly (readonly [number, number])[]): Requests => ({
	startedAt: Float64Array.from(requests, ([at]) => START + at),
	durationMs: Float32Array.from(requests, ([, durationMs]) => durationMs),
});

/** Bursts of simultaneous requests, of 100 ms each. */
const burstsOf = (size: number, everyMs: number, days: number): Requests =>
	requestsOf(
		Array.from({ length: Math.floor((days * DAY) / everyMs) }, (_, index) =>
			Array.from({ length: size }, () => [index * everyMs, 100] as const),
		).flat(),
	);

/** Independent requests at a mean rate. */
const poissonOf = (perSecond: number, durationMs: () => number, days: number): Requests => {
	const random = createRandom(7);
	const requests: [number, number][] = [];
	const gapMs = () => (-1000 / perSecond) * Math.log(1 - random());
	for (let at = 0; at < days * DAY; at += gapMs()) requests.push([at, durationMs()]);
	return requestsOf(requests);
};

const play = (requests: Requests, policy: Policy, world: Partial<World> = {}): Simulated =>
	simulate(requests, policy, { ...DEFAULT_WORLD, ...world }, 1);

const immortal = { lifetimeMs: [365 * DAY, 365 * DAY] } as const;

describe("without warming", () => {
	test("every request meets a cold start when no environment is idle for that long", () => {
		expect(play(burstsOf(1, 30 * MINUTE, 1), "none").coldStarts).toBe(48);
	});

	test("a single environment serves requests that follow one another", () => {
		expect(play(burstsOf(1, 10_000, 1), "none", immortal).coldStarts).toBe(1);
	});

	test("simultaneous requests need an environment each", () => {
		expect(play(burstsOf(6, 4 * MINUTE, 1), "none", immortal).coldStarts).toBe(6);
	});

	test.each(["recent", "any"] as const)("environments that Lambda recycles are replaced, if %s is reused", (reuse) => {
		const { coldStarts } = play(burstsOf(1, MINUTE, 10), "none", { reuse, lifetimeMs: [HOUR, HOUR] });
		expect(coldStarts).toBeGreaterThanOrEqual(236);
		expect(coldStarts).toBeLessThanOrEqual(240);
	});
});

test("a fixed number keeps that many requests at once from cold starts", () => {
	const bursts = burstsOf(6, 30 * MINUTE, 2);
	const perBurst = (policy: Policy) => Math.round(play(bursts, policy, immortal).coldStarts / 96);
	expect([perBurst(2), perBurst(5), perBurst(6)]).toEqual([4, 1, 0]);
});

describe('"auto"', () => {
	const burst = burstsOf(6, 30 * MINUTE, 2);

	test("knows the whole burst after one ping, and asks for one environment more", () => {
		const { coldStarts, meanConcurrency, maxConcurrency } = play(burst, "auto", immortal);
		expect(coldStarts).toBe(6);
		expect(meanConcurrency).toBeGreaterThan(6.5);
		expect(meanConcurrency).toBeLessThan(8);
		expect(maxConcurrency).toBeLessThanOrEqual(16);
	});

	test("never asks for more than maxConcurrency", () => {
		const limits = { minConcurrency: 1, maxConcurrency: 4 };
		expect(play(burst, "auto", { limits }).maxConcurrency).toBe(4);
	});

	test("asks for minConcurrency before it has seen a request", () => {
		const limits = { minConcurrency: 5, maxConcurrency: 50 };
		const requests = requestsOf([
			[0, 100],
			[60 * HOUR, 100],
		]);
		expect(play(requests, "auto", { limits }).meanConcurrency).toBe(5);
	});

	test("counts handlers that take seconds for as long as they take", () => {
		const random = createRandom(3);
		const slow = poissonOf(0.05, () => 1000 + 9000 * random(), 5);
		const [none, auto] = [play(slow, "none"), play(slow, "auto")];
		expect(auto.coldStarts).toBeLessThan(0.1 * none.coldStarts);
		expect(auto.meanConcurrency).toBeLessThan(peakOf(slow) + 2);
	});

	test("remembers a daily burst until it comes again", () => {
		const daily = requestsOf(
			Array.from({ length: 10 }, (_, day) =>
				Array.from({ length: 10 }, () => [day * DAY + 8 * HOUR + 30 * MINUTE, 100] as const),
			).flat(),
		);
		expect(play(daily, "auto").coldStarts).toBeLessThanOrEqual(14);
	});

	test.each(["recent", "any"] as const)("does not creep upward in a month of recycling, if %s is reused", (reuse) => {
		const steady = poissonOf(0.02, () => 200, 30);
		const { meanConcurrency, maxConcurrency } = play(steady, "auto", { reuse, lifetimeMs: [HOUR, 3 * HOUR] });
		expect(meanConcurrency).toBeLessThanOrEqual(peakOf(steady) + 1);
		expect(maxConcurrency).toBeLessThanOrEqual(2 * peakOf(steady) + 2);
	});

	test("is as good with a deployment every 8 hours and a handover as without deployments", () => {
		const week = burstsOf(6, 20 * MINUTE, 7);
		const deployments = { deployEveryMs: 8 * HOUR };
		const forgetting = play(week, "auto", deployments).coldStarts;
		const never = play(week, "auto").coldStarts;
		expect(play(week, "auto", { ...deployments, hasHandover: true }).coldStarts).toBeLessThanOrEqual(never + 2);
		expect(forgetting).toBeGreaterThan(3 * never);
	});
});

test("the same seed gives the same result, and another one another", () => {
	const requests = poissonOf(0.005, () => 100, 5);
	const results = [1, 1, 2].map((seed) => simulate(requests, "none", DEFAULT_WORLD, seed).coldStarts);
	expect(results[1]).toBe(results[0]);
	expect(results[2]).not.toBe(results[0]);
});

test("the peak counts requests that overlap, and not those that follow one another", () => {
	const requests = requestsOf([
		[0, 100],
		[50, 10],
		[60, 40],
		[100, 100],
		[100, 1],
		[100, 1],
	]);
	expect(peakOf(requests)).toBe(3);
});

test("a request of 0 ms counts as one at once", () => {
	expect(
		peakOf(
			requestsOf([
				[0, 0],
				[10, 0],
			]),
		),
	).toBe(1);
});
