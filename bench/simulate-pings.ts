/** Runs pings with the real code of rounds and holds in virtual time, against a simulated Lambda. */

import FakeTimers from "@sinonjs/fake-timers";
import { mean, quantile } from "../cli/statistics.js";
import { createRandom } from "../local-lambda/delivery.js";
import { createFanOut } from "../src/fan-out/fan-out.js";
import { createTally } from "../src/report/tally.js";
import { resolveOptions } from "../src/resolve-options.js";
import { createSimulatedLambda, maxDelay, type World } from "./simulate-lambda.js";

/** Pings in a row to one function. */
export interface Scenario {
	world: World;
	/** Environments that a ping requests: one of these numbers, at random. */
	concurrency: readonly number[];
	pings: number;
	seed: number;
}

/** Results of a scenario. Times in ms. */
export interface Simulated {
	pings: number;
	/** Mean of environments reached ÷ requested. */
	coverage: number;
	/** Share of pings that reached all. */
	complete: number;
	/** Mean. */
	rounds: number;
	/** Mean over pings of billed time ÷ environments reached. */
	billedPerEnvironment: number;
	longestHoldMs: number;
	/** Answered later than their deadline (count). */
	late: number;
	/** Whose report claims an environment that did not serve (count). */
	overstated: number;
	/** 99th percentile. */
	answered: number;
}

/** First pings that start environments, and are not counted. */
export const settling = 3;

const pingInterval = 300_000;
/** Of a function with 3 s or more: 600 ms before the timeout, less the time for the report. */
const reserve = 750;

/** Simulates a scenario. Takes the process' timers and clocks over while it runs. */
export const simulate = async (
	{ world, concurrency, pings, seed }: Scenario,
	step: () => void = () => {},
): Promise<Simulated> => {
	const lambda = createSimulatedLambda(world, seed);
	const random = createRandom(seed + 1);
	const options = resolveOptions({ maxDelay });
	const restoreMemory = tellMemory(world.memoryMb);
	// The pause before a throttled child is sent again is random.
	const { random: originalRandom } = Math;
	Math.random = createRandom(seed + 2);
	const clock = FakeTimers.install({
		now: 1_800_000_000_000,
		loopLimit: 100_000,
		toFake: ["Date", "setTimeout", "clearTimeout", "setImmediate", "performance"],
	});

	const runPing = async () => {
		const asked = concurrency[Math.floor(random() * concurrency.length)] ?? 1;
		const initiator = await lambda.begin();
		const startedAt = Date.now();
		const deadline = startedAt + world.timeout - reserve;
		initiator.fanOut ??= createFanOut(options, initiator.holds, lambda.createSessions(initiator));
		let isOver = false;
		void lambda.disturb(() => isOver);
		const tally = createTally({
			function: "api:$LATEST",
			target: "api",
			correlationId: "simulated",
			initiator: { id: initiator.id, start: initiator.start },
			demand: {},
			limits: options,
			verify: true,
		});
		const { rounds } = await initiator.fanOut(
			{
				target: "api",
				tenantId: undefined,
				correlationId: "simulated",
				concurrency: asked,
				firstNumber: 2,
				isAutomatic: false,
				deadline,
			},
			tally,
		);
		const warmed = tally.warmedCount();
		isOver = true;
		const answeredAt = Date.now();
		return {
			asked,
			warmed,
			rounds,
			answered: answeredAt - startedAt,
			isLate: answeredAt > deadline,
			ledger: lambda.end(initiator, startedAt),
		};
	};

	const results: Awaited<ReturnType<typeof runPing>>[] = [];
	try {
		for (let ping = 0; ping < settling + pings; ping++) {
			const running = runPing();
			await clock.runAllAsync();
			results.push(await running);
			clock.tick(pingInterval);
			step();
		}
	} finally {
		clock.uninstall();
		Math.random = originalRandom;
		restoreMemory();
	}

	const counted = results.slice(settling);
	return {
		pings,
		coverage: mean(counted.map(({ warmed, asked }) => Math.min(warmed, asked) / asked)),
		complete: mean(counted.map(({ warmed, asked }) => +(warmed >= asked))),
		rounds: mean(counted.map((ping) => ping.rounds)),
		billedPerEnvironment: mean(counted.map(({ ledger }) => ledger.billed / ledger.reached.size)),
		longestHoldMs: Math.max(...results.map(({ ledger }) => ledger.longestHoldMs)),
		late: results.filter(({ isLate }) => isLate).length,
		overstated: results.filter(({ warmed, ledger }) => warmed > ledger.reached.size).length,
		answered: quantile(
			counted.map(({ answered }) => answered),
			0.99,
		),
	};
};

/** Has the process tell a function's memory. Returns what undoes it. */
const tellMemory = (memoryMb: number): (() => void) => {
	const { env } = process;
	const memory = env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
	env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE = String(memoryMb);
	return () => {
		if (memory === undefined) delete env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
		else env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE = memory;
	};
};
