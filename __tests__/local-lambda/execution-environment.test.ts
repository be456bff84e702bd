import { afterEach, describe, expect, test } from "@jest/globals";
import { bundledRuntime, type LocalLambda } from "../../local-lambda/index.js";
import { handlerUrl, startWith } from "./support.js";

let lambda: LocalLambda;
afterEach(() => lambda.stop());

test("gives the handler Lambda's variables and context, and none of the parent's variables", async () => {
	lambda = await startWith({ environment: { OWN: "x" }, timeoutMs: 5000 });
	const { payload } = await lambda.invoke("api", { a: 1 });
	const { requestId } = lambda.invocations[0] ?? {};
	expect(payload).toMatchObject({
		own: "x",
		event: { a: 1 },
		context: {
			awsRequestId: requestId,
			functionName: "api",
			functionVersion: "$LATEST",
			invokedFunctionArn: lambda.arn("api"),
			logGroupName: "/aws/lambda/api",
			memoryLimitInMB: "128",
		},
	});
	expect(payload).not.toHaveProperty("nodeOptions");
	const { remainingMs } = (payload as { context: { remainingMs: number } }).context;
	expect(remainingMs).toBeLessThanOrEqual(5000);
	expect(remainingMs).toBeGreaterThan(0);
});

test("passes an empty object when an invocation has no payload", async () => {
	lambda = await startWith();
	expect((await lambda.invoke("api")).payload).toMatchObject({ event: {} });
});

test("runs another runtime when the function names one", async () => {
	lambda = await startWith({ runtime: [process.execPath, "--title=other", bundledRuntime] });
	expect(await lambda.invoke("api")).toMatchObject({ status: 200 });
});

describe("function errors", () => {
	test("reports what the handler throws, and keeps the environment", async () => {
		lambda = await startWith();
		const failed = await lambda.invoke("api", { throw: "oops" });
		expect(failed).toMatchObject({
			status: 200,
			functionError: "Unhandled",
			payload: { errorType: "RangeError", errorMessage: "oops" },
		});
		expect(lambda.logs.at(-1)).toMatchObject({ level: "ERROR", message: { errorType: "RangeError" } });
		expect(await lambda.invoke("api")).toMatchObject({ environment: failed.environment });
	});

	test.each([
		[{ exit: 3 }, "Runtime.ExitError", /Runtime exited with error: exit status 3$/],
		[{ exit: 0 }, "Runtime.ExitError", /Runtime exited without providing a reason$/],
		[{ rejectLater: true }, "Error", /^nobody waits for this$/],
	])("reports a failure and ends the environment when the handler does %j", async (payload, errorType, message) => {
		lambda = await startWith();
		const failed = await lambda.invoke("api", payload);
		expect(failed).toMatchObject({
			status: 200,
			functionError: "Unhandled",
			payload: { errorType, errorMessage: expect.stringMatching(message) },
		});
		expect(await lambda.invoke("api")).toMatchObject({ environment: "api-2", coldStart: true });
		expect(lambda.timeline.events).toContainEqual(expect.objectContaining({ kind: "exit", environment: "api-1" }));
	});

	test("reports a timeout and ends the environment when the handler takes too long", async () => {
		lambda = await startWith({ timeoutMs: 300 });
		const failed = await lambda.invoke("api", { waitMs: 60_000 });
		const { requestId } = lambda.invocations[0] ?? {};
		expect(failed).toMatchObject({
			status: 200,
			functionError: "Unhandled",
			payload: {
				errorType: "Sandbox.Timedout",
				errorMessage: `RequestId: ${requestId} Error: Task timed out after 0.30 seconds`,
			},
		});
		expect(await lambda.invoke("api")).toMatchObject({ environment: "api-2" });
	});

	test.each([
		["broken", "TypeError", "cannot be loaded"],
		["absent", "Runtime.ImportModuleError", expect.stringContaining("Cannot find module 'absent'")],
		["hasty", "Runtime.ExitError", expect.stringContaining("exit status 7")],
	])("reports what failed when INIT fails: %s", async (handler, errorType, errorMessage) => {
		lambda = await startWith({ handler: handlerUrl(handler) });
		for (const environment of ["api-1", "api-2"]) {
			expect(await lambda.invoke("api")).toMatchObject({
				status: 200,
				functionError: "Unhandled",
				environment,
				billedMs: 0,
				payload: { errorType, errorMessage },
			});
		}
		await lambda.settle();
	});

	test("reports a failure when the runtime cannot be started", async () => {
		lambda = await startWith({ runtime: ["/nonexistent/runtime"] });
		expect(await lambda.invoke("api")).toMatchObject({
			functionError: "Unhandled",
			payload: { errorType: "Runtime.ExitError" },
		});
	});

	test("refuses a handler file when its name has a dot", async () => {
		await expect(startWith({ handler: "/a/b.c.mjs" })).rejects.toThrow(TypeError);
	});
});

describe("an Event", () => {
	const event = { invocationType: "Event" } as const;

	test("is retried after a function error", async () => {
		lambda = await startWith({ handler: handlerUrl("flaky") }, { eventRetryDelayMs: [1, 1] });
		expect(await lambda.invoke("api", { succeedsAt: 3 }, event)).toMatchObject({ status: 202, environment: "" });
		await lambda.settle();
		expect(lambda.invocations).toMatchObject([{ attempts: 3 }]);
		expect(lambda.invocations[0]).not.toHaveProperty("error");
	});

	test("is retried twice at most", async () => {
		lambda = await startWith({ handler: handlerUrl("flaky") }, { eventRetryDelayMs: [1, 1] });
		await lambda.invoke("api", { succeedsAt: 9 }, event);
		await lambda.settle();
		expect(lambda.invocations).toMatchObject([{ attempts: 3, error: "Error" }]);
	});

	test("goes back to the queue when it is throttled", async () => {
		lambda = await startWith({ reservedConcurrency: 1 });
		const first = lambda.invoke("api", { waitMs: 100 });
		await lambda.invoke("api", {}, event);
		expect(await first).toMatchObject({ status: 200 });
		await lambda.settle();
		expect(lambda.invocations).toMatchObject([
			{ status: 200, environment: "api-1" },
			{ status: 202, environment: "api-1", attempts: 1 },
		]);
	});
});

describe("response streaming", () => {
	test("gives a buffered invocation everything that was written", async () => {
		lambda = await startWith({ handler: handlerUrl("stream") });
		const answer = await lambda.invoke("api");
		expect(answer).toMatchObject({ status: 200, payload: "one two" });
		expect((await lambda.invoke("api")).environment).toBe(answer.environment);
	});

	test("includes an HTTP prelude", async () => {
		lambda = await startWith({ handler: handlerUrl("stream") });
		const { rawPayload } = await lambda.invoke("api", { prelude: { statusCode: 201 } });
		expect(rawPayload.toString()).toBe(`{"statusCode":201}${"\0".repeat(8)}one two`);
	});

	test("becomes a function error when the handler fails midway", async () => {
		lambda = await startWith({ handler: handlerUrl("stream") });
		expect(await lambda.invoke("api", { throw: "midway" })).toMatchObject({
			functionError: "Unhandled",
			payload: { errorType: "RangeError", errorMessage: "midway" },
		});
		expect(await lambda.invoke("api")).toMatchObject({ payload: "one two" });
	});
});
