import { setTimeout as sleep } from "node:timers/promises";

const loadedAt = Date.now();
let calls = 0;
if (process.env.LOG_AT_INIT) console.warn({ loadedAt });

export const handler = async (event, context) => {
	calls += 1;
	console.log({ event, calls });
	if (event.waitMs) await sleep(event.waitMs);
	if (event.throw) throw new RangeError(event.throw);
	if (event.exit !== undefined) process.exit(event.exit);
	if (event.rejectLater) Promise.reject(new Error("nobody waits for this"));
	if (event.rejectLater) await sleep(10_000);
	return {
		event,
		calls,
		loadedAt,
		pid: process.pid,
		nodeOptions: process.env.NODE_OPTIONS,
		logStream: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
		own: process.env.OWN,
		initializationType: process.env.AWS_LAMBDA_INITIALIZATION_TYPE,
		context: { ...context, remainingMs: context.getRemainingTimeInMillis() },
	};
};
