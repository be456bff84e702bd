import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { rmdirSync } from "node:fs";
import type { ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { type Confinement, confine } from "./confinement.js";
import { errorPayload, errorTypeOf, exited, exitReason, type FunctionError, timedOut } from "./function-error.js";
import type { Gate } from "./gate.js";
import { listen } from "./http.js";
import { type LogLine, parseLine, readLines } from "./logs.js";
import { createRuntimeApi } from "./runtime-api.js";
import type { Timeline, TimelineEventKind } from "./timeline.js";
import type { FunctionOptions } from "./types.js";
import { variablesOf } from "./variables.js";
import type { Watchdog } from "./watchdog.js";

/**
 * Path of the bundled runtime loop, for a `runtime` command of one's own: `[process.execPath, '--cpu-prof',
 * bundledRuntime]`.
 */
export const bundledRuntime = fileURLToPath(new URL("runtime.mjs", import.meta.url));

/** Lambda's limit of the INIT phase, in ms. */
const INIT_LIMIT_MS = 10_000;

/** What the environments of one local Lambda share. */
export interface Host {
	readonly timeline: Timeline;
	readonly logs: LogLine[];
	readonly watchdog: Watchdog;
	readonly confinement: Confinement;
	readonly freeze: boolean;
	readonly idleExpiryMs: number;
	/** Passed by every process while it starts. */
	readonly starts: Gate;
	/** Variables with which an environment finds the Invoke API. */
	readonly variables: () => Record<string, string>;
	/** Called when an environment has come to rest (idle, frozen or gone). */
	readonly onRest: () => void;
}

/** An invocation, as an environment needs it. */
export interface Job {
	requestId: string;
	arn: string;
	payload: Buffer;
	tenantId: string | undefined;
	/** Kill the process as soon as the invocation is handed over. */
	kill: boolean;
}

/** How an invocation ended. Times in ms since the start of the local Lambda. */
export interface Outcome {
	payload: Buffer;
	failed: boolean;
	/** Absent if it never reached the handler, since the environment failed to start. */
	startedAt?: number;
	endedAt: number;
}

interface Service {
	job: Job;
	startedAt?: number;
	resolve: (outcome: Outcome | undefined) => void;
}

/**
 * Waiting for its cold start and for a place to start; starting in that place; working on an invocation, or on what is
 * left of it until it polls again; idle (stopped, where environments freeze) with the poll that waits for work; or
 * gone.
 */
type State = { phase: "waiting" | "starting" | "working" | "gone" } | { phase: "idle"; poll: ServerResponse };

/**
 * One execution environment: a process, and the Runtime API that it polls. It serves one invocation at a time, and is
 * frozen while it waits for the next one.
 */
export class Environment {
	readonly name: string;
	readonly functionName: string;
	readonly version: string;
	/** The tenant it belongs to, under tenant isolation. */
	readonly tenantId: string | undefined;
	/** From the start of the process to its first poll, in ms. */
	initMs: number | undefined;
	/** Called once, when the environment can serve no more. */
	onGone = () => {};

	readonly #host: Host;
	readonly #options: FunctionOptions;
	readonly #api = createRuntimeApi({
		next: (response) => this.#onPoll(response).catch(this.#fail),
		done: (requestId, payload, failed) => this.#onDone(requestId, payload, failed),
		initError: (payload) => this.#end("init error", payload),
	});
	readonly #fail = ({ message }: Error) => this.#end(`with error: ${message}`);
	#process: ChildProcess | undefined;
	/** Folder of its control group. */
	#group: string | undefined;
	#state: State = { phase: "waiting" };
	#spawnedAt = 0;
	/** Of the present phase: cold start, INIT, invocation or idleness. */
	#timer: NodeJS.Timeout | undefined;
	/** Under way, or waiting for the runtime to poll. */
	#service: Service | undefined;

	constructor(
		host: Host,
		functionName: string,
		options: FunctionOptions,
		version: string,
		tenantId: string | undefined,
		number: number,
	) {
		this.#host = host;
		this.#options = options;
		this.name = `${functionName}-${number}`;
		this.functionName = functionName;
		this.version = version;
		this.tenantId = tenantId;
		this.#record("start");
		const boot = () => this.#boot().catch(this.#fail);
		const { coldStartMs = 0 } = options;
		if (coldStartMs > 0) this.#timer = setTimeout(boot, coldStartMs);
		else void boot();
	}

	get pid(): number | undefined {
		return this.#process?.pid;
	}

	/** Whether it can serve no more. */
	get gone(): boolean {
		return this.#state.phase === "gone";
	}

	/** Whether nothing is going on: it waits for work, or is gone. */
	get atRest(): boolean {
		return this.#state.phase === "idle" || this.gone;
	}

	/**
	 * Serves an invocation, as soon as the runtime polls; at once if it is waiting. Resolves with undefined if the
	 * environment went away before it could hand the invocation over: another one has to serve it.
	 */
	serve(job: Job): Promise<Outcome | undefined> {
		return new Promise((settle) => {
			if (this.gone) return settle(undefined);
			this.#service = { job, resolve: settle };
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

	async #boot(): Promise<void> {
		const address = await listen(this.#api);
		await this.#host.starts.enter();
		if (this.gone) {
			this.#api.close();
			return this.#host.starts.leave();
		}
		this.#state = { phase: "starting" };
		const { memoryMb } = this.#options;
		if (memoryMb !== undefined) {
			this.#group = await this.#host.confinement.group(memoryMb);
			if (this.gone && this.#group) rmdirSync(this.#group);
			if (this.gone) return;
		}
		const [command, ...args] = this.#options.runtime ?? [process.execPath, bundledRuntime];
		const variables = this.#host.variables();
		const { NODE_EXTRA_CA_CERTS } = variables;
		const env = {
			...variablesOf(this.functionName, this.version, this.#options),
			AWS_LAMBDA_RUNTIME_API: address,
			...variables,
			...this.#options.environment,
			// Over TLS the Invoke API cannot be reached without it.
			...(NODE_EXTRA_CA_CERTS && { NODE_EXTRA_CA_CERTS }),
		};
		this.#spawnedAt = this.#host.timeline.now();
		const child = spawn(command, args, { cwd: env.LAMBDA_TASK_ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
		this.#process = child;
		const { pid } = child;
		if (pid !== undefined) {
			this.#host.watchdog.watch(pid, this.#group);
			child.once("exit", () => this.#host.watchdog.forget(pid));
		}
		this.#record("spawn");
		child.once("error", this.#fail);
		child.once("exit", (code, signal) => this.#end(exitReason(code, signal)));
		readLines(child.stdout, (line) => this.#log(line, "INFO"));
		readLines(child.stderr, (line) => this.#log(line, "ERROR"));
		this.#timer = setTimeout(() => this.#end("timeout", timedOut(INIT_LIMIT_MS)), INIT_LIMIT_MS);
	}

	async #onPoll(poll: ServerResponse): Promise<void> {
		clearTimeout(this.#timer);
		if (this.#state.phase === "starting") {
			this.initMs = this.#host.timeline.now() - this.#spawnedAt;
			this.#record("ready");
			this.#host.starts.leave();
			this.#state = { phase: "working" };
			// Only now: INIT has a processor of its own, whatever the memory.
			if (this.#group && this.pid) await confine(this.#group, this.pid);
		}
		if (this.gone) return;
		if (this.#service) this.#handOver(poll, this.#service);
		else this.#rest(poll);
	}

	#rest(poll: ServerResponse): void {
		const { freeze, idleExpiryMs, onRest } = this.#host;
		this.#state = { phase: "idle", poll };
		if (freeze) this.#process?.kill("SIGSTOP");
		this.#record(freeze ? "freeze" : "idle");
		if (Number.isFinite(idleExpiryMs)) {
			this.#timer = setTimeout(() => this.#end("idle expiry"), idleExpiryMs);
		}
		onRest();
	}

	#handOver(poll: ServerResponse, service: Service): void {
		clearTimeout(this.#timer);
		this.#state = { phase: "working" };
		const { job } = service;
		const { timeoutMs = 3000 } = this.#options;
		// Not cleared by the response: an invocation ends when the runtime polls again.
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

	#onDone(requestId: string, payload: Buffer, failed: boolean): boolean {
		const service = this.#service;
		if (service?.startedAt === undefined) return false;
		if (service.job.requestId !== requestId) return false;
		this.#finish(service, payload, failed);
		return true;
	}

	#finish(service: Service, payload: Buffer, failed: boolean): void {
		this.#service = undefined;
		const { job, startedAt } = service;
		this.#record("respond", job.requestId, failed ? errorTypeOf(payload) : undefined);
		const endedAt = this.#host.timeline.now();
		// What the process logged before its response came through another pipe: let that be read first.
		setImmediate(service.resolve, { payload, failed, endedAt, ...(startedAt !== undefined && { startedAt }) });
	}

	/** The environment is gone, or is made to be, and so is what it was doing. */
	#end(reason: string, error: FunctionError | Buffer = exited(reason)): void {
		if (this.gone) return;
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
