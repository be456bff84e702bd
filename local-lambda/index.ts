import { createCertificate } from "./certificate.js";
import { findConfinement, NO_CONFINEMENT } from "./confinement.js";
import { createUserCredentials, credentialVariables } from "./credentials.js";
import type { Host } from "./environment-types.js";
import { Timeline } from "./event-timeline.js";
import { functionArn, REGION } from "./function-name.js";
import type { FunctionOptions } from "./function-options.js";
import { Gate } from "./gate.js";
import { listen } from "./http.js";
import { createInvokeHandler } from "./invoke-handler.js";
import type { Answer } from "./invoke-request.js";
import { createInvokeServer } from "./invoke-server.js";
import type { LocalLambda } from "./local-lambda.js";
import type { LogLine } from "./logs.js";
import type { LocalLambdaOptions } from "./options.js";
import { Scheduler } from "./scheduler.js";
import { SignatureVerifier } from "./signature-verifier.js";
import type { InvokeResult } from "./types.js";
import { checkFunction } from "./validation.js";
import { Watchdog } from "./watchdog.js";

export type { Credentials } from "./credentials.js";
export type {
	EnvironmentTimeline,
	Timeline,
	TimelineEvent,
	TimelineEventKind,
	TimelineSpan,
} from "./event-timeline.js";
export { bundledRuntime } from "./execution-environment.js";
export type * from "./fault.js";
export { faultAt, faultShare } from "./fault-choice.js";
export type * from "./function-options.js";
export type { LocalLambda } from "./local-lambda.js";
export type { LogLine } from "./logs.js";
export type * from "./options.js";
export { signRequest, type UnsignedRequest } from "./sign-request.js";
export type * from "./types.js";

const check = ({ functions }: LocalLambdaOptions): void => {
	if (process.platform === "win32") {
		throw new Error("The local Lambda stops and continues processes, which Windows cannot: use WSL, Linux or macOS");
	}
	for (const [name, fn] of Object.entries(functions)) checkFunction(name, fn);
};

const hasMemory = ({ memoryMb, versions = {} }: FunctionOptions): boolean =>
	memoryMb !== undefined || Object.values(versions).some((version) => version.memoryMb !== undefined);

const parse = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return text;
	}
};

const toResult = (answer: Answer, now: number): InvokeResult => {
	const { record, status, payload: rawPayload, functionError } = answer;
	return {
		status,
		payload: parse(rawPayload.toString()),
		rawPayload,
		...(functionError !== undefined && { functionError }),
		environment: record.environment ?? "",
		coldStart: record.coldStart ?? false,
		durationMs: now - record.acceptedAt,
		billedMs: record.billedMs ?? 0,
	};
};

/**
 * Starts a local stand-in for the Lambda service on a free port of the loopback interface: for tests and development.
 * Throws on Windows, which cannot freeze a process; if `tls` finds no `openssl`; and if an option is invalid.
 */
export const startLocalLambda = async (options: LocalLambdaOptions): Promise<LocalLambda> => {
	check(options);
	const { functions, tls } = options;
	const certificate = tls && (await createCertificate());
	const timeline = new Timeline();
	const logs: LogLine[] = [];
	const verifier = new SignatureVerifier();
	const credentials = verifier.accept(createUserCredentials());
	let endpointVariables: Record<string, string> = {};
	const confinement = Object.values(functions).some(hasMemory) ? await findConfinement() : NO_CONFINEMENT;
	const host: Host = {
		timeline,
		logs,
		confinement,
		verifier,
		watchdog: new Watchdog(certificate ? [certificate.folder] : []),
		freeze: options.freeze ?? true,
		starts: new Gate(options.startsAtOnce ?? Number.POSITIVE_INFINITY),
		idleExpiryMs: options.idleExpiryMs ?? Number.POSITIVE_INFINITY,
		endpointVariables: () => endpointVariables,
		onRest: () => scheduler.onRest(),
	};
	const scheduler = new Scheduler(host, options);
	const { invocations } = scheduler;
	const api = createInvokeServer(
		createInvokeHandler(
			(request) => scheduler.invoke(request),
			(request) => verifier.verify(request),
			logs,
			{ reset: (request) => api.reset(request), end: (request) => api.end(request) },
		),
		options.idleSocketMs ?? 5000,
		certificate && { ...tls, certificate },
	);
	const address = await listen(api.server);
	const endpoint = certificate ? `https://localhost:${address.split(":")[1]}` : `http://${address}`;
	endpointVariables = {
		AWS_ENDPOINT_URL_LAMBDA: endpoint,
		...(certificate && { NODE_EXTRA_CA_CERTS: certificate.file }),
	};

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
		credentials,
		variables: { ...endpointVariables, AWS_REGION: REGION, ...credentialVariables(credentials) },
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
		async initialize(functionName, { count = 1, qualifier, tenantId } = {}) {
			const pool = scheduler.pool(functionName);
			const versions = Array.from({ length: count }, () => pool.versionOf(qualifier));
			await Promise.all(
				versions.map((version) => {
					if (version === undefined) throw new RangeError(`function ${functionName} has no version ${qualifier}`);
					return pool.initialize(version, tenantId);
				}),
			);
		},
		async deploy(functionName, changes = {}) {
			const pool = scheduler.pool(functionName);
			checkFunction(functionName, { ...pool.options, ...changes });
			await pool.deploy(changes);
		},
		kill: (environment) => scheduler.kill(environment),
		async invoke(functionName, payload, invokeOptions = {}) {
			const answer = await scheduler.invoke({
				functionName,
				qualifier: invokeOptions.qualifier,
				invocationType: invokeOptions.invocationType ?? "RequestResponse",
				payload: Buffer.from(JSON.stringify(payload) ?? ""),
				tenantId: invokeOptions.tenantId,
				delivery: invokeOptions.delivery ?? false,
				protocol: undefined,
			});
			return toResult(answer, timeline.now());
		},
	};
};
