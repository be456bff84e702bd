import { expect, test } from "@jest/globals";
import { mixed } from "../bench/simulate.js";
import { maxDelay, type World, worldOf } from "../bench/simulate-lambda.js";
import { type Simulated, simulate } from "../bench/simulate-pings.js";

/** Many pings in virtual time: the same ones each time. */
const simulated = (world: Partial<World>, concurrency: readonly number[], pings: number): Promise<Simulated> =>
	simulate({ world: worldOf(world), concurrency, pings, seed: 1 });

test("whatever happens at once, pings reach everything, in time, and hold for no longer than allowed", async () => {
	const result = await simulated(mixed, [2, 5, 10, 20], 300);
	expect(result).toMatchObject({ late: 0, overstated: 0 });
	expect(result.longestHold).toBeLessThanOrEqual(maxDelay);
	expect(result.coverage).toBeGreaterThanOrEqual(0.999);
});

test("2 % of passing failures leave hardly a ping incomplete", async () => {
	const result = await simulated({ failing: 0.02 }, [20], 300);
	expect(result.complete).toBeGreaterThanOrEqual(0.99);
});

test("clocks that are seconds apart cost rounds, and no environment", async () => {
	const result = await simulated({ skew: 3000 }, [20], 100);
	expect(result.coverage).toBeGreaterThanOrEqual(0.999);
	expect(result.longestHold).toBeLessThanOrEqual(maxDelay);
});

test("a small function with little time answers within it", async () => {
	const result = await simulated({ memoryMb: 128, timeout: 3000 }, [10, 50], 100);
	expect(result).toMatchObject({ late: 0, overstated: 0 });
});

test("the hold follows delivery: calm pings cost a fraction of lambda-warmer's 75 ms each", async () => {
	const calm = await simulated({ delivery: { median: 5, p99: 20 } }, [10], 200);
	expect(calm.billedPerEnvironment).toBeLessThan(75 / 2);
	expect(calm.complete).toBeGreaterThanOrEqual(0.99);
});
