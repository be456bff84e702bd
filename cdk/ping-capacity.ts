import { planDeparture } from "../src/fan-out/departure.js";
import { INITIAL_HOLD_MS } from "../src/fan-out/hold.js";
import { cpuFactorOf, FIRST_RUN_COST } from "../src/fan-out/work-estimator.js";
import { REPORT_RESERVE_MS, reserveMsOf } from "../src/ping/deadline.js";

/**
 * How many of the requested environments the first ping of a function has time to reach: the middleware's own plan, with
 * the direct transport. Whether an option makes it load the AWS SDK, which takes longer, is unknown at synthesis.
 */
export function reachableEnvironments(concurrency: number, memoryMb: number, timeoutSeconds: number): number {
	const cpuFactor = cpuFactorOf(memoryMb);
	const { prepareMs, sendMs } = FIRST_RUN_COST.direct;
	const cost = { prepareMs: prepareMs * cpuFactor, sendMs: sendMs * cpuFactor };
	const deadline = timeoutSeconds * 1000 - reserveMsOf(timeoutSeconds) - REPORT_RESERVE_MS;
	return 1 + planDeparture(0, concurrency - 1, INITIAL_HOLD_MS, deadline, cost).count;
}
