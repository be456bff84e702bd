import type { PluginUtils } from "./framework.js";
import type { Invoke } from "./invoke.js";
import type { WarmFunction } from "./resources.js";
import { largestConcurrency, pingOf } from "./settings.js";

/** Permissions of a deployment may take some seconds to apply. */
const ATTEMPTS = 3;
const PAUSE_MS = 5000;

/** The fields of the middleware's report that matter here. */
interface Report {
	readonly action: "warmer-report";
	readonly requested: number;
	readonly warmed: number;
	readonly skipped?: string;
	readonly demand?: object;
	readonly errors: readonly { readonly message: string; readonly hint?: string }[];
}

/** Pings functions around a deployment. */
export class Prewarm {
	readonly #invoke: Invoke;
	readonly #log: PluginUtils["log"];
	readonly #demands = new Map<string, object>();

	constructor(invoke: Invoke, log: PluginUtils["log"]) {
		this.#invoke = invoke;
		this.#log = log;
	}

	/** Asks the versions that are about to be replaced what they know of the traffic. Never rejects. */
	async remember(functions: readonly WarmFunction[]): Promise<void> {
		await Promise.all(
			functions.map(async (fn) => {
				try {
					const { demand } = await this.#ping(fn);
					if (demand) this.#demands.set(fn.name, demand);
				} catch (error) {
					// As for every function in its first deployment.
					this.#log.info(`warmup: ${fn.name} has no demand to hand over: ${messageOf(error)}`);
				}
			}),
		);
	}

	/**
	 * Warms the new versions, and tells them what the versions before knew. A shortfall is a warning.
	 *
	 * @returns the shortfalls below a function's `minimumCoverage`, in sentences
	 */
	async warm(functions: readonly WarmFunction[]): Promise<string[]> {
		const failures = await Promise.all(functions.map((fn) => this.#warmFunction(fn)));
		return failures.filter((failure) => failure !== undefined);
	}

	async #warmFunction(fn: WarmFunction): Promise<string | undefined> {
		const { prewarm } = fn.settings;
		const minimumCoverage = typeof prewarm === "object" ? prewarm.minimumCoverage : undefined;
		let shortfall = "";
		for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
			if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
			try {
				const report = await this.#ping(fn);
				if (report.warmed / report.requested >= (minimumCoverage ?? 1)) {
					this.#log.notice(`warmup: ${fn.name} has ${report.warmed} warm execution environment(s)`);
					return undefined;
				}
				shortfall = describeShortfall(report);
			} catch (error) {
				shortfall = messageOf(error);
			}
		}
		const sentence = `${fn.name} is not warm: ${shortfall}`;
		if (minimumCoverage !== undefined) return sentence;
		this.#log.warning(`warmup: ${sentence}`);
		return undefined;
	}

	async #ping({ name, lambdaName, settings, target }: WarmFunction): Promise<Report> {
		const demand = this.#demands.get(name);
		const ping = {
			...pingOf(settings, largestConcurrency(settings)),
			report: true,
			...(demand && { demand }),
		};
		const answer = await this.#invoke(lambdaName, target.qualifier, JSON.stringify(ping));
		return reportIn(answer);
	}
}

// A string in JSON, or what a streaming function wrote.
function reportIn(answer: string): Report {
	try {
		const value: unknown = JSON.parse(answer);
		const report: unknown = typeof value === "string" ? JSON.parse(value) : value;
		if (isReport(report)) return report;
	} catch {
		// Not a report either way.
	}
	throw new Error(`the function answered without a report. Is the middleware its first one? It answered ${answer}`);
}

function isReport(value: unknown): value is Report {
	return Object(value).action === "warmer-report";
}

function describeShortfall({ warmed, requested, skipped, errors }: Report): string {
	const causes = errors.map(({ message, hint }) => hint ?? message);
	return [`${warmed} of ${requested} execution environments reached`, skipped, ...causes].filter(Boolean).join("; ");
}

function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
