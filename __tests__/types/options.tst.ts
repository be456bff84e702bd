import {
	type InvokeCommand,
	type InvokeCommandOutput,
	LambdaClient,
	type LambdaClientConfig,
} from "@aws-sdk/client-lambda";
import type { Request } from "@middy/core";
import type { Context } from "aws-lambda";
import warmupDefault, {
	type InvokingClient,
	type WarmupEntry,
	type WarmupOptions,
	type WarmupReport,
	warmup,
	warmupValidateOptions,
} from "middy-lambda-warmer";
import { describe, expect, test } from "tstyche";

/** The shape of `captureAWSv3Client` of aws-xray-sdk-core: any client of version 3, and the same type back. */
declare const captureAWSv3Client: <
	Client extends {
		middlewareStack: { remove: unknown; use: unknown };
		config: unknown;
	},
>(
	client: Client,
	manualSegment?: unknown,
) => Client;

test("the middleware is the default export and has a name", () => {
	expect(warmup).type.toBe(warmupDefault);
});

test("every option can be left out, or be undefined", () => {
	expect(warmup).type.toBeCallableWith();
	expect(warmup).type.toBeCallableWith({});
	expect<{
		[Name in keyof WarmupOptions]: undefined;
	}>().type.toBeAssignableTo<WarmupOptions>();
});

test("options can be checked without a middleware", () => {
	expect(warmupValidateOptions).type.toBe<(options: WarmupOptions) => void>();
});

describe("a wrong option is an error", () => {
	test("an unknown name", () => {
		expect(warmup).type.not.toBeCallableWith({ concurency: 5 });
		expect(warmup).type.not.toBeCallableWith({ sourceFlag: "warmer" });
	});

	test("a wrong type", () => {
		expect(warmup).type.not.toBeCallableWith({ concurrency: "5" });
		expect(warmup).type.not.toBeCallableWith({ delay: "adaptive" });
		expect(warmup).type.not.toBeCallableWith({ flag: true });
		expect(warmup).type.not.toBeCallableWith({ concurrencyField: 1 });
		expect(warmup).type.not.toBeCallableWith({ targetField: null });
		expect(warmup).type.not.toBeCallableWith({ testField: ["test"] });
		expect(warmup).type.not.toBeCallableWith({ isWarmingUp: true });
		expect(warmup).type.not.toBeCallableWith({ verify: "false" });
		expect(warmup).type.not.toBeCallableWith({ maxConcurrency: 50n });
		expect(warmup).type.not.toBeCallableWith({ maxDelay: {} });
		expect(warmup).type.not.toBeCallableWith({ maxDuration: "30s" });
		expect(warmup).type.not.toBeCallableWith({ targets: "reports" });
		expect(warmup).type.not.toBeCallableWith({ correlationId: 1 });
		expect(warmup).type.not.toBeCallableWith({ onWarmup: "connect" });
		expect(warmup).type.not.toBeCallableWith({ onReport: {} });
		expect(warmup).type.not.toBeCallableWith({ log: "debug" });
		expect(warmup).type.not.toBeCallableWith({ AwsClient: "LambdaClient" });
		expect(warmup).type.not.toBeCallableWith({
			awsClientOptions: { regoin: "eu-west-1" },
		});
		expect(warmup).type.not.toBeCallableWith({ awsClientCapture: true });
	});

	test("not an object", () => {
		expect(warmup).type.not.toBeCallableWith(5);
		expect(warmup).type.not.toBeCallableWith(null);
	});
});

describe("callbacks", () => {
	test("isWarmingUp gets the event and the context, and answers yes or no", () => {
		warmup({
			isWarmingUp: (event, context) => {
				expect(event).type.toBe<unknown>();
				expect(context).type.toBe<Context>();
				return true;
			},
		});
		// The option of the same name in @middy/warmup.
		expect(warmup).type.toBeCallableWith({
			isWarmingUp: (event: unknown) => (event as { source?: string }).source === "serverless-plugin-warmup",
		});
		expect(warmup).type.not.toBeCallableWith({ isWarmingUp: () => "yes" });
		expect(warmup).type.not.toBeCallableWith({ isWarmingUp: async () => true });
	});

	test("correlationId is a string, or makes one of the event and the context", () => {
		expect(warmup).type.toBeCallableWith({ correlationId: "nightly" });
		warmup({
			correlationId: (event, context) => {
				expect(event).type.toBe<unknown>();
				expect(context).type.toBe<Context>();
				return context.awsRequestId;
			},
		});
		expect(warmup).type.not.toBeCallableWith({ correlationId: () => 5 });
	});

	test("onWarmup gets Middy's request, and may be asynchronous", () => {
		warmup({
			onWarmup: (request) => {
				expect(request).type.toBe<Request>();
			},
		});
		expect(warmup).type.toBeCallableWith({
			onWarmup: async () => ({ connected: true }),
		});
	});

	test("onReport gets the report, and may be asynchronous", () => {
		warmup({
			onReport: (report) => {
				expect(report).type.toBe<WarmupReport>();
			},
		});
		expect(warmup).type.toBeCallableWith({
			onReport: async ({ warmed, requested }: WarmupReport) => warmed / requested,
		});
	});

	test("log is a boolean or gets every entry, told apart by its action", () => {
		expect(warmup).type.toBeCallableWith({ log: false });
		warmup({
			log: (entry) => {
				expect(entry).type.toBe<WarmupEntry>();
				if (entry.action === "warmer") expect(entry.warm).type.toBe<boolean>();
				if (entry.action === "warmer-report") {
					expect(entry).type.toBe<WarmupReport>();
				}
				if (entry.action === "warmer-warning") {
					expect(entry.message).type.toBe<string>();
				}
			},
		});
	});
});

describe("the AWS client", () => {
	test("AwsClient takes LambdaClient, a subclass, or anything that invokes", () => {
		class OwnClient extends LambdaClient {}
		class FakeClient implements InvokingClient {
			constructor(readonly config: LambdaClientConfig) {}
			async send(_command: InvokeCommand): Promise<InvokeCommandOutput> {
				return { $metadata: {} };
			}
		}
		expect(warmup).type.toBeCallableWith({ AwsClient: LambdaClient });
		expect(warmup).type.toBeCallableWith({ AwsClient: OwnClient });
		expect(warmup).type.toBeCallableWith({ AwsClient: FakeClient });
		expect(warmup).type.not.toBeCallableWith({
			AwsClient: new LambdaClient({}),
		});
		expect(warmup).type.not.toBeCallableWith({ AwsClient: class {} });
	});

	test("awsClientOptions takes the configuration of LambdaClient", () => {
		expect(warmup).type.toBeCallableWith({
			awsClientOptions: { region: "eu-west-1", maxAttempts: 1 },
		});
	});

	test("awsClientCapture takes X-Ray's function as it is", () => {
		expect(warmup).type.toBeCallableWith({
			awsClientCapture: captureAWSv3Client,
		});
	});
});
