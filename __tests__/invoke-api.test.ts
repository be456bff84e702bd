import { createHash, createHmac } from "node:crypto";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Http2Request, HttpRequest } from "../src/http2.js";
import { type Access, accessFromEnvironment, bindSigning, type Invocation, readResponse } from "../src/invoke-api.js";

const originalEnv = process.env;
beforeEach(() => {
	process.env = {
		AWS_ACCESS_KEY_ID: "key",
		AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
		AWS_SECRET_ACCESS_KEY: "secret",
		AWS_SESSION_TOKEN: "token/+=",
		AWS_REGION: "eu-west-1",
	};
	jest.useFakeTimers({ now: Date.UTC(2026, 1, 3, 4, 5, 6, 789), doNotFake: ["setImmediate", "nextTick"] });
});
afterEach(() => {
	process.env = originalEnv;
	jest.useRealTimers();
});

const access: Access = {
	hostname: "lambda.eu-west-1.amazonaws.com",
	port: undefined,
	region: "eu-west-1",
	accessKeyId: "key",
	secretAccessKey: "secret",
	sessionToken: "token/+=",
};

describe("the access", () => {
	test("is what Lambda sets for every function", () => {
		expect(accessFromEnvironment()).toEqual(access);
	});

	test.each([
		"us-east-1",
		"us-east-12",
		"ap-southeast-5",
		"us-gov-west-1",
		"il-central-1",
		"cn-north-1",
		"mx-central-1",
	])("of %s is where the SDK has it", async (region) => {
		process.env.AWS_REGION = region;
		expect(accessFromEnvironment()?.hostname).toBe((await requestOfTheSdk({})).hostname);
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
	])("of %s is the SDK's affair", (region) => {
		process.env.AWS_REGION = region;
		expect(accessFromEnvironment()).toBeUndefined();
	});

	test.each(["AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])(
		"is none without %s",
		(name) => {
			delete process.env[name];
			expect(accessFromEnvironment()).toBeUndefined();
		},
	);

	test("takes credentials without a session", () => {
		delete process.env.AWS_SESSION_TOKEN;
		expect(accessFromEnvironment()).toMatchObject({ accessKeyId: "key", sessionToken: undefined });
	});

	test.each([
		"AWS_PROFILE",
		"AWS_CONFIG_FILE",
		"AWS_SHARED_CREDENTIALS_FILE",
		"AWS_USE_DUALSTACK_ENDPOINT",
		"AWS_USE_FIPS_ENDPOINT",
		"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
	])("is the SDK's affair with %s", (name) => {
		process.env[name] = "true";
		expect(accessFromEnvironment()).toBeUndefined();
	});

	test("follows an endpoint with TLS, Lambda's before that of all services", () => {
		process.env.AWS_ENDPOINT_URL = "https://all.example";
		expect(accessFromEnvironment()).toMatchObject({ hostname: "all.example", port: undefined });
		process.env.AWS_ENDPOINT_URL_LAMBDA = "https://vpce-1.lambda.eu-west-1.vpce.amazonaws.com:8443/";
		expect(accessFromEnvironment()).toMatchObject({
			hostname: "vpce-1.lambda.eu-west-1.vpce.amazonaws.com",
			port: 8443,
		});
	});

	test.each(["http://localhost:3001", "https://proxy.example/lambda", "nonsense"])(
		"leaves %s to the SDK",
		(endpoint) => {
			process.env.AWS_ENDPOINT_URL_LAMBDA = endpoint;
			expect(accessFromEnvironment()).toBeUndefined();
		},
	);
});

const invocation: Invocation = {
	FunctionName: "arn:aws:lambda:eu-west-1:123456789012:function:api:$LATEST",
	InvocationType: "RequestResponse",
	Payload: Buffer.from('{"warmer":true,"name":"ä"}'),
};

/** What the SDK sends for an invocation, with the credentials of `access`. */
const requestOfTheSdk = async (given: Partial<Invocation>): Promise<HttpRequest> => {
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
	return request as HttpRequest;
};

/** Signs the headers of a request again, as AWS's own library does. */
const signatureOfAws = async ({ headers, body }: Http2Request, { sessionToken, ...keys }: Access): Promise<unknown> => {
	const { authorization: _, ":authority": host, ":path": path, ...rest } = headers;
	class Sha256 {
		readonly #hash;
		constructor(key?: string | Buffer) {
			this.#hash = key === undefined ? createHash("sha256") : createHmac("sha256", key);
		}
		update(data: string): void {
			this.#hash.update(data);
		}
		async digest(): Promise<Uint8Array> {
			return this.#hash.digest();
		}
	}
	const fields = Object.entries(rest).filter(([name]) => !name.startsWith(":") && name !== "x-amz-security-token");
	const signer = new SignatureV4({
		applyChecksum: false,
		credentials: { ...keys, ...(sessionToken && { sessionToken }) },
		region: keys.region,
		service: "lambda",
		sha256: Sha256 as never,
	});
	const signed = await signer.sign({
		method: "POST",
		protocol: "https:",
		hostname: String(host).replace(/:\d+$/, ""),
		path: String(path),
		query: {},
		headers: { ...Object.fromEntries(fields), host: String(host) } as Record<string, string>,
		body,
	});
	return signed.headers.authorization;
};

describe("a signed request", () => {
	const variants: [string, Partial<Access>, Partial<Invocation>][] = [
		["of an ARN", {}, {}],
		["of a name", {}, { FunctionName: "api" }],
		["of an event", {}, { InvocationType: "Event" }],
		["for a tenant", {}, { TenantId: " a  b/ä " }],
		["without a session", { sessionToken: undefined }, {}],
		["to a port", { port: 8443 }, {}],
		["to an address", { hostname: "127.0.0.1", port: 8443 }, {}],
	];

	test.each(variants)("%s has the signature of AWS's library", async (_, ofAccess, given) => {
		const used = { ...access, ...ofAccess };
		const request = bindSigning(used)({ ...invocation, ...given });
		expect(request.headers.authorization).toBe(await signatureOfAws(request, used));
	});

	test.each(variants.slice(0, 4))("%s says what the SDK's says", async (_, _access, given) => {
		const { headers, body } = bindSigning(access)({ ...invocation, ...given });
		const { method, path, hostname, headers: fields, body: sent } = await requestOfTheSdk(given);
		expect([headers[":method"], headers[":path"], headers[":authority"], body]).toEqual([method, path, hostname, sent]);
		const { authorization: _1, "user-agent": _2, ...mine } = headers;
		const same = Object.entries(mine).filter(([name]) => !name.startsWith(":"));
		expect(fields).toMatchObject(Object.fromEntries(same));
		// The SDK's own, and what HTTP/2 says in another way or not at all.
		const left = Object.keys(fields).filter((name) => !(name in headers));
		expect(left.sort()).toEqual([
			"amz-sdk-invocation-id",
			"amz-sdk-request",
			"content-length",
			"host",
			"x-amz-content-sha256",
			"x-amz-user-agent",
		]);
	});

	test("is made anew for another child, second, day and function", async () => {
		const sign = bindSigning(access);
		const seen = new Set<unknown>();
		const check = async (given: Partial<Invocation>) => {
			const request = sign({ ...invocation, ...given });
			expect(request.headers.authorization).toBe(await signatureOfAws(request, access));
			seen.add(request.headers.authorization);
		};
		await check({});
		await check({ Payload: Buffer.from("{}") });
		await check({ FunctionName: "other" });
		await check({ InvocationType: "Event" });
		await check({ TenantId: "blue" });
		jest.setSystemTime(Date.now() + 1000);
		await check({});
		jest.setSystemTime(Date.now() + 86_400_000);
		await check({});
		expect(seen.size).toBe(7);
	});

	test("passes on the trace that it is part of", async () => {
		expect(bindSigning(access)(invocation).headers).not.toHaveProperty("x-amzn-trace-id");
		process.env._X_AMZN_TRACE_ID = "Root=1-2-3;Lineage=1:a:0";
		const request = bindSigning(access)(invocation);
		expect(request.headers["x-amzn-trace-id"]).toBe("Root=1-2-3;Lineage=1:a:0");
		expect(request.headers.authorization).toBe(await signatureOfAws(request, access));
	});
});

describe("a response", () => {
	const read = (statusCode: number, body: string, headers: Record<string, string> = {}) =>
		readResponse({ statusCode, headers, body: Buffer.from(body) }, "api:prod");

	test("is an answer, an accepted event, or a child's error", () => {
		expect(read(200, '"warmed"')).toEqual({ kind: "answered", payload: Buffer.from('"warmed"') });
		expect(read(202, "")).toEqual({ kind: "accepted" });
		expect(read(200, '{"errorType":"E","errorMessage":"no"}', { "x-amz-function-error": "Unhandled" })).toMatchObject({
			kind: "threw",
			failure: { name: "FunctionError", message: "E: no" },
		});
	});

	test.each<[number, string, Record<string, string>, object]>([
		[
			403,
			'{"Message":"not allowed"}',
			{ "x-amzn-errortype": "AccessDeniedException:http://internal.example/" },
			{ name: "AccessDeniedException", message: "not allowed", transient: false, hint: /api:prod/ },
		],
		[
			429,
			'{"Reason":"CallerRateLimitExceeded","message":"Rate Exceeded."}',
			{ "x-amzn-errortype": "TooManyRequestsException" },
			{ reason: "throttled", message: "Rate Exceeded.", transient: true },
		],
		[
			400,
			'{"__type":"com.amazonaws.lambda#InvalidParameterValueException"}',
			{},
			{ name: "InvalidParameterValueException" },
		],
		[400, '{"code":"RequestTooLargeException"}', {}, { name: "RequestTooLargeException" }],
		[503, "<html>", {}, { name: "UnknownError", message: "status 503", transient: true }],
		[502, "null", {}, { name: "UnknownError", transient: true }],
		[300, "", {}, { name: "UnknownError", message: "status 300", transient: false }],
		[301, "", {}, { name: "UnknownError", message: "status 301", transient: false }],
	])("with status %i is a failure: %s", (status, body, headers, { hint, ...failure }: { hint?: RegExp }) => {
		expect(read(status, body, headers)).toMatchObject({
			kind: "failed",
			failure: { ...failure, ...(hint && { hint: expect.stringMatching(hint) }) },
		});
	});
});
