import { createHmac, hash } from "node:crypto";
import { REGION } from "./function-name.js";

export const ALGORITHM = "AWS4-HMAC-SHA256";
export const SERVICE = "lambda";
export const TERMINATOR = "aws4_request";

/** The parts of an HTTP request that a signature covers. */
export interface SignedRequest {
	method: string;
	/** Path and query string, as sent. */
	url: string;
	/** Lower-case names, with the `:authority` of HTTP/2 as `host`. */
	headers: Readonly<Record<string, string | undefined>>;
	body: Uint8Array;
}

/** The SHA-256 hash, in hexadecimal digits. Node.js decodes header bytes as Latin-1, so this hashes the bytes as sent. */
export const sha256 = (data: string | Uint8Array): string =>
	hash("sha256", typeof data === "string" ? Buffer.from(data, "latin1") : data);

/** Encodes everything except the unreserved characters of RFC 3986. */
const encode = (text: string): string =>
	encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

/** Undefined if a percent sign does not introduce a valid escape. */
const decode = (text: string): string | undefined => {
	try {
		return decodeURIComponent(text);
	} catch {
		return undefined;
	}
};

const canonicalQuery = (query: string): string =>
	query
		.split("&")
		.filter((parameter) => parameter !== "")
		.map((parameter) => {
			const [name = "", ...value] = parameter.split("=");
			return [name, value.join("=")].map((part) => encode(decode(part) ?? part)).join("=");
		})
		.sort()
		.join("&");

/**
 * The canonical request of Signature Version 4 (IAM user guide, "Create a signed AWS API request"), as every service
 * except S3 computes it: the path is encoded once more than it was sent.
 */
const canonicalRequest = ({ method, url, headers, body }: SignedRequest, signedHeaders: readonly string[]): string => {
	const queryAt = url.indexOf("?");
	const path = queryAt < 0 ? url : url.slice(0, queryAt);
	return [
		method,
		encode(path).replaceAll("%2F", "/"),
		canonicalQuery(queryAt < 0 ? "" : url.slice(queryAt + 1)),
		...signedHeaders.map((name) => `${name}:${(headers[name] ?? "").trim().replace(/ +/g, " ")}`),
		"",
		signedHeaders.join(";"),
		sha256(body),
	].join("\n");
};

const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();

/**
 * The key that signs the requests of one day.
 *
 * @param day `YYYYMMDD`
 */
export const deriveSigningKey = (secretAccessKey: string, day: string): Buffer =>
	[day, REGION, SERVICE, TERMINATOR].reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`));

/** An instant in the basic format of ISO 8601, such as `20261128T180000Z`. */
export const formatInstant = (epochMs: number): string => new Date(epochMs).toISOString().replace(/[-:]|\.\d+/g, "");

/** The scope of the requests of one day, as the `Credential` parameter has it. */
export const scopeOf = (day: string): string => `${day}/${REGION}/${SERVICE}/${TERMINATOR}`;

/**
 * The signature of a request.
 *
 * @param date as in the header `x-amz-date`
 */
export const computeSignature = (
	request: SignedRequest,
	signedHeaders: readonly string[],
	date: string,
	signingKey: Buffer,
): string => {
	const canonicalHash = sha256(canonicalRequest(request, signedHeaders));
	return hmac(signingKey, [ALGORITHM, date, scopeOf(date.slice(0, 8)), canonicalHash].join("\n")).toString("hex");
};
