import { randomUUID } from "node:crypto";
import { errorTypeOf } from "./function-error.js";
import { functionArn, parseFunctionName } from "./function-name.js";
import type { Run } from "./function-pool.js";
import type { InvokeRequest } from "./invoke-request.js";
import type { InvocationRecord } from "./types.js";

/** Undefined if the payload is empty or not JSON. */
const parsePayload = (payload: Buffer): unknown => {
	try {
		return JSON.parse(payload.toString());
	} catch {
		return undefined;
	}
};

/** Begins the record of a request. */
export const createRecord = (request: InvokeRequest, acceptedAt: number): InvocationRecord => {
	const parsed = parseFunctionName(request.functionName);
	const functionName = parsed?.name ?? request.functionName;
	const qualifier = request.qualifier ?? parsed?.qualifier;
	return {
		requestId: randomUUID(),
		functionName,
		qualifier,
		arn: functionArn(functionName, qualifier),
		invocationType: request.invocationType,
		payload: parsePayload(request.payload),
		acceptedAt,
		attempts: 0,
		via: request.protocol ? "api" : "direct",
		...(request.protocol && { protocol: request.protocol }),
	};
};

/** Adds an attempt to the record of its request. */
export const recordAttempt = (record: InvocationRecord, run: Run): void => {
	const { environment, coldStart, startedAt, endedAt } = run;
	record.attempts += 1;
	record.environment = environment.name;
	if (environment.pid !== undefined) record.pid = environment.pid;
	record.coldStart = coldStart;
	record.endedAt = endedAt;
	if (startedAt !== undefined) {
		record.startedAt ??= startedAt;
		record.billedMs = (record.billedMs ?? 0) + Math.max(1, Math.ceil(endedAt - startedAt));
	}
	if (coldStart && environment.initMs !== undefined) record.initMs = environment.initMs;
	else delete record.initMs;
	if (run.failed) record.error = errorTypeOf(run.payload);
	else delete record.error;
};
