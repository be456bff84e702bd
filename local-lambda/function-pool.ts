import type { Host, Job, Outcome } from "./environment-types.js";
import { ExecutionEnvironment } from "./execution-environment.js";
import type { AliasTarget, FunctionOptions } from "./function-options.js";
import type { Reuse } from "./types.js";

/** Chooses one of so many idle environments, the most recently used last, by its index. */
export type Choose = (count: number) => number;

/** How each kind of reuse chooses; `random` draws one number for each choice. */
export const chooseBy = (reuse: Reuse, random: () => number): Choose =>
	({
		"most-recent": (count: number) => count - 1,
		"least-recent": () => 0,
		random: (count: number) => Math.floor(random() * count),
	})[reuse];

/** An outcome, and the environment that it came from. */
export interface Run extends Outcome {
	environment: ExecutionEnvironment;
	coldStart: boolean;
}

const LATEST = "$LATEST";

/** The environments of one function, over all its versions. */
export class FunctionPool {
	readonly environments = new Set<ExecutionEnvironment>();
	readonly name: string;
	/** Invocations that count against the reserved concurrency. */
	inFlight = 0;

	/** The most recently used last. */
	readonly #idle: ExecutionEnvironment[] = [];
	readonly #host: Host;
	readonly #choose: Choose;
	/** Draws the version of an alias that has two. */
	readonly #random: () => number;
	/** Versions never change: each keeps the options of the moment when it was published. */
	readonly #versions = new Map<string, FunctionOptions>();
	#options: FunctionOptions;
	#startedCount = 0;

	constructor(host: Host, name: string, options: FunctionOptions, choose: Choose, random: () => number) {
		this.#host = host;
		this.name = name;
		this.#options = options;
		this.#choose = choose;
		this.#random = random;
		this.#publish();
	}

	/** The options of `$LATEST`. */
	get options(): FunctionOptions {
		return this.#options;
	}

	/** The version that a qualifier stands for, if any; with an alias of two versions, one of them at random. */
	versionOf(qualifier = LATEST): string | undefined {
		const { aliases = {} } = this.#options;
		if (Object.hasOwn(aliases, qualifier)) return this.#route(aliases[qualifier]);
		return qualifier === LATEST || this.#versions.has(qualifier) ? qualifier : undefined;
	}

	/** Whether the reserved concurrency is used up. */
	get isFull(): boolean {
		const { reservedConcurrency = Number.POSITIVE_INFINITY } = this.#options;
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
			if (!environment.isGone && !environment.isRetiring) this.#idle.push(environment);
			return { ...outcome, environment, coldStart: !idle };
		}
	}

	/** Starts an environment ahead of any invocation. Resolves when it is idle, or failed to start. */
	async initialize(version: string, tenantId: string | undefined): Promise<void> {
		const environment = this.#start(version, tenantId);
		await environment.started;
		if (!environment.isGone && !environment.isRetiring) this.#idle.push(environment);
	}

	/** Changes the options of `$LATEST`, publishes versions that are new, and replaces the environments of `$LATEST`. */
	async deploy(changes: Partial<FunctionOptions>): Promise<void> {
		this.#options = { ...this.#options, ...changes };
		this.#publish();
		const outdated = [...this.environments].filter(({ version }) => version === LATEST);
		await Promise.all(
			outdated.map((environment) => {
				this.#removeIdle(environment);
				return environment.retire("deployment");
			}),
		);
	}

	#publish(): void {
		const { aliases = {}, versions = {} } = this.#options;
		const aliased = Object.values(aliases).flatMap((target) =>
			typeof target === "string" ? [target] : Object.keys(target),
		);
		for (const version of [...Object.keys(versions), ...aliased]) {
			if (version === LATEST || this.#versions.has(version)) continue;
			this.#versions.set(version, { ...this.#options, ...versions[version] });
		}
	}

	#route(target: AliasTarget | undefined): string | undefined {
		if (typeof target !== "object") return target;
		let left = this.#random();
		for (const [version, share] of Object.entries(target)) {
			left -= share;
			if (left < 0) return version;
		}
		// Shares that add up to 1 may fall short of it by a rounding error.
		return Object.keys(target).at(-1);
	}

	#takeIdle(version: string, tenantId: string | undefined) {
		const matching = this.#idle.filter(
			(environment) => environment.version === version && environment.tenantId === tenantId,
		);
		const chosen = matching[this.#choose(matching.length)];
		if (chosen) this.#removeIdle(chosen);
		return chosen;
	}

	#removeIdle(environment: ExecutionEnvironment): void {
		const index = this.#idle.indexOf(environment);
		if (index >= 0) this.#idle.splice(index, 1);
	}

	#start(version: string, tenantId: string | undefined) {
		this.#startedCount += 1;
		const environment = new ExecutionEnvironment(
			this.#host,
			{ name: `${this.name}-${this.#startedCount}`, functionName: this.name, version, tenantId },
			this.#versions.get(version) ?? this.#options,
		);
		this.environments.add(environment);
		environment.onGone = () => {
			this.environments.delete(environment);
			this.#removeIdle(environment);
		};
		return environment;
	}
}
