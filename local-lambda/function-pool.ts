import { Environment, type Host, type Job, type Outcome } from "./environment.js";
import type { FunctionOptions, Reuse } from "./types.js";

/** Chooses one of so many idle environments, the most recently used last, by its index. */
export type Choose = (count: number) => number;

/** How each way of reuse chooses; `random` draws once a choice. */
export const chooseBy = (reuse: Reuse, random: () => number): Choose =>
	({
		"most-recent": (count: number) => count - 1,
		"least-recent": () => 0,
		random: (count: number) => Math.floor(random() * count),
	})[reuse];

/** An outcome, and who is responsible for it. */
export interface Run extends Outcome {
	environment: Environment;
	coldStart: boolean;
}

/** The environments of one function, over all versions. */
export class FunctionPool {
	readonly environments = new Set<Environment>();
	/** Invocations that count against the reserved concurrency. */
	inFlight = 0;

	/** The most recently used last. */
	readonly #idle: Environment[] = [];
	readonly #host: Host;
	readonly #choose: Choose;
	#started = 0;

	constructor(
		host: Host,
		readonly name: string,
		readonly options: FunctionOptions,
		choose: Choose,
	) {
		this.#host = host;
		this.#choose = choose;
	}

	/** The version that a qualifier stands for, if any. */
	versionOf(qualifier = "$LATEST"): string | undefined {
		if (qualifier === "$LATEST") return qualifier;
		const { aliases = {} } = this.options;
		if (Object.hasOwn(aliases, qualifier)) return aliases[qualifier];
		return Object.values(aliases).find((version) => version === qualifier);
	}

	/** Whether the reserved concurrency is used up. */
	get full(): boolean {
		const { reservedConcurrency = Number.POSITIVE_INFINITY } = this.options;
		return this.inFlight >= reservedConcurrency;
	}

	/**
	 * Has an invocation served by an idle environment of that version (and tenant), or else by a new one. An invocation
	 * that caused a cold start is bound to the new environment: it does not move to another one that becomes idle in the
	 * meantime.
	 */
	async run(job: Job, version: string): Promise<Run> {
		for (;;) {
			const idle = this.#takeIdle(version, job.tenantId);
			const environment = idle ?? this.#start(version, job.tenantId);
			const outcome = await environment.serve(job);
			if (!outcome) continue;
			if (!environment.gone) this.#idle.push(environment);
			return { ...outcome, environment, coldStart: !idle };
		}
	}

	#takeIdle(version: string, tenantId: string | undefined) {
		const fitting = this.#idle.filter(
			(environment) => environment.version === version && environment.tenantId === tenantId,
		);
		const chosen = fitting[this.#choose(fitting.length)];
		if (chosen) this.#idle.splice(this.#idle.indexOf(chosen), 1);
		return chosen;
	}

	#start(version: string, tenantId: string | undefined) {
		this.#started += 1;
		const environment = new Environment(this.#host, this.name, this.options, version, tenantId, this.#started);
		this.environments.add(environment);
		environment.onGone = () => {
			this.environments.delete(environment);
			const index = this.#idle.indexOf(environment);
			if (index >= 0) this.#idle.splice(index, 1);
		};
		return environment;
	}
}
