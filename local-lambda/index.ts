import { basename, extname } from "node:path";
import { type Host, handlerPath } from "./environment.js";
import { functionArn } from "./function-name.js";
import { Gate } from "./gate.js";
import { listen } from "./http.js";
import { createInvokeApi } from "./invoke-api.js";
import type { LogLine } from "./logs.js";
import { Scheduler } from "./scheduler.js";
import { Timeline } from "./timeline.js";
import type {
	InvocationRecord,
	InvokeOptions,
	InvokeResult,
	LocalLambdaOptions,
} from "./types.js";
import { Watchdog } from "./watchdog.js";

export { bundledRuntime } from "./environment.js";
export type { LogLine } from "./logs.js";
export type {
	EnvironmentTimeline,
	Timeline,
	TimelineEvent,
	TimelineEventKind,
	TimelineSpan,
} from "./timeline.js";
export type * from "./types.js";

/** A running local stand-in for the Lambda service. */
export interface LocalLambda extends AsyncDisposable {
	/** `http://127.0.0.1:port` of the Invoke API. Environments have it as `AWS_ENDPOINT_URL_LAMBDA`. */
	readonly endpoint: string;
	/** ARN of a function, qualified if a version or an alias is given. */
	arn(functionName: string, qualifier?: string): string;
	/**
	 * Invokes a function as a scheduler or API Gateway would: through the same scheduling as the Invoke API, but not over
	 * HTTP, without faults, and by default without a delivery delay.
	 *
	 * @param functionName in any form that Lambda accepts
	 */
	invoke(
		functionName: string,
		payload?: unknown,
		options?: InvokeOptions,
	): Promise<InvokeResult>;
	readonly timeline: Timeline;
	/** What the environments logged, in the order of reading. */
	readonly logs: LogLine[];
	/** Every request, in the order of acceptance or refusal. */
	readonly invocations: InvocationRecord[];
	/** Resolves when no invocation is under way or queued (`Event` and its retries included) and every environment is at rest. */
	settle(): Promise<void>;
	/** Empties timeline, logs and invocations. Call it when settled: what is still going on would lose its beginning. */
	reset(): void;
	/** Ends every process, port and timer. May be called more than once. */
	stop(): Promise<void>;
}

const check = ({ functions }: LocalLambdaOptions): void => {
	for (const [name, { handler }] of Object.entries(functions)) {
		const path = handlerPath(handler);
		// A handler string ("file.handler") is cut at its first dot.
		if (basename(path, extname(path)).includes(".")) {
			throw new TypeError(`${name}: the file name of ${path} has a dot`);
		}
	}
};

const parse = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
};

/** Starts a local stand-in for the Lambda service on a free port of the loopback interface. */
export const startLocalLambda = async (
	options: LocalLambdaOptions,
): Promise<LocalLambda> => {
	check(options);
	const timeline = new Timeline();
	const logs: LogLine[] = [];
	let endpoint = "";
	const host: Host = {
		timeline,
		logs,
		watchdog: new Watchdog(),
		freeze: options.freeze ?? true,
		starts: new Gate(options.startsAtOnce ?? Number.POSITIVE_INFINITY),
		idleExpiryMs: options.idleExpiryMs ?? Number.POSITIVE_INFINITY,
		endpoint: () => endpoint,
		onRest: () => scheduler.onRest(),
	};
	const scheduler = new Scheduler(host, options);
	const { invocations } = scheduler;
	const server = createInvokeApi(
		(request) => scheduler.invoke(request),
		logs,
		options.idleSocketMs ?? 5000,
	);
	endpoint = `http://${await listen(server)}`;

	const stop = async () => {
		await scheduler.stop();
		server.close();
		server.closeAllConnections();
		await host.watchdog.stop();
	};
	let stopped: Promise<void> | undefined;
	const stopOnce = () => {
		stopped ??= stop();
		return stopped;
	};

	return {
		endpoint,
		arn: functionArn,
		timeline,
		logs,
		invocations,
		settle: () => scheduler.settle(),
		stop: stopOnce,
		[Symbol.asyncDispose]: stopOnce,
		reset() {
			timeline.events.length = 0;
			logs.length = 0;
			invocations.length = 0;
		},
		async invoke(functionName, payload, options = {}) {
			const { record, status, ...answer } = await scheduler.invoke({
				functionName,
				qualifier: options.qualifier,
				invocationType: options.invocationType ?? "RequestResponse",
				payload: Buffer.from(JSON.stringify(payload) ?? ""),
				tenantId: options.tenantId,
				delivery: options.delivery ?? false,
				via: "direct",
			});
			const { payload: rawPayload, functionError } = answer;
			return {
				status,
				payload: parse(rawPayload.toString()),
				rawPayload,
				...(functionError !== undefined && { functionError }),
				environment: record.environment ?? "",
				coldStart: record.coldStart ?? false,
				durationMs: timeline.now() - record.acceptedAt,
				billedMs: record.billedMs ?? 0,
			};
		},
	};
};
