import { createHash, createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { SignatureV4 } from "@smithy/signature-v4";
import {
	createSigner,
	type SignableRequest,
	type SignedRequest,
	type SigningIdentity,
} from "../../src/transport/sigv4.js";

beforeEach(() => {
	jest.useFakeTimers({ now: Date.UTC(2015, 7, 30, 12, 36, 0, 789), doNotFake: ["setImmediate", "nextTick"] });
});
afterEach(() => {
	jest.useRealTimers();
});

describe("AWS's test suite for Signature Version 4", () => {
	// Of the suite, what a signer without queries, repeated headers and normalized paths can take. Its paths are not
	// encoded, so encoding them "once more" gives the suite's canonical path.
	const STS_TOKEN =
		"AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
	const FORM = "application/x-www-form-urlencoded";

	interface Vector {
		readonly method?: "GET" | "POST";
		readonly path?: string;
		readonly headers?: Record<string, string>;
		readonly body?: string;
		readonly sessionToken?: string;
		readonly signedHeaders?: string;
		readonly signature: string;
	}

	test.each<[string, Vector]>([
		["get-vanilla", { signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31" }],
		[
			"get-unreserved",
			{
				path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
				signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f",
			},
		],
		["get-utf8", { path: "/ሴ", signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85" }],
		[
			"get-space",
			{ path: "/example space/", signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741" },
		],
		[
			"get-header-value-trim",
			{
				headers: { "my-header1": " value1", "my-header2": ' "a   b   c"' },
				signedHeaders: "host;my-header1;my-header2;x-amz-date",
				signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
			},
		],
		["post-vanilla", { method: "POST", signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b" }],
		[
			"post-header-key-sort",
			{
				method: "POST",
				headers: { "my-header1": "value1" },
				signedHeaders: "host;my-header1;x-amz-date",
				signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
			},
		],
		[
			"post-header-value-case",
			{
				method: "POST",
				headers: { "my-header1": "VALUE1" },
				signedHeaders: "host;my-header1;x-amz-date",
				signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d",
			},
		],
		[
			"post-sts-header-before",
			{
				method: "POST",
				sessionToken: STS_TOKEN,
				signedHeaders: "host;x-amz-date;x-amz-security-token",
				signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
			},
		],
		[
			"post-x-www-form-urlencoded",
			{
				method: "POST",
				headers: { "content-type": FORM },
				body: "Param1=value1",
				signedHeaders: "content-type;host;x-amz-date",
				signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
			},
		],
		[
			"post-x-www-form-urlencoded-parameters",
			{
				method: "POST",
				headers: { "content-type": `${FORM}; charset=utf8` },
				body: "Param1=value1",
				signedHeaders: "content-type;host;x-amz-date",
				signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
			},
		],
	])("agrees about %s", (_, { method = "GET", path = "/", headers = {}, body = "", sessionToken, ...expected }) => {
		const sign = createSigner(
			{
				region: "us-east-1",
				accessKeyId: "AKIDEXAMPLE",
				secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
				sessionToken,
			},
			"service",
		);
		const signed = sign({ method, path, headers, body: Buffer.from(body), authority: "example.amazonaws.com" });
		expect(signed.headers.authorization).toBe(
			`AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${
				expected.signedHeaders ?? "host;x-amz-date"
			}, Signature=${expected.signature}`,
		);
	});
});

const identity: SigningIdentity = {
	region: "eu-west-1",
	accessKeyId: "key",
	secretAccessKey: "secret",
	sessionToken: "token/+=",
};

const request: SignableRequest = {
	method: "POST",
	authority: "lambda.eu-west-1.amazonaws.com",
	path: "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aeu-west-1%3A123456789012%3Afunction%3Aapi%3A%24LATEST/invocations",
	headers: { "content-length": "27", "content-type": "application/octet-stream", "x-amz-log-type": "None" },
	body: Buffer.from('{"warmer":true,"name":"ä"}'),
};

/** Signs the headers of a request again, as AWS's own library does. */
const signatureOfAws = async (
	{ headers, body }: SignedRequest,
	{ sessionToken, ...keys }: SigningIdentity,
): Promise<unknown> => {
	const { authorization: _, ":authority": host, ":path": path, ":method": method, ...rest } = headers;
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
		method: String(method),
		protocol: "https:",
		hostname: String(host).replace(/:\d+$/, ""),
		path: String(path),
		query: {},
		headers: { ...Object.fromEntries(fields), host: String(host) },
		body,
	});
	return signed.headers.authorization;
};

describe("the signer of AWS's JavaScript SDK", () => {
	test.each<[string, Partial<SigningIdentity>, Partial<SignableRequest>]>([
		["a function's ARN", {}, {}],
		["a function's name", {}, { path: "/2015-03-31/functions/api/invocations" }],
		["a header with spaces and other letters", {}, { headers: { "x-amz-tenant-id": " a  b/ä " } }],
		["no headers and no body", {}, { headers: {}, body: Buffer.alloc(0) }],
		["a body that is not text", {}, { body: Uint8Array.of(0, 255, 10, 13) }],
		["no session", { sessionToken: undefined }, {}],
		["an empty session", { sessionToken: "" }, {}],
		["another Region", { region: "cn-north-1" }, {}],
		["a port", {}, { authority: "localhost:8443" }],
		["an IPv6 address", {}, { authority: "[::1]:8443" }],
	])("agrees about a request with %s", async (_, ofIdentity, ofRequest) => {
		const signer = { ...identity, ...ofIdentity };
		const signed = createSigner(signer, "lambda")({ ...request, ...ofRequest });
		expect(signed.headers.authorization).toBe(await signatureOfAws(signed, signer));
	});

	test("agrees in another second and on another day, with a signer that is kept", async () => {
		const sign = createSigner(identity, "lambda");
		const signatures = new Set<unknown>();
		for (const laterMs of [0, 1000, 86_400_000]) {
			jest.setSystemTime(Date.UTC(2026, 1, 3, 4, 5, 6) + laterMs);
			const signed = sign(request);
			expect(signed.headers.authorization).toBe(await signatureOfAws(signed, identity));
			signatures.add(signed.headers.authorization);
		}
		expect(signatures.size).toBe(3);
	});
});

test("derives its key once for all requests of a day", () => {
	const createHmacs = jest.spyOn(process.getBuiltinModule("node:crypto"), "createHmac");
	const sign = createSigner(identity, "lambda");
	sign(request);
	createHmacs.mockClear();
	sign(request);
	expect(createHmacs).toHaveBeenCalledTimes(1);
	jest.advanceTimersByTime(86_400_000);
	sign(request);
	expect(createHmacs).toHaveBeenCalledTimes(6);
	createHmacs.mockRestore();
});

test("sends the request as HTTP/2 does, with its authority in place of `host`", () => {
	const { headers, body } = createSigner(identity, "lambda")({ ...request, path: "/", headers: { a: "1" } });
	expect(headers).toEqual({
		":method": "POST",
		":scheme": "https",
		":authority": "lambda.eu-west-1.amazonaws.com",
		":path": "/",
		a: "1",
		"x-amz-date": "20150830T123600Z",
		"x-amz-security-token": "token/+=",
		authorization: expect.stringContaining("SignedHeaders=a;host;x-amz-date;x-amz-security-token, "),
	});
	expect(body).toBe(request.body);
});
