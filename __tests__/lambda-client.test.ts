import {
	InvokeCommand,
	LambdaClient,
	TooManyRequestsException,
} from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import { invokeWith } from "../src/lambda-client.js";
import { resolveOptions } from "../src/options.js";
import { fakeClient } from "./helpers.js";

const lambda = mockClient(LambdaClient);
const { signal } = new AbortController();
const originalEnv = process.env;

beforeEach(() => {
	process.env = { ...originalEnv, AWS_REGION: "eu-west-1" };
	lambda.reset();
});
afterEach(() => {
	process.env = originalEnv;
});

/** The options that a client class was constructed with. */
const constructed = async (
	awsClientOptions?: object,
): Promise<Record<string, unknown>[]> => {
	const seen: Record<string, unknown>[] = [];
	class AwsClient extends fakeClient().AwsClient {
		constructor(config: object) {
			super();
			seen.push({ ...config });
		}
	}
	const options = resolveOptions({ AwsClient, awsClientOptions });
	await invokeWith(options);
	await invokeWith(options);
	return seen;
};

describe("invokeWith", () => {
	test("invokes once, without a log", async () => {
		lambda
			.on(InvokeCommand)
			.resolves({ StatusCode: 200, Payload: Buffer.from("1") as never });
		const invoke = await invokeWith(resolveOptions({}));
		expect(
			await invoke({ FunctionName: "api", TenantId: "blue" }, signal),
		).toEqual({
			kind: "answered",
			payload: Buffer.from("1"),
		});
		expect(
			lambda.commandCalls(InvokeCommand).map((call) => call.args[0].input),
		).toEqual([{ FunctionName: "api", TenantId: "blue", LogType: "None" }]);
		const [, sendOptions] = lambda
			.commandCalls(InvokeCommand)
			.flatMap(({ args }): unknown[] => args);
		expect(sendOptions).toEqual({
			abortSignal: signal,
		});
	});

	test("tells an accepted event, a child's error and a refusal apart", async () => {
		const refusal = new TooManyRequestsException({
			$metadata: {},
			message: "Rate Exceeded.",
		});
		lambda
			.on(InvokeCommand)
			.resolvesOnce({ StatusCode: 202 })
			.resolvesOnce({
				StatusCode: 200,
				FunctionError: "Unhandled",
				Payload: Buffer.from("{}") as never,
			})
			.rejectsOnce(refusal);
		const invoke = await invokeWith(resolveOptions({}));
		expect(await invoke({ FunctionName: "api" }, signal)).toEqual({
			kind: "accepted",
		});
		expect(await invoke({ FunctionName: "api" }, signal)).toEqual({
			kind: "threw",
			payload: Buffer.from("{}"),
		});
		expect(await invoke({ FunctionName: "api" }, signal)).toEqual({
			kind: "failed",
			error: refusal,
		});
	});

	test("makes one client for a handler's options", async () => {
		expect(await constructed()).toHaveLength(1);
	});

	test("keeps no connection, limits none, and never retries", async () => {
		const agent = { keepAlive: false, maxSockets: Number.POSITIVE_INFINITY };
		expect(await constructed({ region: "us-east-1", maxAttempts: 5 })).toEqual([
			{
				region: "us-east-1",
				maxAttempts: 1,
				requestHandler: {
					connectionTimeout: 2000,
					httpAgent: agent,
					httpsAgent: agent,
				},
			},
		]);
	});

	test("adds the user's settings to the request handler, or takes the user's own", async () => {
		const [config] = await constructed({
			requestHandler: { requestTimeout: 9, connectionTimeout: 1 },
		});
		expect(config?.requestHandler).toMatchObject({
			requestTimeout: 9,
			connectionTimeout: 1,
			httpsAgent: { keepAlive: false },
		});
		const requestHandler = { handle: () => {} };
		expect((await constructed({ requestHandler }))[0]?.requestHandler).toBe(
			requestHandler,
		);
	});

	test("invokes through the captured client", async () => {
		const { AwsClient, sent } = fakeClient();
		const captured = new AwsClient();
		const invoke = await invokeWith(
			resolveOptions({
				awsClientCapture: (client) => {
					expect(client).toBeInstanceOf(LambdaClient);
					return captured as LambdaClient;
				},
			}),
		);
		await invoke({ FunctionName: "api", Payload: Buffer.from("{}") }, signal);
		expect(sent).toHaveLength(1);
	});

	test("tells why there is no client, and tries again the next time", async () => {
		let broken = true;
		class AwsClient extends fakeClient().AwsClient {
			constructor() {
				super();
				if (broken) throw new Error("no region");
			}
		}
		const options = resolveOptions({ AwsClient });
		const failing = await invokeWith(options);
		expect(await failing({ FunctionName: "api" }, signal)).toEqual({
			kind: "failed",
			error: new Error("no region"),
		});
		broken = false;
		const invoke = await invokeWith(options);
		expect(
			await invoke({ FunctionName: "api", Payload: Buffer.from("{}") }, signal),
		).toMatchObject({ kind: "answered" });
	});
});
