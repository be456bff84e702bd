import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import * as core from "@middy/core";
import * as api from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import type { Context } from "aws-lambda";
import * as warmer from "../../../src/index.js";
import { contextFor } from "../../support.js";
import { runRecipe } from "./support/recipe.js";
import { startXRayDaemon, type XRayDaemon } from "./support/xray-daemon.js";

type Handler = (event: unknown, context: Context) => Promise<unknown>;

const modules = { "@middy/core": core, "middy-lambda-warmer": warmer };
const ping = { warmer: true, concurrency: 1 };
const business = { rawPath: "/orders" };

const originalEnv = process.env;
let daemon: XRayDaemon;
beforeAll(async () => {
	daemon = await startXRayDaemon();
	process.env = {
		...originalEnv,
		AWS_ACCESS_KEY_ID: "id",
		AWS_LAMBDA_FUNCTION_NAME: "api",
		AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
		AWS_REGION: "eu-west-1",
		AWS_SECRET_ACCESS_KEY: "secret",
		// The SDK reads these when it is loaded.
		AWS_XRAY_DAEMON_ADDRESS: daemon.address,
		LAMBDA_TASK_ROOT: "/var/task",
	};
	jest.spyOn(console, "log").mockImplementation(() => {});
});
afterAll(async () => {
	jest.restoreAllMocks();
	process.env = originalEnv;
	await daemon.close();
});

describe("the recipe for OpenTelemetry", () => {
	afterEach(() => {
		api.trace.disable();
		api.context.disable();
	});

	test("marks the span of a ping, and not the next one", async () => {
		const exporter = new InMemorySpanExporter();
		api.trace.setGlobalTracerProvider(
			new BasicTracerProvider({
				spanProcessors: [new SimpleSpanProcessor(exporter)],
			}),
		);
		api.context.setGlobalContextManager(new AsyncLocalStorageContextManager());
		const { handler } = runRecipe("opentelemetry.ts", {
			...modules,
			"@opentelemetry/api": api,
		}) as { handler: Handler };
		/** As the instrumentation of a function does. */
		const invoke = (event: unknown) =>
			api.trace.getTracer("test").startActiveSpan("api", async (span) => {
				await handler(event, contextFor());
				span.end();
			});

		await invoke(ping);
		await invoke(business);
		expect(exporter.getFinishedSpans().map(({ attributes }) => attributes)).toEqual([
			{ "faas.trigger": "timer", warmer: true },
			{},
		]);
	});
});

describe("the recipe for X-Ray", () => {
	/** An Invoke API at which every child is an environment of its own. */
	const startInvokeApi = async () => {
		const traceHeaders: unknown[] = [];
		const server = createServer((request, response) => {
			traceHeaders.push(request.headers["x-amzn-trace-id"]);
			const identity = {
				action: "warmer",
				id: `child ${traceHeaders.length}`,
				start: "warm",
				startedAt: Date.now(),
			};
			response.end(JSON.stringify(JSON.stringify(identity)));
		});
		await new Promise<void>((resolve) => {
			server.listen(0, "127.0.0.1", resolve);
		});
		const { port } = server.address() as AddressInfo;
		return {
			url: `http://127.0.0.1:${port}`,
			traceHeaders,
			close: () => {
				server.close();
				server.closeAllConnections();
			},
		};
	};

	test("annotates a ping, and traces its children", async () => {
		const invokeApi = await startInvokeApi();
		process.env.AWS_ENDPOINT_URL_LAMBDA = invokeApi.url;
		const trace = "1-5759e988-bd862e3fe1be46a994272793";
		process.env._X_AMZN_TRACE_ID = `Root=${trace};Parent=53995c3f42cd8ad8;Sampled=1`;
		const { handler } = runRecipe("x-ray.ts", {
			...modules,
			"aws-xray-sdk-core": await import("aws-xray-sdk-core"),
		}) as { handler: Handler };

		await handler({ ...ping, concurrency: 3 }, contextFor());
		invokeApi.close();
		const documents = await daemon.take(3);
		expect(documents.map(({ name }) => name).sort()).toEqual(["Lambda", "Lambda", "warmer"]);
		expect(new Set(documents.map(({ trace_id }) => trace_id))).toEqual(new Set([trace]));
		expect(documents.find(({ name }) => name === "warmer")?.annotations).toEqual({
			faas_trigger: "timer",
			warmer: true,
		});
		expect(invokeApi.traceHeaders).toEqual([
			expect.stringContaining(`Root=${trace}`),
			expect.stringContaining(`Root=${trace}`),
		]);

		await handler(business, contextFor());
		expect(daemon.untaken).toEqual([]);
	});
});
