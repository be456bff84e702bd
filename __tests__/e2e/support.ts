import { readFileSync } from "node:fs";
import {
	type FunctionOptions,
	type InvocationRecord,
	type InvokeOptions,
	type InvokeResult,
	type LocalLambda,
	type LocalLambdaOptions,
	type LogLine,
	startLocalLambda,
} from "../../local-lambda/index.js";
import type { WarmupEntry, WarmupOptions, WarmupRecord, WarmupReport } from "../../src/index.js";

/** A file of a handler that the tests share. */
export const handlerUrl = (name: string): URL => new URL(`./handlers/${name}.mjs`, import.meta.url);

/** A function whose middleware gets these options. */
export const service = (
	options: WarmupOptions = {},
	{ environment, ...fn }: Partial<FunctionOptions> = {},
): FunctionOptions => ({
	handler: handlerUrl("api"),
	// No test waits for this; a machine with much else to do may come near a shorter one.
	timeoutMs: 60_000,
	environment: {
		WARMUP_OPTIONS: JSON.stringify(options),
		// Of the Node.js version, on standard error: tests look for errors there.
		AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
		...environment,
	},
	...fn,
});

/** A local Lambda with one function, `api`. */
export const startApi = (
	fn: FunctionOptions = service(),
	options: Partial<LocalLambdaOptions> = {},
): Promise<LocalLambda> => startLocalLambda({ functions: { api: fn }, ...options });

const isEntry = (message: unknown): message is WarmupEntry =>
	String((message as WarmupEntry | null)?.action).startsWith("warmer");

const entriesOf = (lambda: LocalLambda): WarmupEntry[] =>
	lambda.logs.flatMap(({ message }) => (isEntry(message) ? [message] : []));

export const recordsOf = (lambda: LocalLambda): WarmupRecord[] =>
	entriesOf(lambda).filter((entry) => entry.action === "warmer");

export const reportsOf = (lambda: LocalLambda): WarmupReport[] =>
	entriesOf(lambda).filter((entry) => entry.action === "warmer-report");

export const warningsOf = (lambda: LocalLambda): string[] =>
	entriesOf(lambda).flatMap((entry) => (entry.action === "warmer-warning" ? [entry.message] : []));

/** What was logged as an error: by the runtime, too, of what nobody caught. */
export const errorsOf = (lambda: LocalLambda, environment?: string) =>
	lambda.logs.filter(
		(line: LogLine) =>
			(line.level === "ERROR" || line.level === "FATAL") &&
			(environment === undefined || line.environment === environment),
	);

/** The requests that came through the Invoke API. */
export const childrenOf = (lambda: LocalLambda): InvocationRecord[] =>
	lambda.invocations.filter(({ via }) => via === "api");

/** The processes that served these requests. */
export const pidsOf = (requests: readonly InvocationRecord[]): Set<number> =>
	new Set(requests.flatMap(({ pid }) => pid ?? []));

/** How many of these requests were under way at the same time, at most. */
export const maxBusyAtOnce = (requests: readonly InvocationRecord[]): number =>
	Math.max(
		...requests.map(
			({ acceptedAt: now }) =>
				requests.filter(({ acceptedAt, endedAt = Number.POSITIVE_INFINITY }) => acceptedAt <= now && now < endedAt)
					.length,
		),
	);

/** A ping, and what came of it. */
export interface Pinged extends InvokeResult {
	/** All requests that it consists of. */
	requests: InvocationRecord[];
	/** The initiator's one report. */
	report: WarmupReport;
}

/** Pings a function, and waits until all that belongs to the ping is over and has been logged. */
export const ping = async (lambda: LocalLambda, event: object, options?: InvokeOptions): Promise<Pinged> => {
	await lambda.settle();
	const before = lambda.invocations.length;
	const reportsBefore = reportsOf(lambda).length;
	const result = await lambda.invoke("api", event, options);
	await lambda.settle();
	const [report] = reportsOf(lambda).slice(reportsBefore);
	if (!report) throw new Error("There is no report");
	return { ...result, report, requests: lambda.invocations.slice(before) };
};

/** What `diagnostics.mjs` tells. */
export interface Diagnosis {
	event: unknown;
	pid: number;
	resources: string[];
	files: number;
	memory?: number;
}

/** So many simultaneous business requests. */
export const rush = (lambda: LocalLambda, count: number, options?: InvokeOptions): Promise<InvokeResult[]> =>
	Promise.all(Array.from({ length: count }, () => lambda.invoke("api", { path: "/" }, options)));

/** What an environment tells in a business request, or else the one that was used last. The lambda must be settled. */
export const diagnose = async (
	lambda: LocalLambda,
	environment?: string,
): Promise<Diagnosis & Pick<InvokeResult, "environment">> => {
	const alive = lambda.timeline.environments().filter(({ spans }) => spans.at(-1)?.kind === "frozen");
	// Simultaneous requests find each of them.
	const answers = await rush(lambda, environment ? alive.length : 1);
	const answer = answers.find((answer) => environment === undefined || answer.environment === environment);
	if (!answer) throw new Error(`${environment} is gone`);
	return {
		...(answer.payload as Diagnosis),
		environment: answer.environment,
	};
};

/** States of TCP in which a client's socket is still there: established, or closed by the service alone. */
const OPEN = new Set(["01", "08"]);

/** Connections that clients of the Invoke API hold open, whatever their processes know of them (count). */
export const openConnections = ({ endpoint }: LocalLambda): number => {
	const port = Number(new URL(endpoint).port).toString(16).padStart(4, "0");
	return readFileSync("/proc/net/tcp", "utf8")
		.split("\n")
		.map((line) => line.trim().split(/\s+/))
		.filter(([, , remote = "", state = ""]) => remote.endsWith(`:${port.toUpperCase()}`) && OPEN.has(state)).length;
};
