import { basename, extname } from "node:path";
import { makeCertificate } from "./certificate.js";
import { findConfinement, noConfinement } from "./confinement.js";
import type { Host } from "./environment.js";
import { functionArn } from "./function-name.js";
import { Gate } from "./gate.js";
import { listen } from "./http.js";
import { createInvokeApi } from "./invoke-api.js";
import { createInvokeServer } from "./invoke-server.js";
import type { LogLine } from "./logs.js";
import { Scheduler } from "./scheduler.js";
import { Timeline } from "./timeline.js";
import type { ConfinementMethod, InvocationRecord, InvokeOptions, InvokeResult, LocalLambdaOptions } from "./types.js";
import { handlerPath } from "./variables.js";
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
	/** Of the Invoke API: `http://127.0.0.1:port`, with `tls` `https://localhost:port`. */
	readonly endpoint: string;
	/**
	 * Variables with which a process finds the Invoke API, as the environments have them: `AWS_ENDPOINT_URL_LAMBDA`, with
	 * `tls` also `NODE_EXTRA_CA_CERTS`, the file of the certificate.
	 */
	readonly variables: Readonly<Record<string, string>>;
	/** How `memoryMb` is kept to. */
	readonly confinement: ConfinementMethod;
	/** ARN of a function, qualified if a version or an alias is given. */
	arn(functionName: string, qualifier?: string): string;
	/**
	 * Invokes a function as a scheduler or API Gateway would: through the same scheduling as the Invoke API, but not over
	 * HTTP, without faults, and by default without a delivery delay.
	 *
	 * @param functionName in any form that Lambda accepts
	 */
	invoke(functionName: string, payload?: unknown, options?: InvokeOptions): Promise<InvokeResult>;
	readonly timeline: Timeline;
	/** What the environments logged, in the order of reading. */
	readonly logs: LogLine[];
	/** Every request, in the order of acceptance or refusal. */
	readonly invocations: InvocationRecord[];
	/**
	 * Resolves when no invocation is under way or queued (`Event` and its retries included), every environment is at
	 * rest, and all that they logged has been read.
	 */
	settle(): Promise<void>;
	/** Empties timeline, logs and invocations. Call it when settled: what is still going on would lose its beginning. */
	reset(): void;
	/** Ends every process, port and timer. May be called more than once. */
	stop(): Promise<void>;
}

const check = ({ functions }: LocalLambdaOptions): void => {
	if (process.platform === "win32") {
		throw new Error("The local Lambda stops and continues processes, which Windows cannot: use WSL, Linux or macOS");
	}
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

/**
 * Starts a local stand-in for the Lambda service on a free port of the loopback interface: for tests and development.
 * Throws on Windows, which cannot freeze a process; if `tls` finds no `openssl`; and if an option cannot be kept to.
 */
export const startLocalLambda = async (options: LocalLambdaOptions): Promise<LocalLambda> => {
	check(options);
	const { functions, tls } = options;
	const certificate = tls && (await makeCertificate());
	const timeline = new Timeline();
	const logs: LogLine[] = [];
	let variables: Record<string, string> = {};
	const isConfined = Object.values(functions).some(({ memoryMb }) => memoryMb);
	const confinement = isConfined ? await findConfinement() : noConfinement;
	const host: Host = {
		timeline,
		logs,
		confinement,
		watchdog: new Watchdog(certificate ? [certificate.folder] : []),
		freeze: options.freeze ?? true,
		starts: new Gate(options.startsAtOnce ?? Number.POSITIVE_INFINITY),
		idleExpiryMs: options.idleExpiryMs ?? Number.POSITIVE_INFINITY,
		variables: () => variables,
		onRest: () => scheduler.onRest(),
	};
	const scheduler = new Scheduler(host, options);
	const { invocations } = scheduler;
	const api = createInvokeServer(
		createInvokeApi(
			(request) => scheduler.invoke(request),
			logs,
			(request) => api.reset(request),
		),
		options.idleSocketMs ?? 5000,
		certificate && { ...tls, certificate },
	);
	const address = await listen(api.server);
	const endpoint = certificate ? `https://localhost:${address.split(":")[1]}` : `http://${address}`;
	variables = { AWS_ENDPOINT_URL_LAMBDA: endpoint, ...(certificate && { NODE_EXTRA_CA_CERTS: certificate.file }) };

	const stop = async () => {
		await scheduler.stop();
		api.close();
		await host.watchdog.stop();
	};
	let stopped: Promise<void> | undefined;
	const stopOnce = () => {
		stopped ??= stop();
		return stopped;
	};

	return {
		endpoint,
		variables,
		confinement: confinement.method,
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
				protocol: undefined,
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
