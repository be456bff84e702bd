import { randomUUID } from "node:crypto";
import { createDelivery, createRandom } from "./delivery.js";
import { errorTypeOf, type Host, type Job } from "./environment.js";
import { functionArn, parseFunctionName } from "./function-name.js";
import { chooseBy, FunctionPool, type Run } from "./function-pool.js";
import { type Refusal, refusals } from "./refusals.js";
import type {
	Fault,
	InvocationRecord,
	InvocationType,
	LocalLambdaOptions,
	Protocol,
} from "./types.js";

const MAX_PAYLOAD = {
	RequestResponse: 6 * 2 ** 20,
	DryRun: 6 * 2 ** 20,
	Event: 2 ** 20,
};
const MAX_EVENT_AGE_MS = 6 * 3600 * 1000;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 5 * 60 * 1000;

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

const parsePayload = (payload: Buffer): { ok: boolean; value: unknown } => {
	if (payload.length === 0) return { ok: true, value: undefined };
	try {
		return { ok: true, value: JSON.parse(payload.toString()) };
	} catch {
		return { ok: false, value: undefined };
	}
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
			Object.entries(functions).map(([name, fn]) => [
				name,
				new FunctionPool(host, name, fn, choose),
			]),
		);
	}

	/**
	 * Answers a request. Everything up to acceptance or refusal happens before this returns its promise, so requests are
	 * accepted (and delays drawn, and concurrency counted) in the order of the calls.
	 */
	async invoke(request: InvokeRequest): Promise<Answer> {
		const parsed = parsePayload(request.payload);
		const { record, pool, version, problem } = this.#identify(
			request,
			parsed.value,
		);
		this.invocations.push(record);
		const fault = this.#fault(request, record);
		const refuse = ({ body, ...refusal }: Refusal): Answer => {
			const { status, errorType } = refusal;
			Object.assign(record, { status, error: errorType });
			return { record, ...refusal, payload: Buffer.from(body) };
		};
		const noAnswer = noAnswerOf(fault);
		if (noAnswer) {
			record.error = typeof noAnswer === "string" ? noAnswer : "reset stream";
			return { record, status: 0, payload: Buffer.alloc(0), noAnswer };
		}
		if (this.#stopped) return refuse(refusals.service("Stopped"));
		const injected = fault && refusals.ofFault(fault, record.arn);
		if (injected) return refuse(injected);
		if (problem) return refuse(problem);
		if (!pool || version === undefined)
			return refuse(refusals.notFound(record.arn));
		const maximum = MAX_PAYLOAD[request.invocationType];
		if (request.payload.length > maximum)
			return refuse(refusals.tooLarge(maximum));
		if (!parsed.ok) return refuse(refusals.notJson());
		const isolated = pool.options.tenantIsolation ?? false;
		if (isolated !== (request.tenantId !== undefined))
			return refuse(refusals.tenant(isolated));

		const answer = { record, payload: Buffer.alloc(0), version };
		if (typeof fault === "object" && "payload" in fault) {
			record.status = 200;
			const { payload, functionError } = fault;
			return {
				...answer,
				status: 200,
				payload: Buffer.from(payload),
				...(functionError !== undefined && { functionError }),
			};
		}
		if (request.invocationType === "DryRun") {
			record.status = 204;
			return { ...answer, status: 204 };
		}
		const job: Job = {
			requestId: record.requestId,
			arn: record.arn,
			payload: request.payload.length ? request.payload : Buffer.from("{}"),
			tenantId: request.tenantId,
			kill: fault === "kill",
		};
		if (request.invocationType === "RequestResponse" && pool.full)
			return refuse(refusals.throttled());
		const delay = request.delivery
			? this.#delivery[request.invocationType]()
			: 0;
		if (request.invocationType === "Event") {
			record.status = 202;
			void this.#track(() => this.#runEvent(pool, job, version, record, delay));
			return { ...answer, status: 202 };
		}
		pool.inFlight += 1;
		const run = await this.#track(async () => {
			if (delay > 0) await this.#sleep(delay);
			return this.#run(pool, job, version, record);
		});
		if (!run) return refuse(refusals.service("Stopped"));
		record.status = 200;
		return {
			...answer,
			status: 200,
			payload: run.payload,
			...(run.failed && { functionError: "Unhandled" }),
		};
	}

	/** Resolves when nothing is under way or queued, and every environment is at rest. */
	async settle(): Promise<void> {
		while (!this.#settled()) {
			await new Promise<void>((resolve) => this.#settleWaiters.push(resolve));
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
		const environments = [...this.#pools.values()].flatMap((pool) => [
			...pool.environments,
		]);
		await Promise.all(
			environments.map((environment) => environment.shutDown("stopped")),
		);
		await this.settle();
	}

	#identify(request: InvokeRequest, payload: unknown) {
		const parsed = parseFunctionName(request.functionName);
		const name = parsed?.name ?? request.functionName;
		const qualifier = request.qualifier ?? parsed?.qualifier;
		const pool = this.#pools.get(name);
		const conflict =
			parsed?.qualifier !== undefined && parsed.qualifier !== qualifier;
		const record: InvocationRecord = {
			requestId: randomUUID(),
			functionName: name,
			qualifier,
			arn: functionArn(name, qualifier),
			invocationType: request.invocationType,
			payload,
			acceptedAt: this.#host.timeline.now(),
			attempts: 0,
			via: request.protocol ? "api" : "direct",
			...(request.protocol && { protocol: request.protocol }),
		};
		return {
			record,
			pool,
			version: pool?.versionOf(qualifier),
			problem: conflict ? refusals.qualifierConflict() : undefined,
		};
	}

	#fault(request: InvokeRequest, record: InvocationRecord): Fault | undefined {
		const { protocol } = request;
		if (!protocol) return undefined;
		const { functionName, qualifier, invocationType, payload } = record;
		const index = this.#apiRequests;
		this.#apiRequests += 1;
		return this.#options.fault?.({
			functionName,
			qualifier,
			invocationType,
			payload,
			protocol,
			index,
		});
	}

	/** One attempt. Counts against the concurrency since before the call, and no more after it. */
	async #run(
		pool: FunctionPool,
		job: Job,
		version: string,
		record: InvocationRecord,
	): Promise<Run | undefined> {
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
	async #runEvent(
		pool: FunctionPool,
		job: Job,
		version: string,
		record: InvocationRecord,
		delay: number,
	): Promise<void> {
		const retryDelays = [
			...(this.#options.eventRetryDelayMs ?? [60_000, 120_000]),
		];
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
			const run = await this.#run(pool, { ...job, kill }, version, record);
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
		record.billedMs =
			(record.billedMs ?? 0) + Math.max(1, Math.ceil(endedAt - startedAt));
	}
	if (coldStart && environment.initMs !== undefined) {
		record.initMs = environment.initMs;
	} else {
		delete record.initMs;
	}
	if (run.failed) record.error = errorTypeOf(run.payload);
	else delete record.error;
};
