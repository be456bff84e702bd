/** One cell: a handler in real processes, given a business request, a ping and children. */

import assert from "node:assert/strict";
import { type LocalLambda, type Protocol, startLocalLambda } from "../../../local-lambda/index.js";
import type { WarmupReport } from "../../../src/index.js";
import type { Row } from "./matrix.js";

const concurrency = 2;

/** Timeout, in ms, of the function that finds no way to Lambda's API. */
const shortTimeoutMs = 1000;

/** A durable function takes a qualified name only; for the others, one qualifier is as good as another. */
const qualifier = "live";

const child = {
	warmer: true,
	__WARMER_INVOCATION__: 2,
	__WARMER_CONCURRENCY__: concurrency,
	__WARMER_CORRELATIONID__: "compat",
};

/** Runs a handler on the local Lambda, with the SDK where it is asked for. Rejects with what is wrong. */
export const runCell = async (
	handler: string,
	{ mode, loading }: Row,
	runtime: readonly [string, ...string[]],
	protocol: Protocol = "h2",
	environment: { WITH_SDK?: "yes" } = {},
): Promise<void> => {
	const aliases = { [qualifier]: "1" };
	const lambda = await startLocalLambda({
		functions: {
			compat: { handler, runtime, aliases, environment, timeoutMs: 20_000 },
			isolated: { handler, runtime, aliases, environment, timeoutMs: shortTimeoutMs },
		},
		tls: { protocols: [protocol] },
		fault: ({ functionName }) => (functionName === "isolated" ? "hang" : undefined),
	});
	try {
		await checkBusinessRequest(lambda, mode);
		await checkPing(lambda, protocol);
		await checkChildren(lambda);
		// It takes the function's timeout, and the way of loading does not change it.
		if (loading === "import") await checkDeadline(lambda);
	} catch (error) {
		const log = lambda.logs.map(({ message }) => JSON.stringify(message));
		throw new Error([error instanceof Error ? error.message : error, ...log].join("\n"));
	} finally {
		await lambda.stop();
	}
};

const invoke = async (lambda: LocalLambda, event: unknown, functionName = "compat") => {
	const { payload, functionError } = await lambda.invoke(functionName, event, { qualifier });
	assert.equal(functionError, undefined, JSON.stringify(payload));
	return payload;
};

const businessRuns = ({ logs }: LocalLambda): number => logs.filter(({ message }) => message === "business").length;

const checkBusinessRequest = async (lambda: LocalLambda, mode: Row["mode"]): Promise<void> => {
	assert.deepEqual(
		await invoke(lambda, { rawPath: "/" }),
		mode === "streamified" ? "business" : { statusCode: 200, body: "business" },
	);
	assert.equal(businessRuns(lambda), 1);
	assert.equal(lambda.invocations.length, 1);
};

const checkPing = async (lambda: LocalLambda, protocol: Protocol): Promise<void> => {
	lambda.reset();
	assert.equal(await invoke(lambda, { warmer: true, concurrency }), "warmed");
	await lambda.settle();
	const report = lambda.logs
		.map(({ message }) => message as WarmupReport | null)
		.find((entry) => entry?.action === "warmer-report");
	assert.ok(report, "no report");
	assert.deepEqual(
		[report.target, report.warmed, report.errors, report.protocol],
		[lambda.arn("compat", qualifier), concurrency, [], protocol],
	);
	const pids = new Set(lambda.invocations.map(({ pid }) => pid));
	assert.equal(pids.size, concurrency, "distinct processes");
	assert.equal(businessRuns(lambda), 0, "the business handler ran");
};

const checkChildren = async (lambda: LocalLambda): Promise<void> => {
	lambda.reset();
	const verifying = { ...child, __WARMER_VERIFY__: true };
	const answer = await invoke(lambda, verifying);
	// A stream's answer comes as it is, and has been parsed already.
	const { action, start } = typeof answer === "string" ? JSON.parse(answer) : answer;
	assert.deepEqual([action, start], ["warmer", "warm"]);
	assert.equal(await invoke(lambda, child), "warmed");
	assert.equal(lambda.invocations.length, 2, "a child fanned out");
	assert.equal(businessRuns(lambda), 0, "the business handler ran");
};

/** Whatever the context looks like in this mode, the initiator finds in it when to give up. */
const checkDeadline = async (lambda: LocalLambda): Promise<void> => {
	const ping = { warmer: true, concurrency };
	assert.equal(await invoke(lambda, ping, "isolated"), "warmed");
};
