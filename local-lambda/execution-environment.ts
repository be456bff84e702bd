import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { rmdirSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { confine } from "./confinement.js";
import { createSessionCredentials } from "./credentials.js";
import type { EnvironmentIdentity, Host, Job, Outcome } from "./environment-types.js";
import type { TimelineEventKind } from "./event-timeline.js";
import { errorPayload, errorTypeOf, exited, type FunctionError, timedOut } from "./function-error.js";
import type { FunctionOptions } from "./function-options.js";
import { startProcess } from "./function-process.js";
import { listen } from "./http.js";
import { parseLine } from "./logs.js";
import { createRuntimeApi } from "./runtime-api.js";
import { variablesOf } from "./variables.js";

/** Path of the bundled runtime, for a custom `runtime` command: `[process.execPath, '--cpu-prof', bundledRuntime]`. */
export const bundledRuntime = fileURLToPath(new URL("runtime.mjs", import.meta.url));

/** Lambda's limit of the INIT phase. */
const INIT_LIMIT_MS = 10_000;

interface Service {
	job: Job;
	startedAt?: number;
	resolve: (outcome: Outcome | undefined) => void;
}

/**
 * `waiting`: for the end of `coldStartMs`, and for the gate; `starting`: its process runs INIT; `working`: on an
 * invocation, or on what is left of it until the runtime polls again; `idle`: the runtime's poll is open, and the
 * process is stopped if environments freeze; `gone`.
 */
type State = { phase: "waiting" | "starting" | "working" | "gone" } | { phase: "idle"; poll: ServerResponse };

/** One execution environment: a process, and the Runtime API that it polls. It serves one invocation at a time. */
export class ExecutionEnvironment {
	readonly name: string;
	readonly functionName: string;
	readonly version: string;
	readonly tenantId: string | undefined;
	/** Resolves when the environment is at rest for the first time. */
	readonly started: Promise<void>;
	/** From the start of the process to its first poll. */
	initMs: number | undefined;
	/** Called once, when the environment cannot serve any more. */
	onGone = () => {};

	readonly #host: Host;
	readonly #options: FunctionOptions;
	readonly #credentials;
	readonly #api;
	readonly #fail = ({ message }: Error) => this.#end(`with error: ${message}`);
	#process: ChildProcess | undefined;
	/** Folder of its control group. */
	#group: string | undefined;
	#state: State = { phase: "waiting" };
	#spawnedAt = 0;
	/** Of the present phase: cold start, INIT, invocation or idleness. */
	#timer: NodeJS.Timeout | undefined;
	/** The invocation that it works on, or that waits for the runtime to poll. */
	#service: Service | undefined;
	/** Why it ends at its next rest, if it does. */
	#retirement: string | undefined;
	#resolveStarted = () => {};

	constructor(host: Host, { name, functionName, version, tenantId }: EnvironmentIdentity, options: FunctionOptions) {
		this.#host = host;
		this.#options = options;
		this.name = name;
		this.functionName = functionName;
		this.version = version;
		this.tenantId = tenantId;
		this.started = new Promise((resolve) => {
			this.#resolveStarted = resolve;
		});
		this.#credentials = host.verifier.accept(createSessionCredentials());
		this.#api = createRuntimeApi(
			{
				next: (response) => this.#onPoll(response).catch(this.#fail),
				done: (requestId, payload, isFailed) => this.#onDone(requestId, payload, isFailed),
				initError: (payload) => this.#end("init error", payload),
			},
			this.#credentials,
		);
		this.#record("start");
		const boot = () => this.#boot().catch(this.#fail);
		const { coldStartMs = 0 } = options;
		if (coldStartMs > 0) this.#timer = setTimeout(boot, coldStartMs);
		else void boot();
	}

	get pid(): number | undefined {
		return this.#process?.pid;
	}

	/** Whether it cannot serve any more. */
	get isGone(): boolean {
		return this.#state.phase === "gone";
	}

	/** Whether it takes no further invocations. */
	get isRetiring(): boolean {
		return this.#retirement !== undefined;
	}

	/** Whether it waits for work, or is gone. */
	get isAtRest(): boolean {
		return this.#state.phase === "idle" || this.isGone;
	}

	/**
	 * Serves an invocation as soon as the runtime polls. Resolves with undefined if the environment has gone before it
	 * could hand the invocation over: then another environment has to serve it.
	 */
	serve(job: Job): Promise<Outcome | undefined> {
		return new Promise((resolve) => {
			if (this.isGone) return resolve(undefined);
			this.#service = { job, resolve };
			if (this.#state.phase !== "idle") return;
			if (this.#host.freeze) {
				this.#process?.kill("SIGCONT");
				this.#record("thaw");
			}
			this.#handOver(this.#state.poll, this.#service);
		});
	}

	/** Kills the process; resolves when it is gone. */
	async shutDown(reason: string): Promise<void> {
		this.#end(reason);
		const child = this.#process;
		if (child?.pid === undefined) return;
		if (child.exitCode !== null || child.signalCode !== null) return;
		await once(child, "exit");
	}

	/** Shuts down at once if idle, or else as soon as the present invocation has ended. */
	async retire(reason: string): Promise<void> {
		this.#retirement = reason;
		if (this.isAtRest) await this.shutDown(reason);
	}

	async #boot(): Promise<void> {
		const runtimeApi = await listen(this.#api);
		await this.#host.starts.enter();
		if (this.isGone) {
			this.#api.close();
			return this.#host.starts.leave();
		}
		this.#state = { phase: "starting" };
		const { memoryMb, runtime = [process.execPath, bundledRuntime] } = this.#options;
		if (memoryMb !== undefined) {
			this.#group = await this.#host.confinement.group(memoryMb);
			if (this.isGone && this.#group) rmdirSync(this.#group);
			if (this.isGone) return;
		}
		const { functionName, version } = this;
		const endpointVariables = this.#host.endpointVariables();
		const credentials = this.#credentials;
		const variables = variablesOf({ functionName, version, runtimeApi, credentials, endpointVariables }, this.#options);
		this.#spawnedAt = this.#host.timeline.now();
		this.#process = startProcess(runtime, variables, this.#group, this.#host.watchdog, {
			onLine: (line, defaultLevel) => this.#log(line, defaultLevel),
			onExit: (reason) => this.#end(reason),
			onError: this.#fail,
		});
		this.#record("spawn");
		this.#timer = setTimeout(() => this.#end("timeout", timedOut(INIT_LIMIT_MS)), INIT_LIMIT_MS);
	}

	async #onPoll(poll: ServerResponse): Promise<void> {
		clearTimeout(this.#timer);
		if (this.#state.phase === "starting") {
			this.initMs = this.#host.timeline.now() - this.#spawnedAt;
			this.#record("ready");
			this.#host.starts.leave();
			this.#state = { phase: "working" };
			// Not earlier: during INIT, a function has a full core, whatever its memory.
			if (this.#group && this.pid) await confine(this.#group, this.pid);
		}
		if (this.isGone) return;
		if (this.#service) this.#handOver(poll, this.#service);
		else this.#rest(poll);
	}

	#rest(poll: ServerResponse): void {
		if (this.#retirement !== undefined) {
			this.#end(this.#retirement);
			return;
		}
		const { freeze, idleExpiryMs, onRest } = this.#host;
		this.#state = { phase: "idle", poll };
		if (freeze) this.#process?.kill("SIGSTOP");
		this.#record(freeze ? "freeze" : "idle");
		if (Number.isFinite(idleExpiryMs)) {
			this.#timer = setTimeout(() => this.#end("idle expiry"), idleExpiryMs);
		}
		this.#resolveStarted();
		onRest();
	}

	#handOver(poll: ServerResponse, service: Service): void {
		clearTimeout(this.#timer);
		this.#state = { phase: "working" };
		const { job } = service;
		const { timeoutMs = 3000 } = this.#options;
		// The response does not clear it: an invocation ends when the runtime polls again.
		this.#timer = setTimeout(() => this.#end("timeout", timedOut(timeoutMs)), timeoutMs);
		service.startedAt = this.#host.timeline.now();
		this.#record("invoke", job.requestId);
		poll.writeHead(200, {
			"content-type": "application/json",
			"lambda-runtime-aws-request-id": job.requestId,
			"lambda-runtime-deadline-ms": Date.now() + timeoutMs,
			"lambda-runtime-invoked-function-arn": job.arn,
			"lambda-runtime-trace-id": `Root=1-${job.requestId.slice(0, 8)}-${job.requestId.slice(9).replaceAll("-", "")};Sampled=0`,
			...(job.tenantId !== undefined && { "lambda-runtime-aws-tenant-id": job.tenantId }),
		});
		poll.end(job.payload, () => {
			if (job.kill) this.#process?.kill("SIGKILL");
		});
	}

	#onDone(requestId: string, payload: Buffer, isFailed: boolean): boolean {
		const service = this.#service;
		if (service?.startedAt === undefined) return false;
		if (service.job.requestId !== requestId) return false;
		this.#finish(service, payload, isFailed);
		return true;
	}

	#finish(service: Service, payload: Buffer, isFailed: boolean): void {
		this.#service = undefined;
		const { job, startedAt } = service;
		this.#record("respond", job.requestId, isFailed ? errorTypeOf(payload) : undefined);
		const endedAt = this.#host.timeline.now();
		// What the process logged before its response comes through another pipe, and has to be read first.
		setImmediate(service.resolve, {
			payload,
			failed: isFailed,
			endedAt,
			...(startedAt !== undefined && { startedAt }),
		});
	}

	/** Ends the environment, if it has not ended by itself, and the invocation that it works on. */
	#end(reason: string, error: FunctionError | Buffer = exited(reason)): void {
		if (this.isGone) return;
		if (this.#state.phase === "starting") this.#host.starts.leave();
		this.#state = { phase: "gone" };
		clearTimeout(this.#timer);
		this.#process?.kill("SIGKILL");
		this.#api.close();
		this.#api.closeAllConnections();
		const service = this.#service;
		if (service && (service.startedAt !== undefined || !this.initMs)) {
			const payload = Buffer.isBuffer(error) ? error : errorPayload(error, service.job.requestId);
			this.#finish(service, payload, true);
		} else {
			service?.resolve(undefined);
		}
		this.#record("exit", undefined, reason);
		this.onGone();
		this.#resolveStarted();
		this.#host.onRest();
	}

	#record(kind: TimelineEventKind, requestId?: string, label?: string): void {
		const { name: environment, functionName, version, pid } = this;
		this.#host.timeline.push({
			kind,
			environment,
			functionName,
			version,
			...(pid !== undefined && { pid }),
			...(requestId !== undefined && { requestId }),
			...(label !== undefined && { label }),
		});
	}

	#log(line: string, defaultLevel: string): void {
		const service = this.#service;
		this.#host.logs.push({
			environment: this.name,
			functionName: this.functionName,
			...(service?.startedAt !== undefined && { requestId: service.job.requestId }),
			...parseLine(line, defaultLevel),
			time: this.#host.timeline.now(),
		});
	}
}
