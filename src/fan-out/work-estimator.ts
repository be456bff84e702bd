/**
 * Estimates an initiator's work in this environment, in ms of wall time: measured, and before that derived from the
 * function's memory, which buys its share of a CPU.
 *
 * @module
 */

import type { TransportKind } from "../transport/breaker.js";
import type { ChildCost } from "./departure.js";

/** One vCPU in MB; a function with less has proportionally less (developer guide, "Configure Lambda function memory"). */
export const MB_PER_VCPU = 1769;

/** First-run CPU cost of each operation, in ms on one full vCPU: measured on Node.js 24. */
export const FIRST_RUN_COST: Readonly<Record<TransportKind, ChildCost>> = {
	direct: { prepareMs: 0.4, sendMs: 0.5 },
	// The SDK signs when it sends, and each child needs a TLS handshake of its own.
	sdk: { prepareMs: 0.1, sendMs: 5 },
};
const LOAD_SDK_MS = 120;

/** Weight of the prior, in samples: CPU time is granted in slices, so a small sample is noisy. */
const PRIOR_WEIGHT = 8;

/** Estimates and measures. */
export interface WorkEstimator {
	/** Loading the SDK (ms). */
	readonly loadSdkMs: number;
	/** The work for each child. */
	costOf(kind: TransportKind): ChildCost;
	/** Begins a measurement; call the result when that is done for a number of children. */
	measure(operation: keyof ChildCost, kind: TransportKind): (children: number) => void;
}

/** How many times longer work takes than on a full vCPU; 1 if the memory is unknown. */
export function cpuFactorOf(memoryMb: number): number {
	return memoryMb > 0 ? Math.max(1, MB_PER_VCPU / memoryMb) : 1;
}

/** An estimator without measurements. */
export function createWorkEstimator(): WorkEstimator {
	const cpuFactor = cpuFactorOf(Number(process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE));
	const scale = ({ prepareMs, sendMs }: ChildCost) => ({
		prepareMs: prepareMs * cpuFactor,
		sendMs: sendMs * cpuFactor,
	});
	const costs = { direct: scale(FIRST_RUN_COST.direct), sdk: scale(FIRST_RUN_COST.sdk) };
	return {
		loadSdkMs: LOAD_SDK_MS * cpuFactor,
		costOf: (kind) => costs[kind],
		measure: (operation, kind) => {
			const startedAt = performance.now();
			return (children) => {
				const priorMs = PRIOR_WEIGHT * costs[kind][operation];
				costs[kind][operation] = (priorMs + performance.now() - startedAt) / (PRIOR_WEIGHT + children);
			};
		},
	};
}
