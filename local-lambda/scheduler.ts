import { randomUUID } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { createDelivery, createRandom } from "./delivery.js";
import type { Host, Job } from "./environment.js";
import { errorTypeOf } from "./function-error.js";
import { functionArn, parseFunctionName } from "./function-name.js";
import { chooseBy, FunctionPool, type Run } from "./function-pool.js";
import { type Refusal, refusals } from "./refusals.js";
import type { Fault, InvocationRecord, InvocationType, LocalLambdaOptions, Protocol } from "./types.js";

const MAX_PAYLOAD = { RequestResponse: 6 * 2 ** 20, DryRun: 6 * 2 ** 20, Event: 2 ** 20 };
const MAX_EVENT_AGE_MS = 6 * 3600 * 1000;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 5 * 60 * 1000;

/**
 * An environment logs before it comes to rest, but through another pipe. What is in that pipe is read by the next turn
 * of the event loop, and its end, which completes a last line, by the one after; the first turn is the present one.
 */
const QUIET_TURNS = 3;

/** A request, through the Invoke API or `LocalLambda.invoke`. */
export interface InvokeRequest {
	/** In any form that Lambda accepts. */
	functionName: string;
	qualifier: string | undefined;
	invocationType: InvocationType;
	payload: Buffer;
	tenantId: string | undefined;
	/** Whether it waits for a delivery delay. */
	delivery: boolean;
	/** Through the Invoke API: what it came over. */
	protocol: Protocol | undefined;
}

/** The answer to a request: of a function, a refusal, or none at all. */
export interface Answer {
	record: InvocationRecord;
	status: number;
	payload: Buffer;
	/** `x-amzn-errortype` of a refusal. */
	errorType?: string;
	functionError?: string;
	version?: string;
	/** Further headers of a refusal. */
	headers?: Record<string, string>;
	/** Instead of an answer: leave the caller waiting, or reset the connection or the stream. */
	noAnswer?: "hang" | "reset" | { code: number };
}

/** A request that may run. */
interface Admitted {
	record: InvocationRecord;
	pool: FunctionPool;
	version: string;
	job: Job;
}

/** Undefined if it is empty or not JSON. */
const parsePayload = (payload: Buffer): unknown => {
	try {
		return JSON.parse(payload.toString());
	} catch {
		return undefined;
	}
};

const refuse = (record: InvocationRecord, { body, ...refusal }: Refusal): Answer => {
	record.status = refusal.status;
	record.error = refusal.errorType;
	return { record, ...refusal, payload: Buffer.from(body) };
};

const noAnswerOf = (fault: Fault | undefined): Answer["noAnswer"] => {
	if (fault === "hang" || fault === "reset") return fault;
	return typeof fault === "object" && "code" in fault ? fault : undefined;
};

/** Accepts requests, delays them, and has them served. */
export class Scheduler {
	readonly invocations: InvocationRecord[] = [];
	readonly #host: Host;
	readonly #options: LocalLambdaOptions;
	readonly #pools: Map<string, FunctionPool>;
	readonly #delivery: ReturnType<typeof createDelivery>;
	/** Sleepers, each to be woken before its time by `stop`. */
	readonly #sleeping = new Set<() => void>();
	#settleWaiters: (() => void)[] = [];
	#underWay = 0;
	#apiRequests = 0;
	#stopped = false;

	constructor(host: Host, options: LocalLambdaOptions) {
		this.#host = host;
		this.#options = options;
		const { functions, seed = 1, reuse = "most-recent" } = options;
		this.#delivery = createDelivery(seed, options.delivery);
		const choose = chooseBy(reuse, createRandom(seed ^ 0x2545f491));
		this.#pools = new Map(
			Object.entries(functions).map(([name, fn]) => [name, new FunctionPool(host, name, fn, choose)]),
		);
	}

	/**
	 * Answers a request. Everything up to acceptance or refusal happens before this returns its promise, so requests are
	 * accepted (and delays drawn, and concurrency counted) in the order of the calls.
	 */
	async invoke(request: InvokeRequest): Promise<Answer> {
		const record = this.#accept(request);
		const fault = this.#faultOf(record);
		const noAnswer = noAnswerOf(fault);
		if (noAnswer) {
			record.error = typeof noAnswer === "string" ? noAnswer : "reset stream";
			return { record, status: 0, payload: Buffer.alloc(0), noAnswer };
		}
		const admitted = this.#admit(request, record, fault);
		return "errorType" in admitted ? refuse(record, admitted) : this.#answer(request, admitted, fault);
	}

	#accept(request: InvokeRequest): InvocationRecord {
		const parsed = parseFunctionName(request.functionName);
		const functionName = parsed?.name ?? request.functionName;
		const qualifier = request.qualifier ?? parsed?.qualifier;
		const record: InvocationRecord = {
			requestId: randomUUID(),
			functionName,
			qualifier,
			arn: functionArn(functionName, qualifier),
			invocationType: request.invocationType,
			payload: parsePayload(request.payload),
			acceptedAt: this.#host.timeline.now(),
			attempts: 0,
			via: request.protocol ? "api" : "direct",
			...(request.protocol && { protocol: request.protocol }),
		};
		this.invocations.push(record);
		return record;
	}

	#admit(
		{ functionName, payload, tenantId }: InvokeRequest,
		record: InvocationRecord,
		fault: Fault | undefined,
	): Refusal | Admitted {
		const { requestId, arn, invocationType } = record;
		if (this.#stopped) return refusals.service("Stopped");
		const injected = fault && refusals.ofFault(fault, arn);
		if (injected) return injected;
		const derived = parseFunctionName(functionName)?.qualifier;
		if (derived !== undefined && derived !== record.qualifier) return refusals.qualifierConflict();
		const pool = this.#pools.get(record.functionName);
		const version = pool?.versionOf(record.qualifier);
		if (!pool || version === undefined) return refusals.notFound(arn);
		const maximum = MAX_PAYLOAD[invocationType];
		if (payload.length > maximum) return refusals.tooLarge(maximum);
		if (payload.length > 0 && record.payload === undefined) return refusals.notJson();
		const isolated = pool.options.tenantIsolation ?? false;
		if (isolated !== (tenantId !== undefined)) return refusals.tenant(isolated);
		const job = {
			requestId,
			arn,
			payload: payload.length ? payload : Buffer.from("{}"),
			tenantId,
			kill: fault === "kill",
		};
		return { record, pool, version, job };
	}

	async #answer(
		{ invocationType, delivery }: InvokeRequest,
		admitted: Admitted,
		fault: Fault | undefined,
	): Promise<Answer> {
		const { record, pool, version } = admitted;
		const answer = (status: number, payload: Buffer | string = "", functionError?: string): Answer => {
			record.status = status;
			return {
				record,
				status,
				version,
				payload: typeof payload === "string" ? Buffer.from(payload) : payload,
				...(functionError !== undefined && { functionError }),
			};
		};
		if (typeof fault === "object" && "payload" in fault) return answer(200, fault.payload, fault.functionError);
		if (invocationType === "DryRun") return answer(204);
		if (invocationType === "Event") {
			const delay = delivery ? this.#delivery.Event() : 0;
			void this.#track(() => this.#runEvent(admitted, delay));
			return answer(202);
		}
		if (pool.full) return refuse(record, refusals.throttled());
		pool.inFlight += 1;
		const delay = delivery ? this.#delivery.RequestResponse() : 0;
		const run = await this.#track(async () => {
			if (delay > 0) await this.#sleep(delay);
			// What arrives together is taken together: Lambda has more than one event loop.
			else await setImmediate();
			return this.#run(admitted);
		});
		if (!run) return refuse(record, refusals.service("Stopped"));
		return answer(200, run.payload, run.failed ? "Unhandled" : undefined);
	}

	/** Resolves when nothing is under way or queued, every environment is at rest, and what they logged has been read. */
	async settle(): Promise<void> {
		const { logs } = this.#host;
		let quietTurns = 0;
		while (quietTurns < QUIET_TURNS) {
			if (!this.#settled()) {
				await new Promise<void>((resolve) => this.#settleWaiters.push(resolve));
			}
			const read = logs.length;
			await setImmediate();
			quietTurns = this.#settled() && logs.length === read ? quietTurns + 1 : 0;
		}
	}

	/** Something has ended: those who wait in `settle` look again. */
	readonly onRest = (): void => {
		if (this.#settleWaiters.length === 0 || !this.#settled()) return;
		for (const wake of this.#settleWaiters.splice(0)) wake();
	};

	/** Shuts down all environments, and ends every wait. */
	async stop(): Promise<void> {
		this.#stopped = true;
		for (const wake of this.#sleeping) wake();
		const environments = [...this.#pools.values()].flatMap((pool) => [...pool.environments]);
		await Promise.all(environments.map((environment) => environment.shutDown("stopped")));
		await this.settle();
	}

	/** What is to go wrong with a request to the Invoke API. */
	#faultOf({ functionName, qualifier, invocationType, payload, protocol }: InvocationRecord): Fault | undefined {
		if (!protocol) return undefined;
		const index = this.#apiRequests;
		this.#apiRequests += 1;
		return this.#options.fault?.({ functionName, qualifier, invocationType, payload, protocol, index });
	}

	/** One attempt. Counts against the concurrency since before the call, and no more after it. */
	async #run({ record, pool, version, job }: Admitted): Promise<Run | undefined> {
		try {
			if (this.#stopped) return undefined;
			const run = await pool.run(job, version);
			note(record, run);
			return run;
		} finally {
			pool.inFlight -= 1;
		}
	}

	/** An `Event` from the queue: on throttling it goes back, on a function error it is tried again. */
	async #runEvent({ record, pool, job, ...admitted }: Admitted, delay: number): Promise<void> {
		const retryDelays = [...(this.#options.eventRetryDelayMs ?? [60_000, 120_000])];
		let wait: number | undefined = delay;
		let backoff = FIRST_BACKOFF_MS;
		while (wait !== undefined) {
			if (wait > 0) await this.#sleep(wait);
			const age = this.#host.timeline.now() - record.acceptedAt;
			if (this.#stopped || age > MAX_EVENT_AGE_MS) return;
			if (pool.full) {
				wait = backoff;
				backoff = Math.min(2 * backoff, MAX_BACKOFF_MS);
				continue;
			}
			pool.inFlight += 1;
			const kill = job.kill && record.attempts === 0;
			const run = await this.#run({ ...admitted, record, pool, job: { ...job, kill } });
			wait = run?.failed ? retryDelays.shift() : undefined;
		}
	}

	async #track<T>(work: () => Promise<T>): Promise<T> {
		this.#underWay += 1;
		try {
			return await work();
		} finally {
			this.#underWay -= 1;
			this.onRest();
		}
	}

	#settled(): boolean {
		if (this.#underWay > 0) return false;
		for (const pool of this.#pools.values()) {
			for (const environment of pool.environments) {
				if (!environment.atRest) return false;
			}
		}
		return true;
	}

	#sleep(ms: number): Promise<void> {
		if (this.#stopped) return Promise.resolve();
		return new Promise((resolve) => {
			const wake = () => {
				clearTimeout(timer);
				this.#sleeping.delete(wake);
				resolve();
			};
			const timer = setTimeout(wake, ms);
			this.#sleeping.add(wake);
		});
	}
}

const note = (record: InvocationRecord, run: Run): void => {
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
	if (coldStart && environment.initMs !== undefined) {
		record.initMs = environment.initMs;
	} else {
		delete record.initMs;
	}
	if (run.failed) record.error = errorTypeOf(run.payload);
	else delete record.error;
};
