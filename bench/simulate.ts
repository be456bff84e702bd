/** Do rounds and holds reach all environments under difficult conditions, and at which cost? In virtual time. */

import { fixed, table } from "../scripts/lib/markdown.js";
import { progress } from "./progress.js";
import type { Part } from "./results.js";
import { type World, worldOf } from "./simulate-lambda.js";
import { type Simulated, settling, simulate } from "./simulate-pings.js";

interface SimulatedResults {
	seed: number;
	rows: ({
		scenario: string;
		/** Environments requested: one of these numbers, at random. */
		concurrency: readonly number[];
	} & Simulated)[];
}

const slow = { delivery: { median: 40, p99: 250 } };
const busy = { delivery: { median: 120, p99: 1000 } };
const several = [2, 5, 10, 20, 50];

/** All conditions at once, except for those that cannot be overcome. */
export const mixed: Partial<World> = {
	...slow,
	memoryMb: 256,
	skew: 500,
	drift: 5,
	failing: 0.03,
	traffic: 10,
	lifetime: 50,
};

const scenarios: readonly (readonly [name: string, world: Partial<World>, concurrency: readonly number[]])[] = [
	["calm delivery", { delivery: { median: 5, p99: 20 } }, [10]],
	["typical delivery", {}, [10]],
	["typical delivery", {}, [50]],
	["slow delivery", slow, [10]],
	["slow delivery", slow, [50]],
	["busy delivery", busy, [10]],
	["busy delivery", busy, [20]],
	["any idle environment is reused", { reuse: "any" }, [20]],
	["changing N", {}, several],
	["clocks that drift by 1 ms a ping", { skew: 20, drift: 1 }, [20]],
	["clocks off by 3 s", { skew: 3000 }, [20]],
	["20 requests a second", { traffic: 20 }, [20]],
	["environments expire", { lifetime: 20 }, [20]],
	["2 % transient failures", { failing: 0.02 }, [20]],
	["5 % transient failures", { failing: 0.05 }, [20]],
	["5 % transient failures, busy delivery", { failing: 0.05, ...busy }, [20]],
	["5 % resets before arrival", { failing: 0.05, failures: ["reset before arrival"] }, [20]],
	["5 % resets after service", { failing: 0.05, failures: ["reset after service"] }, [20]],
	["5 % errors 500", { failing: 0.05, failures: ["500"] }, [20]],
	["5 % rate throttles", { failing: 0.05, failures: ["rate throttle"] }, [20]],
	["5 % resets before arrival, busy delivery", { failing: 0.05, failures: ["reset before arrival"], ...busy }, [20]],
	["5 % resets after service, busy delivery", { failing: 0.05, failures: ["reset after service"], ...busy }, [20]],
	["5 % errors 500, busy delivery", { failing: 0.05, failures: ["500"], ...busy }, [20]],
	["5 % rate throttles, busy delivery", { failing: 0.05, failures: ["rate throttle"], ...busy }, [20]],
	["128 MB", { memoryMb: 128 }, several],
	["128 MB, 3 s timeout", { memoryMb: 128, timeout: 3000 }, several],
	["all of it, slow delivery", mixed, several],
];

export const simulation: Part<SimulatedResults> = {
	title: "Simulation",
	measure: async ({ quick, seed, concurrency: chosen, ...settings }) => {
		const rows: SimulatedResults["rows"] = [];
		const pingsOf = (world: Partial<World>) => settings.pings ?? (quick ? 20 : world === mixed ? 10_000 : 1000);
		const step = progress(
			"simulate",
			scenarios.reduce((total, [, world]) => total + settling + pingsOf(world), 0),
		);
		for (const [scenario, world, usual] of scenarios) {
			const concurrency = chosen ?? usual;
			const pings = pingsOf(world);
			const plan = { world: worldOf(world), concurrency, pings, seed };
			const result = await simulate(plan, () => step(scenario));
			rows.push({ scenario, concurrency, ...result });
		}
		return { seed, rows };
	},
	markdown: ({ seed, rows }) =>
		`The real code of rounds and holds in virtual time, against a simulated Lambda (bench/simulate-lambda.ts). Nothing depends on the speed of the machine: the same seed (${seed}) gives the same figures. Unless the scenario says otherwise, functions have 1,769 MB and typical delivery. Each ping arrives at a random environment. The first ${settling} pings are not counted.

${table(
	[
		"",
		"N:",
		"pings:",
		"coverage, %:",
		"complete pings, %:",
		"rounds:",
		"billed ms per environment:",
		"longest hold, ms:",
		"pings after the deadline:",
	],
	rows.map((row) => [
		row.scenario,
		row.concurrency.join(", "),
		fixed(row.pings),
		fixed(100 * row.coverage, 2),
		fixed(100 * row.complete, 1),
		fixed(row.rounds, 2),
		fixed(row.billedPerEnvironment),
		fixed(row.longestHoldMs),
		row.late,
	]),
)}`,
};
