import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, test } from "@jest/globals";
import {
	describeError,
	explainFailure,
	explainFunctionError,
	type Failure,
	NO_ANSWER,
	NOT_SENT,
} from "../../src/report/errors.js";

/** What the SDK makes of a response of the Invoke API, and what is made of that. */
const refusal = async (status: number, name: string, body: Record<string, unknown> = {}): Promise<Failure> => {
	const client = new LambdaClient({
		region: "eu-west-1",
		credentials: { accessKeyId: "key", secretAccessKey: "secret" },
		maxAttempts: 1,
		requestHandler: {
			handle: async () => ({
				response: {
					statusCode: status,
					headers: { "content-type": "application/json", "x-amzn-errortype": name },
					body: Buffer.from(JSON.stringify(body)),
				} as never,
			}),
		},
	});
	const error = await client.send(new InvokeCommand({ FunctionName: "api" })).catch((error: unknown) => error);
	return explainFailure(error, "api:prod");
};

describe("a throttle", () => {
	test.each<[string, boolean, RegExp]>([
		["ConcurrentInvocationLimitExceeded", false, /^the account's concurrency limit is too low/],
		[
			"ReservedFunctionConcurrentInvocationLimitExceeded",
			false,
			/^reserved concurrency is lower than the number of environments requested/,
		],
		["ConcurrentSnapshotCreateLimitExceeded", false, /^the invocation rate is limited/],
		["FunctionInvocationRateLimitExceeded", true, /^the invocation rate is limited/],
		[
			"ReservedFunctionInvocationRateLimitExceeded",
			true,
			/^the invocation rate is limited.*raise reserved concurrency/,
		],
		["CallerRateLimitExceeded", true, /^the invocation rate is limited/],
	])("because of %s has a hint, and is transient: %p", async (Reason, isTransient, hint) => {
		const body = { Reason, message: "Rate Exceeded.", Type: "User" };
		expect(await refusal(429, "TooManyRequestsException", body)).toEqual({
			reason: "throttled",
			name: "TooManyRequestsException",
			message: "Rate Exceeded.",
			isTransient,
			isTransport: false,
			hint: expect.stringMatching(hint),
		});
	});

	test("counts as a limit that stays, if its reason is unknown", async () => {
		expect(await refusal(429, "TooManyRequestsException", { Reason: "toString" })).toMatchObject({
			reason: "throttled",
			isTransient: false,
		});
	});
});

describe("an error of the service", () => {
	test.each<[number, string, boolean, RegExp | undefined]>([
		[400, "ThrottlingException", true, /^the invocation rate is limited/],
		[502, "EC2ThrottledException", true, undefined],
		[502, "ENINotReadyException", true, /not active/],
		[409, "ResourceConflictException", true, /being updated/],
		[502, "ResourceNotReadyException", true, /not active/],
		[500, "ServiceException", true, undefined],
		[403, "ExpiredTokenException", false, /credentials/],
		[403, "UnrecognizedClientException", false, /credentials/],
		[400, "RecursiveInvocationException", false, /loop/],
		[400, "ModeNotSupportedException", false, /asynchronous/],
		[409, "SnapStartNotReadyException", true, /not active/],
		[408, "SnapStartTimeoutException", true, undefined],
		[400, "SnapStartException", false, undefined],
		[400, "SnapStartRegenerationFailureException", false, undefined],
		[409, "CodeArtifactUserPendingException", true, /not active/],
		[502, "KMSAccessDeniedException", false, undefined],
		[502, "KMSDisabledException", false, undefined],
		[502, "KMSInvalidStateException", false, undefined],
		[502, "KMSNotFoundException", false, undefined],
		[408, "EFSMountConnectivityException", true, undefined],
		[408, "EFSMountTimeoutException", true, undefined],
		[403, "EFSMountFailureException", false, undefined],
		[410, "EFSIOException", false, undefined],
		[408, "S3FilesMountConnectivityException", true, undefined],
		[408, "S3FilesMountTimeoutException", true, undefined],
		[403, "S3FilesMountFailureException", false, undefined],
		[502, "EC2UnexpectedException", true, undefined],
		[502, "EC2AccessDeniedException", false, undefined],
		[502, "ENILimitReachedException", false, undefined],
		[502, "SubnetIPAddressLimitReachedException", false, undefined],
		[502, "InvalidSecurityGroupIDException", false, undefined],
		[502, "InvalidSubnetIDException", false, undefined],
		[502, "InvalidRuntimeException", false, undefined],
		[502, "InvalidZipFileException", false, undefined],
		[403, "AccessDeniedException", false, /^grant lambda:InvokeFunction on api:prod to/],
		[404, "ResourceNotFoundException", false, /^no function, version or alias api:prod exists/],
		[413, "RequestTooLargeException", false, undefined],
		[500, "SomethingNew", true, undefined],
		[499, "SomethingNew", false, undefined],
	])("%i %s is transient: %p", async (status, name, isTransient, hint) => {
		const failure = await refusal(status, name, { Message: "why" });
		expect(failure).toMatchObject({
			reason: name === "ThrottlingException" ? "throttled" : "failed",
			name,
			message: "why",
			isTransient,
			isTransport: false,
		});
		if (hint) expect(failure.hint).toMatch(hint);
		else expect(failure).not.toHaveProperty("hint");
	});

	test.each([
		"InvalidSignatureException",
		"SignatureDoesNotMatch",
		"IncompleteSignatureException",
		"MissingAuthenticationTokenException",
	])("%s counts against the transport", async (name) => {
		expect(await refusal(403, name)).toMatchObject({
			reason: "failed",
			isTransient: false,
			isTransport: true,
			hint: expect.stringMatching(/signature|credentials/),
		});
	});

	test.each<[string, RegExp | undefined]>([
		["Add a valid TENANT-id to the request", /^send a tenant id to functions with tenant isolation/],
		["Functions with a durable ExecutionTimeout above 15 minutes", /^a durable function/],
		["the execution timeout is too long", /^a durable function/],
		["ExecutionTimeout", /^a durable function/],
		["Two validation errors detected", undefined],
	])("InvalidParameterValueException is explained by its message: %s", async (message, hint) => {
		const failure = await refusal(400, "InvalidParameterValueException", { message });
		expect(failure.isTransient).toBe(false);
		if (hint) expect(failure.hint).toMatch(hint);
		else expect(failure).not.toHaveProperty("hint");
	});
});

describe("a failure without a response", () => {
	const coded = (code: string) => Object.assign(new Error("why"), { code });
	const named = (name: string) => Object.assign(new Error("why"), { name });
	const noRoute = /^from a VPC, reach Lambda/;

	test.each<[Error, Failure["reason"], boolean, boolean, RegExp | undefined]>([
		[coded("ECONNRESET"), "failed", true, true, undefined],
		[coded("EPIPE"), "failed", true, true, undefined],
		[coded("ECONNREFUSED"), "failed", true, true, noRoute],
		[coded("EAI_AGAIN"), "failed", true, true, noRoute],
		[coded("ENOTFOUND"), "failed", false, true, noRoute],
		[coded("ENETUNREACH"), "failed", false, true, noRoute],
		[coded("EHOSTUNREACH"), "failed", false, true, noRoute],
		[coded("ETIMEDOUT"), "timedOut", false, true, noRoute],
		[named("TimeoutError"), "timedOut", false, true, noRoute],
		[coded("ERR_HTTP2_STREAM_ERROR"), "failed", true, true, undefined],
		[coded("ERR_HTTP2_GOAWAY_SESSION"), "failed", true, true, undefined],
		[coded("NOT_ERR_HTTP2_"), "failed", false, false, undefined],
		[coded("MODULE_NOT_FOUND"), "failed", false, false, /^install @aws-sdk/],
		[coded("ERR_MODULE_NOT_FOUND"), "failed", false, false, /^install @aws-sdk/],
		[named("CredentialsProviderError"), "failed", false, false, /^check the credentials/],
		[named("SomethingNew"), "failed", false, false, undefined],
	])("is read from %p", (error, reason, isTransient, isTransport, hint) => {
		const failure = explainFailure(error, "api");
		expect(failure).toMatchObject({ reason, message: "why", isTransient, isTransport });
		if (hint) expect(failure.hint).toMatch(hint);
		else expect(failure).not.toHaveProperty("hint");
	});

	test.each([undefined, null, 7])("that is not an error is described by its type: %p", (thrown) => {
		expect(explainFailure(thrown, "api")).toEqual({
			reason: "failed",
			name: "Error",
			message: `a value of type ${typeof thrown}`,
			isTransient: false,
			isTransport: false,
		});
	});
});

describe("an error of another name whose message mentions a known failure", () => {
	test.each([
		"ReservedFunctionConcurrentInvocationLimitExceeded",
		"ConcurrentSnapshotCreateLimitExceeded",
		"ThrottlingException",
		"TooManyRequestsException",
		"ConcurrentInvocationLimitExceeded",
		"AccessDeniedException",
		"ResourceNotFoundException",
		"InvalidParameterValueException: tenant",
		"InvalidParameterValueException: durable",
		"RecursiveInvocationException",
		"ModeNotSupportedException",
		"ExpiredTokenException",
		"UnrecognizedClientException",
		"CredentialsProviderError",
		"InvalidSignatureException",
		"MissingAuthenticationTokenException",
		"UnsupportedMediaTypeException",
		"InvalidRequestContentException",
		"SerializationException",
		"ResourceConflictException",
		"SnapStartException",
		"SnapStartTimeoutException",
		"InvalidRuntimeException",
		"KMSDisabledException",
		"EC2AccessDeniedException",
		"EFSMountFailureException",
		"EFSMountTimeoutException",
		"S3FilesMountFailureException",
		"S3FilesMountTimeoutException",
		"ECONNREFUSED",
		"EAI_AGAIN",
		"ECONNRESET",
		"EPIPE",
		"ERR_HTTP2_STREAM_ERROR",
		"ENOTFOUND",
		"ENETUNREACH",
		"EHOSTUNREACH",
		"ETIMEDOUT",
		"TimeoutError",
	])("is judged by its status alone: %s", (known) => {
		for (const httpStatusCode of [400, 500]) {
			const error = Object.assign(new Error(`because of ${known}`), {
				name: "SomethingNew",
				$metadata: { httpStatusCode },
			});
			expect(explainFailure(error, "api")).toEqual({
				reason: "failed",
				name: "SomethingNew",
				message: `because of ${known}`,
				isTransient: httpStatusCode === 500,
				isTransport: false,
			});
		}
	});
});

describe("the error of a child's handler", () => {
	test.each<[string | undefined, string]>([
		['{"errorType":"RangeError","errorMessage":"too far"}', "RangeError: too far"],
		["not JSON", "the handler failed"],
		["null", "the handler failed"],
		[undefined, "the handler failed"],
		[`{"errorType":"E","errorMessage":"${"x".repeat(400)}"}`, `E: ${"x".repeat(253)}`],
	])("is quoted from %p", (payload, message) => {
		expect(explainFunctionError(payload === undefined ? undefined : Buffer.from(payload))).toEqual({
			reason: "failed",
			name: "FunctionError",
			message,
			isTransient: false,
			isTransport: false,
		});
	});
});

test.each([
	[NO_ANSWER, "TimeoutError", /no answer/, /VPC.*raise the timeout/],
	[NOT_SENT, "NotSentInTime", /could not be sent/, /more memory.*longer timeout/],
])("a child that is too late is timed out, with a hint: %p", (failure, name, message, hint) => {
	expect(failure).toEqual({
		reason: "timedOut",
		name,
		message: expect.stringMatching(message),
		isTransient: false,
		isTransport: false,
		hint: expect.stringMatching(hint),
	});
});

describe("describeError", () => {
	test.each<[unknown, string, string]>([
		[new TypeError("no"), "TypeError", "no"],
		[Object.assign(new Error("no"), { code: "ECONNRESET" }), "ECONNRESET", "no"],
		[null, "Error", "a value of type object"],
		["text", "Error", "text"],
		["x".repeat(300), "Error", "x".repeat(256)],
		[new Error("x".repeat(300)), "Error", "x".repeat(256)],
	])("reads %p", (error, name, message) => {
		expect(describeError(error)).toEqual({ name, message });
	});

	test("shortens a long name", () => {
		expect(describeError(Object.assign(new Error(), { name: "n".repeat(300) })).name).toHaveLength(256);
	});

	test("describes an error whose message cannot be read", () => {
		const error = new Error();
		Object.defineProperty(error, "message", {
			get: () => {
				throw new Error("getter");
			},
		});
		expect(describeError(error)).toEqual({ name: "Error", message: "an error that cannot be read" });
	});
});

describe("an error that is not Lambda's own", () => {
	test.each([
		[403, false],
		[505, true],
	])("counts against the transport, whatever its name: status %i", (httpStatusCode, isTransient) => {
		const error = Object.assign(new Error("why"), {
			name: "AccessDeniedException",
			$metadata: { httpStatusCode },
			isForeign: true,
		});
		expect(explainFailure(error, "api")).toEqual({
			reason: "failed",
			name: "AccessDeniedException",
			message: "why",
			isTransient,
			isTransport: true,
		});
	});
});
