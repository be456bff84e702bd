import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import * as core from "@middy/core";
import type { Context } from "aws-lambda";
import * as warmer from "../../../src/index.js";
import { contextFor, fakeClient, logbook } from "../../support.js";
import { runRecipe } from "./support/recipe.js";
import { startXRayDaemon, type XRayDaemon } from "./support/xray-daemon.js";

const { default: middy } = core;
const { default: warmup } = warmer;

// Powertools and the X-Ray SDK find out when they are loaded whether they run on Lambda.
const load = async () => ({
	idempotency: await import("@aws-lambda-powertools/idempotency"),
	idempotencyMiddleware: await import("@aws-lambda-powertools/idempotency/middleware"),
	logger: await import("@aws-lambda-powertools/logger"),
	loggerMiddleware: await import("@aws-lambda-powertools/logger/middleware"),
	metrics: await import("@aws-lambda-powertools/metrics"),
	metricsMiddleware: await import("@aws-lambda-powertools/metrics/middleware"),
	persistence: await import("@aws-lambda-powertools/idempotency/persistence"),
	tracer: await import("@aws-lambda-powertools/tracer"),
	tracerMiddleware: await import("@aws-lambda-powertools/tracer/middleware"),
});
let powertools: Awaited<ReturnType<typeof load>>;
let daemon: XRayDaemon;
const originalEnv = process.env;

beforeAll(async () => {
	daemon = await startXRayDaemon();
	process.env = {
		...originalEnv,
		_HANDLER: "index.handler",
		AWS_EXECUTION_ENV: "AWS_Lambda_nodejs22.x",
		AWS_LAMBDA_FUNCTION_NAME: "api",
		AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
		AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
		AWS_REGION: "eu-west-1",
		AWS_XRAY_DAEMON_ADDRESS: daemon.address,
		LAMBDA_TASK_ROOT: "/var/task",
	};
	powertools = await load();
});
afterAll(async () => {
	process.env = originalEnv;
	await daemon.close();
});

let written: string;
beforeEach(() => {
	written = "";
	jest.spyOn(console, "log").mockImplementation(() => {});
	// Powertools writes to the streams, past the global console.
	for (const stream of [process.stdout, process.stderr]) {
		jest.spyOn(stream, "write").mockImplementation((chunk) => {
			written += String(chunk);
			return true;
		});
	}
});
afterEach(() => {
	jest.restoreAllMocks();
});

/** Values of a metric that have been published, a number for each time. */
const published = (name: string): unknown[] =>
	written
		.split("\n")
		.filter((line) => line.includes('"_aws"'))
		.map((line) => (JSON.parse(line) as Record<string, unknown>)[name])
		.filter((value) => value !== undefined);

const context = (): Context =>
	Object.assign(contextFor(), {
		functionName: "api",
		memoryLimitInMB: "128",
		awsRequestId: "request",
	});

let traces = 0;
/** Hands an event to a handler as Lambda does: with a trace of its own, whose id is returned beside the answer. */
const invoke = async (
	handler: (event: unknown, context: Context) => unknown,
	event: unknown,
): Promise<{ answer: unknown; trace: string }> => {
	const trace = `1-5759e988-${String(++traces).padStart(24, "0")}`;
	process.env._X_AMZN_TRACE_ID = `Root=${trace};Parent=53995c3f42cd8ad8;Sampled=1`;
	return { answer: await handler(event, context()), trace };
};

const ping = { warmer: true, concurrency: 2 };
const business = { rawPath: "/orders" };

const quiet = () => ({ AwsClient: fakeClient().AwsClient, log: false });

describe("Tracer", () => {
	const traced = (position: "before" | "after") => {
		const tracer = new powertools.tracer.Tracer();
		const capture = powertools.tracerMiddleware.captureLambdaHandler(tracer);
		const warm = warmup(quiet());
		return middy()
			.use(position === "before" ? [capture, warm] : [warm, capture])
			.handler(async () => "business");
	};

	test("before it: the ping's segment is closed, and the next request has its own trace", async () => {
		const handler = traced("before");
		const first = await invoke(handler, ping);
		expect(first.answer).toBe("warmed");
		expect(await daemon.take(1)).toEqual([
			expect.objectContaining({
				name: "## index.handler",
				trace_id: first.trace,
			}),
		]);
		const second = await invoke(handler, business);
		expect(second.answer).toBe("business");
		expect(await daemon.take(1)).toEqual([
			expect.objectContaining({
				name: "## index.handler",
				trace_id: second.trace,
			}),
		]);
		expect(daemon.untaken).toEqual([]);
	});

	test("after it: the ping has no segment, and the next request has its own trace", async () => {
		const handler = traced("after");
		await invoke(handler, ping);
		const { trace } = await invoke(handler, business);
		expect(await daemon.take(1)).toEqual([expect.objectContaining({ trace_id: trace })]);
		expect(daemon.untaken).toEqual([]);
	});

	test("a child that is held closes its segment as well", async () => {
		const { trace } = await invoke(traced("before"), {
			...ping,
			__WARMER_INVOCATION__: 2,
		});
		expect(await daemon.take(1)).toEqual([expect.objectContaining({ trace_id: trace })]);
	});
});

describe("Metrics", () => {
	const measured = (position: "before" | "after", options: { throwOnEmptyMetrics?: boolean } = {}) => {
		const metrics = new powertools.metrics.Metrics({
			namespace: "Orders",
			serviceName: "orders",
		});
		const { log, warnings } = logbook();
		const capture = powertools.metricsMiddleware.logMetrics(metrics, options);
		const add = {
			before: () => {
				metrics.addMetric("Invocations", "Count", 1);
			},
		};
		const warm = warmup({ ...quiet(), log });
		const handler = middy()
			.use(position === "before" ? [capture, add, warm] : [warm, capture, add])
			.handler(async () => "business");
		const bare = middy()
			.use([capture, warm])
			.handler(async () => "business");
		return { handler, bare, warnings };
	};

	test("before it: what was stored is published with the ping, and not with the next request", async () => {
		const { handler } = measured("before");
		await invoke(handler, ping);
		expect(published("Invocations")).toEqual([1]);
		await invoke(handler, business);
		expect(published("Invocations")).toEqual([1, 1]);
	});

	test("after it: a ping publishes nothing", async () => {
		const { handler } = measured("after");
		await invoke(handler, ping);
		expect(published("Invocations")).toEqual([]);
		await invoke(handler, business);
		expect(published("Invocations")).toEqual([1]);
	});

	test("that must not be empty do not fail a ping which stored none", async () => {
		const { bare } = measured("before", { throwOnEmptyMetrics: true });
		expect((await invoke(bare, ping)).answer).toBe("warmed");
	});
});

describe("Logger", () => {
	const logged = (position: "before" | "after") => {
		const logger = new powertools.logger.Logger({ serviceName: "orders" });
		const inject = powertools.loggerMiddleware.injectLambdaContext(logger, {
			resetKeys: true,
		});
		const append = {
			before: ({ event }: { event: unknown }) => {
				logger.appendKeys({ event });
			},
		};
		const warm = warmup(quiet());
		const handler = middy()
			.use(position === "before" ? [inject, append, warm] : [warm, inject, append])
			.handler(async () => "business");
		return { logger, handler };
	};

	test.each(["before", "after"] as const)("%s it: keys of a ping are not in later entries", async (position) => {
		const { logger, handler } = logged(position);
		await invoke(handler, ping);
		logger.info("between");
		const entries = written.trim().split("\n");
		expect(JSON.parse(entries.at(-1) ?? "")).not.toHaveProperty("event");
		expect(entries.at(-1)).toContain("between");
	});
});

describe("Idempotency", () => {
	/** Records in memory, by their keys. */
	const memory = () => {
		const { IdempotencyItemAlreadyExistsError } = powertools.idempotency;
		const { BasePersistenceLayer, IdempotencyRecord } = powertools.persistence;
		type Saved = InstanceType<typeof IdempotencyRecord>;
		const records = new Map<string, Saved>();
		class Memory extends BasePersistenceLayer {
			protected override async _deleteRecord({ idempotencyKey }: Saved) {
				records.delete(idempotencyKey);
			}
			protected override async _getRecord(key: string): Promise<Saved> {
				const found = records.get(key);
				if (!found) throw new Error(`no record ${key}`);
				return found;
			}
			protected override async _putRecord(record: Saved) {
				const { idempotencyKey } = record;
				if (records.has(idempotencyKey)) {
					throw new IdempotencyItemAlreadyExistsError(idempotencyKey);
				}
				records.set(idempotencyKey, record);
			}
			protected override async _updateRecord(record: Saved) {
				records.set(record.idempotencyKey, record);
			}
		}
		return { records, store: new Memory() };
	};

	const idempotent = (position: "before" | "after", key: string) => {
		const { records, store } = memory();
		const { makeHandlerIdempotent } = powertools.idempotencyMiddleware;
		const { IdempotencyConfig } = powertools.idempotency;
		const once = makeHandlerIdempotent({
			persistenceStore: store,
			config: new IdempotencyConfig({ eventKeyJmesPath: key }),
		});
		const warm = warmup(quiet());
		let runs = 0;
		const handler = middy()
			.use(position === "before" ? [once, warm] : [warm, once])
			.handler(async () => ({ run: ++runs }));
		return { records, handler };
	};

	test.each([
		["after it, whatever the key", "after", ""],
		["before it, with a key that a ping does not have", "before", "rawPath"],
	] as const)("%s: pings leave no record, requests do", async (_, position, key) => {
		const { records, handler } = idempotent(position, key);
		for (let i = 0; i < 2; i++) {
			expect((await invoke(handler, ping)).answer).toBe("warmed");
		}
		expect(records.size).toBe(0);
		for (let i = 0; i < 2; i++) {
			expect((await invoke(handler, business)).answer).toEqual({ run: 1 });
		}
		expect(records.size).toBe(1);
	});
});

test("by the recipe, a request after a ping is no cold start to Tracer, Metrics or Logger", async () => {
	const { handler } = runRecipe("powertools.ts", {
		"@aws-lambda-powertools/logger": powertools.logger,
		"@aws-lambda-powertools/logger/middleware": powertools.loggerMiddleware,
		"@aws-lambda-powertools/metrics": powertools.metrics,
		"@aws-lambda-powertools/metrics/middleware": powertools.metricsMiddleware,
		"@aws-lambda-powertools/tracer": powertools.tracer,
		"@aws-lambda-powertools/tracer/middleware": powertools.tracerMiddleware,
		"@middy/core": core,
		"middy-lambda-warmer": warmer,
	}) as { handler: (event: unknown, context: Context) => unknown };

	await invoke(handler, { warmer: true, concurrency: 1 });
	expect(published("ColdStart")).toEqual([1]);
	const [segment] = await daemon.take(1);
	expect(segment?.annotations?.ColdStart).toBe(true);

	written = "";
	await invoke(handler, business);
	expect(published("ColdStart")).toEqual([]);
	const [later] = await daemon.take(1);
	expect(later?.annotations?.ColdStart).toBe(false);
	expect(written).toContain('"message":"an order"');
	expect(written).toContain('"cold_start":false');
});
