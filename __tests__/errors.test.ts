import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { describe, expect, test } from "@jest/globals";
import { explainFailure, explainFunctionError, type Failure, noAnswer, notSent } from "../src/errors.js";

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

describe("a 429", () => {
	test.each<[string, boolean, RegExp]>([
		["ConcurrentInvocationLimitExceeded", false, /^the account has no concurrency left/],
		["ReservedFunctionConcurrentInvocationLimitExceeded", false, /^reserved concurrency is lower than asked for$/],
		["ConcurrentSnapshotCreateLimitExceeded", false, /snapshots/],
		["FunctionInvocationRateLimitExceeded", true, /rate of invocations/],
		["ReservedFunctionInvocationRateLimitExceeded", true, /rate of invocations.*raise reserved concurrency/],
		["CallerRateLimitExceeded", true, /rate of invocations/],
	])("for %s: passes %p", async (Reason, transient, hint) => {
		const body = { Reason, message: "Rate Exceeded.", Type: "User" };
		expect(await refusal(429, "TooManyRequestsException", body)).toEqual({
			reason: "throttled",
			name: "TooManyRequestsException",
			message: "Rate Exceeded.",
			transient,
			transport: false,
			hint: expect.stringMatching(hint),
		});
	});

	test("for a reason that is not known counts as a limit", async () => {
		expect(await refusal(429, "TooManyRequestsException", { Reason: "toString" })).toMatchObject({
			reason: "throttled",
			transient: false,
		});
	});
});

describe("a refusal of the service", () => {
	test.each<[number, string, boolean, RegExp | undefined]>([
		[400, "ThrottlingException", true, /rate of invocations/],
		[502, "EC2ThrottledException", true, /VPC/],
		[502, "ENINotReadyException", true, /network interface/],
		[409, "ResourceConflictException", true, /in progress/],
		[502, "ResourceNotReadyException", true, /not active/],
		[500, "ServiceException", true, undefined],
		[403, "ExpiredTokenException", false, /credentials/],
		[403, "UnrecognizedClientException", false, /credentials/],
		[400, "RecursiveInvocationException", false, /loop/],
		[400, "ModeNotSupportedException", false, /asynchronous/],
		[409, "SnapStartNotReadyException", true, /not active/],
		[408, "SnapStartTimeoutException", true, /snapshot/],
		[400, "SnapStartException", false, /afterRestore/],
		[400, "SnapStartRegenerationFailureException", false, /cannot be started/],
		[409, "CodeArtifactUserPendingException", true, /not active/],
		[502, "KMSAccessDeniedException", false, /KMS/],
		[502, "KMSDisabledException", false, /KMS/],
		[502, "KMSInvalidStateException", false, /KMS/],
		[502, "KMSNotFoundException", false, /KMS/],
		[408, "EFSMountConnectivityException", true, /file system/],
		[408, "EFSMountTimeoutException", true, /file system/],
		[403, "EFSMountFailureException", false, /file system/],
		[410, "EFSIOException", false, /file system/],
		[408, "S3FilesMountConnectivityException", true, /file system/],
		[408, "S3FilesMountTimeoutException", true, /file system/],
		[403, "S3FilesMountFailureException", false, /file system/],
		[502, "EC2UnexpectedException", true, /VPC/],
		[502, "EC2AccessDeniedException", false, /VPC/],
		[502, "ENILimitReachedException", false, /VPC/],
		[502, "SubnetIPAddressLimitReachedException", false, /IP address/],
		[502, "InvalidSecurityGroupIDException", false, /VPC/],
		[502, "InvalidSubnetIDException", false, /VPC/],
		[502, "InvalidRuntimeException", false, /cannot be started/],
		[502, "InvalidZipFileException", false, /cannot be started/],
		[403, "AccessDeniedException", false, /^grant lambda:InvokeFunction on api:prod to/],
		[404, "ResourceNotFoundException", false, /^api:prod is no function/],
		[413, "RequestTooLargeException", false, undefined],
		[500, "SomethingNew", true, undefined],
		[499, "SomethingNew", false, undefined],
	])("%i %s: passes %p", async (status, name, transient, hint) => {
		const failure = await refusal(status, name, { Message: "why" });
		expect(failure).toMatchObject({
			reason: name === "ThrottlingException" ? "throttled" : "failed",
			name,
			message: "why",
			transient,
			transport: false,
		});
		if (hint) expect(failure.hint).toMatch(hint);
		else expect(failure).not.toHaveProperty("hint");
	});

	test.each([
		"InvalidSignatureException",
		"SignatureDoesNotMatch",
		"IncompleteSignatureException",
		"MissingAuthenticationTokenException",
	])("%s is about the way there", async (name) => {
		expect(await refusal(403, name)).toMatchObject({
			reason: "failed",
			transient: false,
			transport: true,
			hint: expect.stringMatching(/signature|credentials/),
		});
	});

	test.each<[string, RegExp | undefined]>([
		["Add a valid TENANT-id to the request", /^a function with tenant isolation/],
		["Functions with a durable ExecutionTimeout above 15 minutes", /^a durable function/],
		["the execution timeout is too long", /^a durable function/],
		["ExecutionTimeout", /^a durable function/],
		["Two validation errors detected", undefined],
	])("InvalidParameterValueException is explained by its message: %s", async (message, hint) => {
		const failure = await refusal(400, "InvalidParameterValueException", { message });
		expect(failure.transient).toBe(false);
		if (hint) expect(failure.hint).toMatch(hint);
		else expect(failure).not.toHaveProperty("hint");
	});
});

describe("a failure on this side", () => {
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
	])("%p", (error, reason, transient, transport, hint) => {
		const failure = explainFailure(error, "api");
		expect(failure).toMatchObject({ reason, message: "why", transient, transport });
		if (hint) expect(failure.hint).toMatch(hint);
		else expect(failure).not.toHaveProperty("hint");
	});

	test.each([undefined, null, 7])("that is no error: %p", (thrown) => {
		expect(explainFailure(thrown, "api")).toEqual({
			reason: "failed",
			name: "Error",
			message: `a value of type ${typeof thrown}`,
			transient: false,
			transport: false,
		});
	});
});

describe("a child's own error", () => {
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
			transient: false,
			transport: false,
		});
	});
});

test.each([
	[noAnswer, "TimeoutError", /no answer/, /VPC.*raise the timeout/],
	[notSent, "NotSentInTime", /could not be sent/, /more memory.*longer timeout/],
])("what came too late is a failure of this package's own: %p", (failure, name, message, hint) => {
	expect(failure).toEqual({
		reason: "timedOut",
		name,
		message: expect.stringMatching(message),
		transient: false,
		transport: false,
		hint: expect.stringMatching(hint),
	});
});
