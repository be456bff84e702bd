/**
 * The user's callbacks and other middlewares' clean-ups: bounded by a deadline, reported when they fail, and never fatal
 * to a ping.
 *
 * @module
 */

import type { Request } from "@middy/core";
import type { Environment } from "../environment.js";
import { withDeadline } from "../fan-out/wait.js";
import { MAX_CORRELATION_ID_LENGTH, readText } from "../fan-out/wire.js";
import type { ResolvedOptions } from "../options.js";
import { describeError } from "../report/errors.js";
import type { WarmupEntry, WarmupReport } from "../report/report.js";
import { functionVersion, identify } from "./function.js";

/** The user's callbacks, made safe. Deadlines are in epoch ms. */
export interface Callbacks {
	/** Writes an entry where the user wants it. */
	write(entry: WarmupEntry): void;
	warn(message: string, context: Request["context"]): void;
	/** The correlation id of a ping that has none. */
	correlationId(request: Request): string;
	/** Warns, once, that `isWarmingUp` threw, or returned something other than a boolean. */
	warnInvalidIsWarmingUp(hasThrown: boolean, result: unknown, context: Request["context"]): void;
	onWarmup(request: Request, deadline: number): Promise<void>;
	onReport(report: WarmupReport, request: Request, deadline: number): Promise<void>;
}

/** Wraps the callbacks among the options. */
export function createCallbacks(
	{ log, correlationId, onWarmup, onReport }: ResolvedOptions,
	environment: Environment,
): Callbacks {
	const write = (entry: WarmupEntry): void => {
		try {
			if (typeof log === "function") ignoreRejection(log(entry));
			else if (log && entry.action === "warmer-warning") console.warn(entry);
			else if (log) console.log(entry);
		} catch {
			// The log is where this would be reported.
		}
	};

	const warn = (message: string, context: Request["context"]): void =>
		write({
			action: "warmer-warning",
			function: functionVersion(),
			id: identify(environment, context),
			message,
		});

	const runBounded = async <Argument>(
		name: string,
		callback: ((argument: Argument) => unknown) | undefined,
		argument: Argument,
		context: Request["context"],
		deadline: number,
	): Promise<void> => {
		if (!callback) return;
		try {
			const call = async () => callback(argument);
			if ((await withDeadline(deadline, call(), LATE)) === LATE) {
				warn(`${name} had not finished at the deadline: make it faster, or raise the timeout`, context);
			}
		} catch (error) {
			warn(`${name} failed: ${describeError(error).message}`, context);
		}
	};

	let hasWarned = false;
	return {
		write,
		warn,
		correlationId: ({ event, context }) => {
			const fallback = identify(environment, context);
			if (typeof correlationId !== "function") return correlationId ?? fallback;
			try {
				const result: unknown = correlationId(event, context);
				const id = readText(result, MAX_CORRELATION_ID_LENGTH);
				if (id !== undefined) return id;
				ignoreRejection(result);
				const length = typeof result === "string" ? ` of ${result.length} characters` : "";
				warn(
					`correlationId must return a string of 1 to ${MAX_CORRELATION_ID_LENGTH} characters, but returned a value of type ${typeof result}${length}`,
					context,
				);
			} catch (error) {
				warn(`correlationId threw ${describeError(error).message}`, context);
			}
			return fallback;
		},
		warnInvalidIsWarmingUp: (hasThrown, result, context) => {
			if (hasWarned) return;
			hasWarned = true;
			const misuse = hasThrown
				? `threw ${describeError(result).message}`
				: `must return a boolean, but returned a value of type ${typeof result}`;
			warn(`isWarmingUp ${misuse}: the event was treated as a request`, context);
		},
		onWarmup: (request, deadline) => runBounded("onWarmup", onWarmup, request, request.context, deadline),
		onReport: (report, { context }, deadline) => runBounded("onReport", onReport, report, context, deadline),
	};
}

const LATE = Symbol("late");

/**
 * Where Powertools' middlewares leave what to do when a later middleware returns early, in the order in which they do it
 * themselves (`cleanupMiddlewares` of @aws-lambda-powertools/commons).
 */
const POWERTOOLS_CLEANUPS = ["tracer", "metrics", "logger", "idempotency"].map((name) => `powertools-for-aws.${name}`);

/**
 * Ends what Powertools' middlewares before this one have begun. Otherwise later requests get the ping's trace, and its
 * metrics wait for the next one. Failures are not reported: `throwOnEmptyMetrics` would cause one with every ping.
 */
export async function cleanUp(request: Request, deadline: number): Promise<void> {
	const call = async (name: string) => {
		// Read again for each, since Powertools' middlewares replace the object.
		const internal = request.internal as Record<string, unknown>;
		if (Object.hasOwn(internal, name)) await (internal[name] as (request: Request) => unknown)(request);
	};
	for (const name of POWERTOOLS_CLEANUPS) {
		await withDeadline(deadline, call(name), undefined).catch(() => {});
	}
}

/** An unhandled rejection would end the process. */
function ignoreRejection(result: unknown): void {
	Promise.resolve(result).catch(() => {});
}
