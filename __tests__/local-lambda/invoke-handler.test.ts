import { Agent, request } from "node:http";
import { InvokeCommand, type InvokeCommandInput, type LambdaClient } from "@aws-sdk/client-lambda";
import { afterEach, describe, expect, test } from "@jest/globals";
import { type Fault, type FaultRequest, faultAt, faultShare, type LocalLambda } from "../../local-lambda/index.js";
import { clientOf, handlerUrl, INVOKE_PATH, signedHeaders, startWith, until } from "./support.js";

let lambda: LocalLambda;
afterEach(() => lambda.stop());

const invoke = (client: LambdaClient, payload: unknown, input: Partial<InvokeCommandInput> = {}) =>
	client.send(new InvokeCommand({ FunctionName: "api", Payload: JSON.stringify(payload), ...input }));

describe("invocation types", () => {
	test("RequestResponse returns what the handler returned", async () => {
		lambda = await startWith();
		const answer = await invoke(clientOf(lambda), { a: 1 });
		expect(JSON.parse(answer.Payload?.transformToString() ?? "")).toMatchObject({ event: { a: 1 } });
		expect(answer).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST" });
		expect(answer.FunctionError).toBeUndefined();
		expect(answer.$metadata.requestId).toBe(lambda.invocations[0]?.requestId);
	});

	test("Event is answered at once, and the function runs later", async () => {
		lambda = await startWith({ coldStartMs: 100 });
		const answer = await invoke(clientOf(lambda), { a: 1 }, { InvocationType: "Event" });
		expect(answer.StatusCode).toBe(202);
		expect(answer.Payload?.length ?? 0).toBe(0);
		expect(lambda.invocations[0]?.startedAt).toBeUndefined();
		await lambda.settle();
		expect(lambda.invocations).toMatchObject([
			{
				requestId: answer.$metadata.requestId,
				status: 202,
				attempts: 1,
				payload: { a: 1 },
			},
		]);
	});

	test("DryRun does not run the function", async () => {
		lambda = await startWith();
		const answer = await invoke(clientOf(lambda), {}, { InvocationType: "DryRun" });
		expect(answer.StatusCode).toBe(204);
		expect(lambda.timeline.events).toEqual([]);
	});

	test("LogType Tail returns the log", async () => {
		lambda = await startWith();
		const { LogResult = "" } = await invoke(clientOf(lambda), { a: 1 }, { LogType: "Tail" });
		expect(JSON.parse(Buffer.from(LogResult, "base64").toString())).toMatchObject({ message: { event: { a: 1 } } });
	});
});

describe("the invoked function", () => {
	test.each([
		["api", undefined, "api", "$LATEST"],
		["api:$LATEST", undefined, "api:$LATEST", "$LATEST"],
		["api:prod", undefined, "api:prod", "1"],
		["api", "prod", "api:prod", "1"],
		["api:prod", "prod", "api:prod", "1"],
		["api", "1", "api:1", "1"],
		["123456789012:function:api", undefined, "api", "$LATEST"],
		["123456789012:function:api:prod", undefined, "api:prod", "1"],
		["arn:aws:lambda:us-east-1:123456789012:function:api", undefined, "api", "$LATEST"],
		["arn:aws:lambda:us-east-1:123456789012:function:api", "prod", "api:prod", "1"],
		["arn:aws:lambda:us-east-1:123456789012:function:api:prod", undefined, "api:prod", "1"],
	])("of %s with qualifier %s is %s", async (FunctionName, Qualifier, arn, version) => {
		lambda = await startWith({ aliases: { prod: "1" } });
		const answer = await invoke(clientOf(lambda), {}, { FunctionName, Qualifier });
		expect(answer.ExecutedVersion).toBe(version);
		expect(JSON.parse(answer.Payload?.transformToString() ?? "")).toMatchObject({
			context: {
				functionName: "api",
				functionVersion: version,
				invokedFunctionArn: `arn:aws:lambda:us-east-1:123456789012:function:${arn}`,
			},
		});
		expect(lambda.arn("api", "prod")).toMatch(/:function:api:prod$/);
	});
});

describe("an error", () => {
	test.each<[string, number, string, Partial<InvokeCommandInput>]>([
		["unknown function", 404, "ResourceNotFoundException", { FunctionName: "nope" }],
		["unknown alias", 404, "ResourceNotFoundException", { Qualifier: "nope" }],
		["two qualifiers", 400, "InvalidParameterValueException", { FunctionName: "api:prod", Qualifier: "1" }],
		["not JSON", 400, "InvalidRequestContentException", { Payload: "{" }],
		[
			"too large for an Event",
			413,
			"RequestTooLargeException",
			{ InvocationType: "Event", Payload: JSON.stringify("x".repeat(2 ** 20)) },
		],
		["a tenant without isolation", 400, "InvalidParameterValueException", { TenantId: "blue" }],
	])("for %s is %d %s", async (_, status, name, input) => {
		lambda = await startWith({ aliases: { prod: "1" } });
		await expect(invoke(clientOf(lambda), {}, input)).rejects.toMatchObject({
			name,
			$metadata: { httpStatusCode: status },
		});
		expect(lambda.invocations).toMatchObject([{ status, error: name }]);
		expect(lambda.timeline.events).toEqual([]);
	});

	test("for an unknown function names its ARN", async () => {
		lambda = await startWith();
		await expect(invoke(clientOf(lambda), {}, { Qualifier: "nope" })).rejects.toThrow(
			`Function not found: ${lambda.arn("api", "nope")}`,
		);
	});

	test("is returned when tenant isolation gets no tenant", async () => {
		lambda = await startWith({ tenantIsolation: true });
		const client = clientOf(lambda);
		await expect(invoke(client, {})).rejects.toMatchObject({ name: "InvalidParameterValueException" });
		const answer = await invoke(client, {}, { TenantId: "blue" });
		expect(answer.Payload?.transformToString()).toContain('"tenantId":"blue"');
	});

	test("is returned when reserved concurrency is used up by queued, starting and busy invocations", async () => {
		lambda = await startWith(
			{ reservedConcurrency: 2, coldStartMs: 100 },
			{ delivery: { RequestResponse: { median: 50, p99: 50 } } },
		);
		const client = clientOf(lambda);
		const results = await Promise.allSettled([1, 2, 3].map(() => invoke(client, { waitMs: 100 })));
		const rejected = results.filter(({ status }) => status === "rejected");
		expect(rejected).toMatchObject([
			{ reason: { name: "TooManyRequestsException", Reason: "ReservedFunctionConcurrentInvocationLimitExceeded" } },
		]);
		expect(await invoke(client, {})).toMatchObject({ StatusCode: 200 });
	});
});

describe("a fault", () => {
	const startWithFault = async (fault: Fault) => {
		lambda = await startWith({}, { fault: ({ index }) => (index === 0 ? fault : undefined) });
		return clientOf(lambda);
	};

	test.each<[Fault, number, string]>([
		["throttle", 429, "TooManyRequestsException"],
		["rate limit", 429, "TooManyRequestsException"],
		["deny", 403, "AccessDeniedException"],
		["error", 500, "ServiceException"],
		[{ status: 502, errorType: "EC2ThrottledException" }, 502, "EC2ThrottledException"],
	])("%j becomes an error", async (fault, httpStatusCode, name) => {
		const client = await startWithFault(fault);
		await expect(invoke(client, {})).rejects.toMatchObject({ name, $metadata: { httpStatusCode } });
		expect(await invoke(client, {})).toMatchObject({ StatusCode: 200 });
	});

	test("hang leaves the client waiting until it gives up", async () => {
		const client = await startWithFault("hang");
		const controller = new AbortController();
		const hanging = client.send(new InvokeCommand({ FunctionName: "api" }), { abortSignal: controller.signal });
		await until(() => lambda.invocations.length === 1);
		expect(await invoke(client, {})).toMatchObject({ StatusCode: 200 });
		controller.abort();
		await expect(hanging).rejects.toMatchObject({ name: "AbortError" });
		expect(lambda.invocations[0]).toMatchObject({ error: "hang" });
	});

	test("breaks the connection when it is a reset", async () => {
		const client = await startWithFault("reset");
		await expect(invoke(client, {})).rejects.toThrow("ECONNRESET");
	});

	test("kill ends the environment in the middle of the invocation", async () => {
		const client = await startWithFault("kill");
		const answer = await invoke(client, { waitMs: 10_000 });
		expect(answer).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled" });
		expect(JSON.parse(answer.Payload?.transformToString() ?? "")).toEqual({
			errorType: "Runtime.ExitError",
			errorMessage: `RequestId: ${answer.$metadata.requestId} Error: Runtime exited with error: signal: killed`,
		});
		await invoke(client, {});
		expect(lambda.invocations[1]).toMatchObject({ environment: "api-2", coldStart: true });
	});

	test("answer is returned without any environment", async () => {
		const client = await startWithFault({ kind: "answer", payload: "anything" });
		const answer = await invoke(client, {});
		expect(answer.Payload?.transformToString()).toBe("anything");
		expect(lambda.timeline.events).toEqual([]);
	});

	test("strikes chosen requests, or a share of them that is the same for the same seed", async () => {
		lambda = await startWith();
		const request = {
			functionName: "api",
			qualifier: undefined,
			invocationType: "RequestResponse",
			payload: {},
			protocol: "h2",
		} as const;
		const struck = (choose: (request: FaultRequest) => Fault | undefined) =>
			Array.from({ length: 200 }, (_, index) => index).filter((index) => choose({ ...request, index }));
		expect(struck(faultAt([3, 1], "reset"))).toEqual([1, 3]);
		const tenth = struck(faultShare(0.1, "error", 7));
		expect(tenth.length).toBeGreaterThan(5);
		expect(tenth.length).toBeLessThan(50);
		expect(struck(faultShare(0.1, "error", 7))).toEqual(tenth);
		expect(struck(faultShare(0, "error"))).toEqual([]);
	});

	test("is chosen by the request, and spares direct invocations", async () => {
		const seen: unknown[] = [];
		lambda = await startWith(
			{ aliases: { prod: "1" } },
			{
				fault: (request) => {
					seen.push(request);
					return "throttle";
				},
			},
		);
		await lambda.invoke("api");
		await invoke(clientOf(lambda), { a: 1 }, { Qualifier: "prod", InvocationType: "Event" }).catch(() => {});
		expect(seen).toEqual([
			{
				functionName: "api",
				qualifier: "prod",
				invocationType: "Event",
				payload: { a: 1 },
				protocol: "http/1.1",
				index: 0,
			},
		]);
		expect(lambda.invocations.map(({ via }) => via)).toEqual(["direct", "api"]);
	});
});

describe("connections", () => {
	const post = (agent: Agent, body: string) =>
		request(lambda.endpoint + INVOKE_PATH, { method: "POST", agent, headers: signedHeaders(lambda, body) }).end(body);

	test("an invocation runs to its end when the caller disconnects", async () => {
		lambda = await startWith();
		const call = post(new Agent(), '{"waitMs":100}').on("error", () => {});
		await until(() => lambda.timeline.events.some(({ kind }) => kind === "invoke"));
		call.destroy();
		await lambda.settle();
		expect(lambda.invocations).toMatchObject([{ status: 200, attempts: 1 }]);
	});

	test("are closed when idle, without a hint to the client", async () => {
		lambda = await startWith({}, { idleSocketMs: 20 });
		const agent = new Agent({ keepAlive: true });
		const keepAlive = await new Promise((resolve, reject) => {
			post(agent, "{}")
				.on("error", reject)
				.on("response", (response) => {
					response.resume();
					response.socket.once("close", () => resolve(response.headers["keep-alive"]));
				});
		});
		expect(keepAlive).toBeUndefined();
	});

	test("from an environment need no configuration of the SDK", async () => {
		lambda = await startWith({ handler: handlerUrl("caller") });
		const { payload } = await lambda.invoke("api", {});
		const { own, other } = payload as { own: number; other: number };
		expect(other).not.toBe(own);
		expect(lambda.invocations).toMatchObject([
			{ via: "direct", pid: own },
			{ via: "api", pid: other },
		]);
	});
});
