/** Memory (MB) that gets one full vCPU. */
const MB_PER_VCPU = 1769;
const PREPARE_MS = 0.4;
const SEND_MS = 0.5;
const READ_SHARE = 0.5;
const FINISH_MS = 8;
const INITIAL_HOLD_MS = 75;

/**
 * Estimates how many seconds a ping keeps its initiator busy, rounded up to what a function's timeout can be: with the
 * direct transport, before anything has been measured. An option that loads the SDK is unknown at synthesis.
 */
export function estimatePingSeconds(concurrency: number, memoryMb: number, timeoutSeconds: number): number {
	if (concurrency === 1) return 0;
	const cpuFactor = Math.max(1, MB_PER_VCPU / memoryMb);
	const reserveMs = timeoutSeconds >= 3 ? 600 : 250;
	const childMs = PREPARE_MS + SEND_MS + READ_SHARE * SEND_MS;
	const cpuMs = childMs * (concurrency - 1) + FINISH_MS;
	return Math.ceil((cpuMs * cpuFactor + INITIAL_HOLD_MS + reserveMs) / 1000);
}
