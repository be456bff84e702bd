import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import {
	endpointFromEnvironment,
	type Invocation,
	type InvokeEndpoint,
	readResponse,
	readSuccess,
	toRequest,
	unsignedHeaders,
} from "../../src/transport/invoke-api.js";

const originalEnv = process.env;
beforeEach(() => {
	process.env = {
		AWS_ACCESS_KEY_ID: "key",
		AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
		AWS_SECRET_ACCESS_KEY: "secret",
		AWS_SESSION_TOKEN: "token/+=",
		AWS_REGION: "eu-west-1",
	};
});
afterEach(() => {
	process.env = originalEnv;
});

const endpoint: InvokeEndpoint = {
	hostname: "lambda.eu-west-1.amazonaws.com",
	port: 443,
	authority: "lambda.eu-west-1.amazonaws.com",
	region: "eu-west-1",
	accessKeyId: "key",
	secretAccessKey: "secret",
	sessionToken: "token/+=",
};

const invocation: Invocation = {
	FunctionName: "arn:aws:lambda:eu-west-1:123456789012:function:api:$LATEST",
	InvocationType: "RequestResponse",
	Payload: Buffer.from('{"warmer":true,"name":"ä"}'),
};

interface SdkRequest {
	readonly method: string;
	readonly hostname: string;
	readonly path: string;
	readonly headers: Record<string, string>;
	readonly body: Uint8Array;
}

/** What the SDK sends for an invocation, configured by the environment. */
const requestOfTheSdk = async (given: Partial<Invocation>): Promise<SdkRequest> => {
	let request: unknown;
	const client = new LambdaClient({
		requestHandler: {
			handle: async (sent: unknown) => {
				request = sent;
				return { response: { statusCode: 200, headers: {}, body: Buffer.from("") } };
			},
		} as never,
	});
	await client.send(new InvokeCommand({ LogType: "None", ...invocation, ...given }));
	return request as SdkRequest;
};

describe("the endpoint", () => {
	test("is what Lambda's environment variables say", () => {
		expect(endpointFromEnvironment()).toEqual(endpoint);
	});

	test.each([
		"us-east-1",
		"us-east-12",
		"ap-southeast-5",
		"us-gov-west-1",
		"il-central-1",
		"cn-north-1",
		"mx-central-1",
	])("of the Region %s is the SDK's", async (region) => {
		process.env.AWS_REGION = region;
		const { hostname } = await requestOfTheSdk({});
		expect(endpointFromEnvironment()).toMatchObject({ region, hostname, authority: hostname, port: 443 });
	});

	test.each([
		"us-iso-east-1",
		"us-isob-east-1",
		"eu-isoe-west-1",
		"eusc-de-east-1",
		"xx-west-1",
		"eu-west",
		"local",
		"eu-west-1.evil",
		"x.eu-west-1",
	])("of the Region %s is left to the SDK", (region) => {
		process.env.AWS_REGION = region;
		expect(endpointFromEnvironment()).toBeUndefined();
	});

	test.each(["AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])(
		"is undefined without %s",
		(name) => {
			delete process.env[name];
			expect(endpointFromEnvironment()).toBeUndefined();
		},
	);

	test("accepts credentials without a session token", () => {
		delete process.env.AWS_SESSION_TOKEN;
		expect(endpointFromEnvironment()).toMatchObject({ accessKeyId: "key", sessionToken: undefined });
	});

	test.each([
		"AWS_PROFILE",
		"AWS_CONFIG_FILE",
		"AWS_SHARED_CREDENTIALS_FILE",
		"AWS_USE_DUALSTACK_ENDPOINT",
		"AWS_USE_FIPS_ENDPOINT",
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
		"HTTPS_PROXY",
		"https_proxy",
	])("is left to the SDK if %s is set", (name) => {
		process.env[name] = "true";
		expect(endpointFromEnvironment()).toBeUndefined();
	});

	test("is a configured URL with TLS, Lambda's own before that of all services", () => {
		process.env.AWS_ENDPOINT_URL = "https://all.example";
		expect(endpointFromEnvironment()).toMatchObject({ hostname: "all.example", port: 443, authority: "all.example" });
		process.env.AWS_ENDPOINT_URL_LAMBDA = "https://vpce-1.lambda.eu-west-1.vpce.amazonaws.com:8443/";
		expect(endpointFromEnvironment()).toMatchObject({
			hostname: "vpce-1.lambda.eu-west-1.vpce.amazonaws.com",
			port: 8443,
			authority: "vpce-1.lambda.eu-west-1.vpce.amazonaws.com:8443",
		});
	});

	test.each([
		["https://[::1]", 443, "[::1]"],
		["https://[::1]:8443", 8443, "[::1]:8443"],
	])("has an IPv6 address without brackets, and an authority with them: %s", (url, port, authority) => {
		process.env.AWS_ENDPOINT_URL_LAMBDA = url;
		expect(endpointFromEnvironment()).toMatchObject({ hostname: "::1", port, authority });
	});

	test.each(["http://localhost:3001", "https://proxy.example/lambda", "nonsense"])("%s is left to the SDK", (url) => {
		process.env.AWS_ENDPOINT_URL_LAMBDA = url;
		expect(endpointFromEnvironment()).toBeUndefined();
	});
});

describe("a request", () => {
	test.each<[string, Partial<Invocation>]>([
		["by ARN", {}],
		["by name", { FunctionName: "api" }],
		["of an event", { InvocationType: "Event" }],
		["for a tenant", { TenantId: "a b/c" }],
		["without a payload", { Payload: Buffer.alloc(0) }],
	])("%s says what the SDK's says", async (_, given) => {
		const request = toRequest(endpoint, { ...invocation, ...given });
		const { method, path, hostname, headers, body } = await requestOfTheSdk(given);
		expect(request).toMatchObject({ method, path, authority: hostname, body });
		expect(headers).toMatchObject(request.headers);
		// What the signature adds, what HTTP/2 says otherwise, and what describes the SDK.
		const left = Object.keys(headers).filter((name) => !(name in request.headers));
		expect(left.sort()).toEqual([
			"amz-sdk-invocation-id",
			"amz-sdk-request",
			"authorization",
			"host",
			"user-agent",
			"x-amz-content-sha256",
			"x-amz-date",
			"x-amz-security-token",
			"x-amz-user-agent",
		]);
	});

	test("has the length of its body in bytes", () => {
		expect(toRequest(endpoint, invocation).headers["content-length"]).toBe("27");
	});

	test("passes on the trace of the ping, unsigned", () => {
		expect(unsignedHeaders()).toEqual({ "user-agent": "middy-lambda-warmer" });
		process.env._X_AMZN_TRACE_ID = "Root=1-2-3;Lineage=1:a:0";
		expect(unsignedHeaders()).toMatchObject({ "x-amzn-trace-id": "Root=1-2-3;Lineage=1:a:0" });
	});
});

describe("a response", () => {
	const read = (statusCode: number, body: string, headers: Record<string, string> = {}) =>
		readResponse({ statusCode, headers, body: Buffer.from(body) }, "api:prod");

	test("of a success is an answer, an accepted event, or the child's error", () => {
		expect(read(200, '"warmed"')).toEqual({ kind: "answered", payload: Buffer.from('"warmed"') });
		expect(read(202, "")).toEqual({ kind: "accepted" });
		expect(read(200, '{"errorType":"E","errorMessage":"no"}', { "x-amz-function-error": "Unhandled" })).toMatchObject({
			kind: "failed",
			failure: { name: "FunctionError", message: "E: no", isTransient: false, isTransport: false },
		});
	});

	test("of the SDK is read in the same way", () => {
		expect(readSuccess(200, undefined, undefined)).toEqual({ kind: "answered", payload: undefined });
		expect(readSuccess(202, undefined, Buffer.alloc(0))).toEqual({ kind: "accepted" });
		expect(readSuccess(200, "Unhandled", Buffer.from('{"errorType":"E","errorMessage":"no"}'))).toMatchObject({
			failure: { message: "E: no" },
		});
	});

	test.each<[string, number, string, Record<string, string>, object]>([
		[
			"has its type in a header, before a URL",
			403,
			'{"Message":"not allowed"}',
			{ "x-amzn-errortype": "AccessDeniedException:http://internal.example/" },
			{ name: "AccessDeniedException", message: "not allowed", hint: expect.stringContaining("api:prod") },
		],
		[
			"has a reason",
			429,
			'{"Reason":"CallerRateLimitExceeded","message":"Rate Exceeded."}',
			{ "x-amzn-errortype": "TooManyRequestsException" },
			{ reason: "throttled", message: "Rate Exceeded.", isTransient: true },
		],
		[
			"has its type in the body, behind a namespace",
			400,
			'{"__type":"com.amazonaws.lambda#InvalidParameterValueException"}',
			{},
			{ name: "InvalidParameterValueException", message: "status 400" },
		],
		[
			"has its type in the body's code",
			400,
			'{"code":"RequestTooLargeException"}',
			{},
			{ name: "RequestTooLargeException" },
		],
		["is not modeled", 500, "", { "x-amzn-errortype": "SomethingNew" }, { name: "SomethingNew", isTransient: true }],
	])("that %s is Lambda's own error", (_, status, body, headers, failure) => {
		expect(read(status, body, headers)).toMatchObject({ kind: "failed", failure: { isTransport: false, ...failure } });
	});

	test.each<[number, string, boolean]>([
		[400, "<html>", false],
		[403, '{"message":"no type"}', false],
		[411, "", false],
		[505, "<html>", true],
		[503, "<html>", true],
		[502, "null", true],
		[301, "", false],
		[300, "", false],
	])("with status %i and the body %j counts against the transport", (status, body, isTransient) => {
		expect(read(status, body)).toMatchObject({
			kind: "failed",
			failure: {
				reason: "failed",
				name: "UnknownError",
				message: body.includes("no type") ? "no type" : `status ${status}`,
				isTransient,
				isTransport: true,
			},
		});
	});
});
