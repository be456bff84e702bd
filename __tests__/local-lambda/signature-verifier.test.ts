import { connect } from "node:http2";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { createSessionCredentials } from "../../local-lambda/credentials.js";
import { type Credentials, type LocalLambda, signRequest } from "../../local-lambda/index.js";
import { SignatureVerifier } from "../../local-lambda/signature-verifier.js";
import { clientOf, handlerUrl, INVOKE_PATH, signedHeaders, startWith } from "./support.js";

const MINUTE_MS = 60_000;
const BODY = '{"a":1}';
const WRONG_SIGNATURE =
	"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
const UNKNOWN_KEY = "The security token included in the request is invalid.";

let lambda: LocalLambda;
let faultCount = 0;

beforeAll(async () => {
	const fault = () => {
		faultCount += 1;
		return undefined;
	};
	lambda = await startWith({ aliases: { prod: "1" } }, { fault });
});
afterEach(() => lambda.reset());
afterAll(() => lambda.stop());

/** Signs a request, with what may be wrong with the credentials or the clock. */
const sign = (credentials: Partial<Credentials> = {}, ageMs = 0) =>
	signRequest(
		{ url: lambda.endpoint + INVOKE_PATH, body: BODY },
		{ ...lambda.credentials, ...credentials },
		Date.now() - ageMs,
	);

/** Signs a request, and replaces a part of its `Authorization` header. */
const signAndReplace = (part: string | RegExp, replacement: string) => {
	const headers = sign();
	return { ...headers, authorization: String(headers.authorization).replace(part, replacement) };
};

const send = async (headers: Record<string, string>, { path = INVOKE_PATH, body = BODY } = {}) => {
	const response = await fetch(lambda.endpoint + path, { method: "POST", headers, body });
	const { message } = JSON.parse(await response.text());
	return { status: response.status, errorType: response.headers.get("x-amzn-errortype"), message };
};

describe("an unacceptable signature is refused as Lambda refuses it", () => {
	test.each<[string, () => Record<string, string>, string, string | RegExp]>([
		["no signature", () => ({}), "MissingAuthenticationTokenException", "Missing Authentication Token"],
		[
			"another scheme, and no date",
			() => ({ authorization: "Basic eDp5" }),
			"IncompleteSignatureException",
			/^Authorization header requires 'Credential' parameter\. Authorization header requires 'Signature' parameter\. Authorization header requires 'SignedHeaders' parameter\. Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header\. Authorization \(hashed /,
		],
		[
			"a missing parameter",
			() => signAndReplace(/, Signature=.*/, ""),
			"IncompleteSignatureException",
			/^Authorization header requires 'Signature' parameter\. Authorization \(hashed /,
		],
		[
			"a parameter without a value",
			() => signAndReplace("Credential=", "Credential "),
			"IncompleteSignatureException",
			/^Invalid key=value pair \(missing equal-sign\) in Authorization header \(hashed /,
		],
		[
			"a credential without a service",
			() => signAndReplace("/lambda/", "/"),
			"IncompleteSignatureException",
			/^Credential must have exactly 5 slash-delimited elements/,
		],
		[
			"a date in another format",
			() => ({ ...sign(), "x-amz-date": `${String(sign()["x-amz-date"]).slice(0, 8)}T1800Z` }),
			"IncompleteSignatureException",
			/^Date must be in ISO-8601 'basic format'\. Got '\d{8}T1800Z'\.$/,
		],
		[
			"a date of another day than the credential's",
			() => ({ ...sign(), "x-amz-date": "20150830T123600Z" }),
			"InvalidSignatureException",
			/^Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '\d{8}' != '20150830', from '20150830T123600Z'\. $/,
		],
		[
			"another region",
			() => signAndReplace("us-east-1", "eu-north-1"),
			"InvalidSignatureException",
			"Credential should be scoped to a valid region, not 'eu-north-1'. ",
		],
		[
			"another service",
			() => signAndReplace("/lambda/", "/s3/"),
			"InvalidSignatureException",
			"Credential should be scoped to correct service: 'lambda'. ",
		],
		[
			"another terminator",
			() => signAndReplace("aws4_request", "aws5_request"),
			"InvalidSignatureException",
			"Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5_request'. ",
		],
		[
			"an unsigned host",
			() => signAndReplace("host;", ""),
			"InvalidSignatureException",
			"'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
		],
		[
			"a clock that is six minutes slow",
			() => sign({}, 6 * MINUTE_MS),
			"InvalidSignatureException",
			/^Signature expired: \d{8}T\d{6}Z is now earlier than \d{8}T\d{6}Z \(\d{8}T\d{6}Z - 5 min\.\)$/,
		],
		[
			"a clock that is six minutes fast",
			() => sign({}, -6 * MINUTE_MS),
			"InvalidSignatureException",
			/^Signature not yet current: \d{8}T\d{6}Z is still later than \d{8}T\d{6}Z \(\d{8}T\d{6}Z \+ 5 min\.\)$/,
		],
		["an unknown key", () => sign({ accessKeyId: "AKIAUNKNOWN" }), "UnrecognizedClientException", UNKNOWN_KEY],
		["a foreign session token", () => sign({ sessionToken: "x" }), "UnrecognizedClientException", UNKNOWN_KEY],
		["a wrong secret", () => sign({ secretAccessKey: "x" }), "InvalidSignatureException", WRONG_SIGNATURE],
		["a short signature", () => signAndReplace(/\w$/, ""), "InvalidSignatureException", WRONG_SIGNATURE],
	])("%s", async (_, headers, errorType, message) => {
		const faultsBefore = faultCount;
		expect(await send(headers())).toEqual({
			status: 403,
			errorType,
			message: typeof message === "string" ? message : expect.stringMatching(message),
		});
		expect(lambda.invocations).toMatchObject([{ status: 403, error: errorType, attempts: 0 }]);
		expect(faultCount).toBe(faultsBefore);
	});

	test.each([
		["body", { body: '{"a":2}' }],
		["query string", { path: `${INVOKE_PATH}?Qualifier=prod` }],
		["path", { path: INVOKE_PATH.replace("api", "%61pi") }],
	])("a %s that was changed after signing", async (_, sent) => {
		expect(await send(sign(), sent)).toMatchObject({
			errorType: "InvalidSignatureException",
			message: WRONG_SIGNATURE,
		});
	});

	test("the SDK throws the error by its name", async () => {
		const credentials = { accessKeyId: "AKIAUNKNOWN", secretAccessKey: "x" };
		const client = new LambdaClient({ endpoint: lambda.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
		await expect(client.send(new InvokeCommand({ FunctionName: "api" }))).rejects.toMatchObject({
			name: "UnrecognizedClientException",
			message: UNKNOWN_KEY,
			$metadata: { httpStatusCode: 403 },
		});
	});
});

describe("a valid signature is accepted", () => {
	test("when the clock is off by less than five minutes, in either direction", async () => {
		for (const ageMs of [4.9 * MINUTE_MS, -4.9 * MINUTE_MS]) {
			expect(await send(sign({}, ageMs))).toMatchObject({ status: 200 });
		}
	});

	test("when header values have spaces, and the query string needs encoding", async () => {
		const path = `${INVOKE_PATH}?Qualifier=%24LATEST&a%20b=c%2Bd&empty`;
		const headers = { "x-amz-client-context": "  two   spaces " };
		const signed = signRequest({ url: lambda.endpoint + path, headers, body: BODY }, lambda.credentials);
		expect(await send(signed, { path })).toMatchObject({ status: 200 });
	});

	test("from the SDK, when the function is named by an ARN and an alias", async () => {
		const command = new InvokeCommand({ FunctionName: lambda.arn("api"), Qualifier: "prod", Payload: BODY });
		expect(await clientOf(lambda).send(command)).toMatchObject({ StatusCode: 200, ExecutedVersion: "1" });
	});

	test("over HTTP/2, whether the request has an :authority or a host", async () => {
		await using secure = await startWith({}, { tls: {} });
		const session = connect(secure.endpoint, { rejectUnauthorized: false });
		const { host } = new URL(secure.endpoint);
		const statuses = [{ ":authority": host }, { host }].map(
			(name) =>
				new Promise((resolve, reject) => {
					const headers = signedHeaders(secure, BODY);
					const stream = session.request({ ":method": "POST", ":path": INVOKE_PATH, ...name, ...headers });
					stream.on("response", (response) => resolve(response[":status"]));
					stream.on("error", reject);
					stream.end(BODY);
				}),
		);
		expect(await Promise.all(statuses)).toEqual([200, 200]);
		session.destroy();
	});
});

describe("an environment", () => {
	test.each(["on-demand", "snap-start"] as const)("has credentials of its own, %s", async (initializationType) => {
		await using other = await startWith({ handler: handlerUrl("caller"), initializationType });
		const { payload } = await other.invoke("api", {});
		expect(payload).toMatchObject({ keysInVariables: initializationType === "on-demand" });
		expect(other.invocations).toMatchObject([{ via: "direct" }, { via: "api", status: 200 }]);
	});

	test("is refused with other credentials", async () => {
		await using other = await startWith({
			handler: handlerUrl("caller"),
			environment: { AWS_SESSION_TOKEN: "expired" },
		});
		expect(await other.invoke("api", {})).toMatchObject({
			functionError: "Unhandled",
			payload: { errorType: "UnrecognizedClientException" },
		});
	});
});

test("accepts signatures of both days around midnight", () => {
	const verifier = new SignatureVerifier();
	const credentials = verifier.accept(createSessionCredentials());
	const url = "http://lambda.test/";
	const verify = (now: number) => {
		const headers = { host: "lambda.test", ...signRequest({ url, body: BODY }, credentials, now) };
		return verifier.verify({ method: "POST", url: "/", headers, body: Buffer.from(BODY) }, now);
	};
	const midnight = Date.UTC(2026, 10, 28);
	for (const now of [midnight - 1000, midnight, midnight + 1000, midnight - 1000]) {
		expect(verify(now)).toBeUndefined();
	}
});
