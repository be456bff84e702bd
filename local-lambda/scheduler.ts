import { setImmediate } from "node:timers/promises";
import { type Admitted, admit } from "./admission.js";
import { createDelivery, createRandom } from "./delivery.js";
import type { Host } from "./environment-types.js";
import type { Fault } from "./fault.js";
import { chooseBy, FunctionPool, type Run } from "./function-pool.js";
import { createRecord, recordAttempt } from "./invocation-record.js";
import { type Answer, type InvokeRequest, refuse } from "./invoke-request.js";
import type { LocalLambdaOptions } from "./options.js";
import { refusalOfFault, refusals } from "./refusals.js";
import { Sleeper } from "./sleeper.js";
import type { InvocationRecord } from "./types.js";

const MAX_EVENT_AGE_MS = 6 * 3600 * 1000;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 5 * 60 * 1000;

/**
 * An environment logs before it comes to rest, but through another pipe. The next turn of the event loop reads what is
 * in that pipe, and the one after reads its end, which completes a last line; the first turn is the present one.
 */
const QUIET_TURNS = 3;

const noAnswerOf = (fault: Fault | undefined): Answer["noAnswer"] => {
	if (fault === "hang" || fault === "reset") return fault;
	return typeof fault === "object" && "code" in fault ? fault : undefined;
};

/** Accepts requests, delays them, and has them served. */
export class Scheduler {
	/** Every request, in the order of acceptance. */
	readonly invocations: InvocationRecord[] = [];
	readonly #host: Host;
	readonly #options: LocalLambdaOptions;
	readonly #pools: Map<string, FunctionPool>;
	readonly #delivery: ReturnType<typeof createDelivery>;
	readonly #sleeper = new Sleeper();
	#settleWaiters: (() => void)[] = [];
	#activeCount = 0;
	#apiRequestCount = 0;
	#isStopped = false;

	constructor(host: Host, options: LocalLambdaOptions) {
		this.#host = host;
		this.#options = options;
		const { functions, seed = 1, reuse = "most-recent" } = options;
		this.#delivery = createDelivery(seed, options.delivery);
		const choose = chooseBy(reuse, createRandom(seed ^ 0x2545f491));
		const random = createRandom(seed ^ 0x27d4eb2f);
		this.#pools = new Map(
			Object.entries(functions).map(([name, fn]) => [name, new FunctionPool(host, name, fn, choose, random)]),
		);
	}

	/** The environments of one function. Throws if there is no such function. */
	pool(functionName: string): FunctionPool {
		const pool = this.#pools.get(functionName);
		if (!pool) throw new RangeError(`no function ${functionName} exists in this local Lambda`);
		return pool;
	}

	/** Kills an environment. Throws if there is none of that name. */
	async kill(environmentName: string): Promise<void> {
		for (const pool of this.#pools.values()) {
			for (const environment of pool.environments) {
				if (environment.name !== environmentName) continue;
				return environment.shutDown("with error: signal: killed");
			}
		}
		throw new RangeError(`no environment ${environmentName} is running`);
	}

	/**
	 * Answers a request. Everything up to acceptance or refusal happens before this returns its promise, so requests are
	 * accepted (and delays drawn, and concurrency counted) in the order of the calls.
	 */
	async invoke(request: InvokeRequest): Promise<Answer> {
		const record = createRecord(request, this.#host.timeline.now());
		this.invocations.push(record);
		if (request.refusal) return refuse(record, request.refusal);
		const fault = this.#faultOf(record);
		const noAnswer = noAnswerOf(fault);
		if (noAnswer) {
			record.error = typeof noAnswer === "string" ? noAnswer : "reset stream";
			return { record, status: 0, payload: Buffer.alloc(0), noAnswer };
		}
		if (this.#isStopped) return refuse(record, refusals.service("Stopped"));
		const injected = fault && refusalOfFault(fault, record.arn);
		if (injected) return refuse(record, injected);
		const admitted = admit(request, record, this.#pools, fault === "kill");
		if ("body" in admitted) return refuse(record, admitted);
		const answer = await this.#answer(request, admitted, fault);
		return typeof fault === "object" && "by" in fault ? { ...answer, cut: fault } : answer;
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
			const delayMs = delivery ? this.#delivery.Event() : 0;
			void this.#track(() => this.#runEvent(admitted, delayMs));
			return answer(202);
		}
		if (pool.isFull) return refuse(record, refusals.reservedConcurrencyExceeded());
		pool.inFlight += 1;
		const delayMs = delivery ? this.#delivery.RequestResponse() : 0;
		const run = await this.#track(async () => {
			if (delayMs > 0) await this.#sleeper.sleep(delayMs);
			// Requests that arrive together are taken together: Lambda has more than one event loop.
			else await setImmediate();
			return this.#run(admitted);
		});
		if (!run) return refuse(record, refusals.service("Stopped"));
		return answer(200, run.payload, run.failed ? "Unhandled" : undefined);
	}

	/**
	 * Resolves when nothing is running or queued, every environment is at rest, and everything that they logged has been
	 * read.
	 */
	async settle(): Promise<void> {
		const { logs } = this.#host;
		let quietTurns = 0;
		while (quietTurns < QUIET_TURNS) {
			if (!this.#isSettled()) {
				await new Promise<void>((resolve) => this.#settleWaiters.push(resolve));
			}
			const lineCount = logs.length;
			await setImmediate();
			quietTurns = this.#isSettled() && logs.length === lineCount ? quietTurns + 1 : 0;
		}
	}

	/** Something has ended: callers of `settle` look again. */
	readonly onRest = (): void => {
		if (this.#settleWaiters.length === 0 || !this.#isSettled()) return;
		for (const wake of this.#settleWaiters.splice(0)) wake();
	};

	/** Shuts down all environments, and ends every wait. */
	async stop(): Promise<void> {
		this.#isStopped = true;
		this.#sleeper.wakeAll();
		const environments = [...this.#pools.values()].flatMap((pool) => [...pool.environments]);
		await Promise.all(environments.map((environment) => environment.shutDown("stopped")));
		await this.settle();
	}

	#faultOf({ functionName, qualifier, invocationType, payload, protocol }: InvocationRecord): Fault | undefined {
		if (!protocol) return undefined;
		const index = this.#apiRequestCount;
		this.#apiRequestCount += 1;
		return this.#options.fault?.({ functionName, qualifier, invocationType, payload, protocol, index });
	}

	/** One attempt. The caller has counted it in `inFlight`. */
	async #run({ record, pool, version, job }: Admitted): Promise<Run | undefined> {
		try {
			if (this.#isStopped) return undefined;
			const run = await pool.run(job, version);
			recordAttempt(record, run);
			return run;
		} finally {
			pool.inFlight -= 1;
		}
	}

	/** Runs an `Event` from the queue: a throttled one goes back, and a function error is retried. */
	async #runEvent({ record, pool, job, ...admitted }: Admitted, delayMs: number): Promise<void> {
		const retryDelays = [...(this.#options.eventRetryDelayMs ?? [60_000, 120_000])];
		let waitMs: number | undefined = delayMs;
		let backoffMs = FIRST_BACKOFF_MS;
		while (waitMs !== undefined) {
			if (waitMs > 0) await this.#sleeper.sleep(waitMs);
			const ageMs = this.#host.timeline.now() - record.acceptedAt;
			if (this.#isStopped || ageMs > MAX_EVENT_AGE_MS) return;
			if (pool.isFull) {
				waitMs = backoffMs;
				backoffMs = Math.min(2 * backoffMs, MAX_BACKOFF_MS);
				continue;
			}
			pool.inFlight += 1;
			const kill = job.kill && record.attempts === 0;
			const run = await this.#run({ ...admitted, record, pool, job: { ...job, kill } });
			waitMs = run?.failed ? retryDelays.shift() : undefined;
		}
	}

	async #track<T>(work: () => Promise<T>): Promise<T> {
		this.#activeCount += 1;
		try {
			return await work();
		} finally {
			this.#activeCount -= 1;
			this.onRest();
		}
	}

	#isSettled(): boolean {
		if (this.#activeCount > 0) return false;
		return [...this.#pools.values()].every((pool) =>
			[...pool.environments].every((environment) => environment.isAtRest),
		);
	}
}
