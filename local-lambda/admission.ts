import type { Job } from "./environment-types.js";
import { parseFunctionName } from "./function-name.js";
import type { FunctionPool } from "./function-pool.js";
import type { InvokeRequest } from "./invoke-request.js";
import { type Refusal, refusals } from "./refusals.js";
import type { InvocationRecord } from "./types.js";

/** Lambda quotas, "Function configuration, deployment, and execution", in bytes. */
const MAX_PAYLOAD_BYTES = { RequestResponse: 6 * 2 ** 20, DryRun: 6 * 2 ** 20, Event: 2 ** 20 };

/** A request that may run. */
export interface Admitted {
	record: InvocationRecord;
	pool: FunctionPool;
	version: string;
	job: Job;
}

/**
 * Decides whether a request may run, whatever the concurrency.
 *
 * @param kill whether the environment is killed as soon as the invocation is handed to it
 */
export const admit = (
	{ functionName, payload, tenantId }: InvokeRequest,
	record: InvocationRecord,
	pools: ReadonlyMap<string, FunctionPool>,
	kill: boolean,
): Refusal | Admitted => {
	const { requestId, arn, invocationType } = record;
	const qualifierInName = parseFunctionName(functionName)?.qualifier;
	if (qualifierInName !== undefined && qualifierInName !== record.qualifier) return refusals.qualifierConflict();
	const pool = pools.get(record.functionName);
	const version = pool?.versionOf(record.qualifier);
	if (!pool || version === undefined) return refusals.notFound(arn);
	const maxBytes = MAX_PAYLOAD_BYTES[invocationType];
	if (payload.length > maxBytes) return refusals.tooLarge(maxBytes);
	if (payload.length > 0 && record.payload === undefined) return refusals.notJson();
	const isIsolated = pool.options.tenantIsolation ?? false;
	if (isIsolated !== (tenantId !== undefined)) return refusals.tenant(isIsolated);
	const job = { requestId, arn, payload: payload.length > 0 ? payload : Buffer.from("{}"), tenantId, kill };
	return { record, pool, version, job };
};
