import { describe, expect, test } from "@jest/globals";
import { type Results, shortfalls } from "../../bench/shortfalls.js";
import { type Spread, spread } from "../../bench/statistics.js";

const around = (value: number): Spread => spread([value - 1, value, value + 1]);

/** Results in which ours has these figures, and lambda-warmer has 10 of everything. */
const results = (ours: number, coverage = 1): Results => {
	const both = <Row>(row: (value: number, coverage: number) => Row) => [
		{ contender: "middy-lambda-warmer" as const, ...row(ours, coverage) },
		{ contender: "lambda-warmer" as const, ...row(10, 0.8) },
	];
	return {
		business: {
			rounds: 3,
			rows: both((value) => ({ request: around(value), added: around(value) })),
		},
		coldStart: {
			imports: 3,
			rows: both((value) => ({
				version: "1.0.0",
				alone: around(value),
				besideMiddy: around(value),
				modules: 1,
				bundle: { minified: value, gzipped: value },
			})),
		},
		coverage: {
			rows: both((value, reached) => ({
				model: "busy" as const,
				concurrency: 20,
				pings: 20,
				fullPings: 20,
				coverage: reached,
				misreported: null,
				billedPerEnvironment: value,
				oraclePerEnvironment: 1,
				ratioToOracle: value,
				ratioToOracleOfRounds: value,
				roundsMean: 1,
				answeredMs: value,
			})),
		},
		collateral: {
			seed: 1,
			concurrency: 10,
			pings: 3,
			rows: both((value, reached) => ({
				rate: 20,
				requests: 100,
				duringPings: 10,
				coldForPings: 2 * value,
				coldOtherwise: value,
				coldPerPing: value,
				shareAtRealInterval: 0,
				coverage: reached,
				heldMs: value,
			})),
		},
		fanOut: {
			method: "none",
			pings: 3,
			rows: both((value, reached) => ({
				children: 50,
				memoryMb: 512,
				firstCpuPerChild: value,
				cpuPerChild: around(value),
				arrivalSpread: around(value),
				allArrived: around(value),
				rounds: null,
				reached: around(50 * reached),
				answered: around(value),
			})),
		},
	};
};

describe("shortfalls", () => {
	test("there are none where ours is better in everything", () => {
		expect(shortfalls(results(5))).toEqual([]);
	});

	test("every figure in which it is behind is told", () => {
		const told = shortfalls(results(20, 0.5));
		for (const what of [
			/^Business request: \+20 ns against \+10 ns of lambda-warmer\.$/,
			/^Import: 20.00 ms against 10.00 ms of lambda-warmer\.$/,
			/^Import into a process that has loaded Middy/,
			/^Bundle: 20 bytes gzipped against 10 of lambda-warmer\.$/,
			/^Coverage: 50 % against 80 % of lambda-warmer \(busy, N = 20\)\.$/,
			/^Billed time per environment: 20 ms against 10 ms .* reaches 80 % there \(busy, N = 20\)\.$/,
			/^Time until the ping is answered/,
			/^Cold starts among 20 business requests per second: 20.00 a ping against 10.00/,
			/^Processor time per child: 20.00 ms against 10.00 ms/,
			/^Environments reached by a slow initiator: 25 against 40/,
			/^Answer of a slow initiator: after 20 ms against 10 ms/,
		]) {
			expect(told).toContainEqual(expect.stringMatching(what));
		}
		expect(told).toHaveLength(11);
	});

	test("a difference that the run cannot tell from none is told as such", () => {
		expect(shortfalls(results(10.5))).toContain(
			"Business request: +11 ns against +10 ns of lambda-warmer (within the spread of the run).",
		);
	});
});
