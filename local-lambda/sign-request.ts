import type { Credentials } from "./credentials.js";
import { ALGORITHM, computeSignature, deriveSigningKey, formatInstant, scopeOf } from "./signature-v4.js";

/** A request that is to be signed. */
export interface UnsignedRequest {
	/** Default `POST`. */
	method?: string;
	/** The whole URL, with the query string. */
	url: string;
	/** Header fields to sign and send, with lower-case names. Default none. */
	headers?: Readonly<Record<string, string>>;
	/** Default empty. */
	body?: string | Uint8Array;
}

/**
 * Signs a request to a local Lambda, for clients without an AWS SDK. Returns the headers to send: those given, and the
 * ones of the signature. `host` is not among them, because every HTTP client sends it.
 *
 * @param now in epoch ms
 */
export const signRequest = (
	{ method = "POST", url, headers = {}, body = "" }: UnsignedRequest,
	{ accessKeyId, secretAccessKey, sessionToken }: Credentials,
	now = Date.now(),
): Record<string, string> => {
	const { host, pathname, search } = new URL(url);
	const date = formatInstant(now);
	const day = date.slice(0, 8);
	const sent = {
		...headers,
		"x-amz-date": date,
		...(sessionToken !== undefined && { "x-amz-security-token": sessionToken }),
	};
	const signedHeaders = ["host", ...Object.keys(sent)].sort();
	const signature = computeSignature(
		{ method, url: pathname + search, headers: { ...sent, host }, body: Buffer.from(body) },
		signedHeaders,
		date,
		deriveSigningKey(secretAccessKey, day),
	);
	const parameters = [
		`Credential=${accessKeyId}/${scopeOf(day)}`,
		`SignedHeaders=${signedHeaders.join(";")}`,
		`Signature=${signature}`,
	];
	return { ...sent, authorization: `${ALGORITHM} ${parameters.join(", ")}` };
};
