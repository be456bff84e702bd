/**
 * Signature Version 4 for requests over HTTP/2 (IAM user guide, "Create a signed AWS API request").
 *
 * @module
 */

/** Who signs, and for which Region. */
export interface SigningIdentity {
	readonly region: string;
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken: string | undefined;
}

/** A request to sign. */
export interface SignableRequest {
	readonly method: string;
	readonly authority: string;
	/** Encoded once, without a query. */
	readonly path: string;
	/** The headers to sign, in lowercase; `host` and those of the signature are added. */
	readonly headers: Readonly<Record<string, string>>;
	readonly body: Uint8Array;
}

/** A signed request: the headers of an HTTP/2 stream. */
export interface SignedRequest {
	readonly headers: Record<string, string>;
	readonly body: Uint8Array;
}

/** Signs requests to a service. The key is derived once a day. */
export function createSigner(identity: SigningIdentity, service: string) {
	const { region, accessKeyId, secretAccessKey, sessionToken } = identity;
	const { createHash, createHmac } = process.getBuiltinModule("node:crypto");
	const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
	const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();
	let key: { readonly scope: string; readonly value: Buffer } | undefined;

	const keyFor = (scope: string): Buffer => {
		if (key?.scope !== scope) {
			key = { scope, value: scope.split("/").reduce<Buffer>(hmac, Buffer.from(`AWS4${secretAccessKey}`)) };
		}
		return key.value;
	};

	return ({ method, authority, path, headers, body }: SignableRequest): SignedRequest => {
		const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
		const signed: Record<string, string> = {
			...headers,
			host: authority,
			"x-amz-date": time,
			...(sessionToken && { "x-amz-security-token": sessionToken }),
		};
		const names = Object.keys(signed).sort();
		// Services other than S3 expect the path to be encoded once more than it is sent.
		const canonicalPath = encodeURIComponent(path).replaceAll("%2F", "/");
		const canonical = [
			method,
			canonicalPath,
			"",
			// A tenant id may contain spaces.
			...names.map((name) => `${name}:${String(signed[name]).trim().replace(/ +/g, " ")}`),
			"",
			names.join(";"),
			sha256(body),
		].join("\n");
		const scope = `${time.slice(0, 8)}/${region}/${service}/aws4_request`;
		const signature = hmac(keyFor(scope), ["AWS4-HMAC-SHA256", time, scope, sha256(canonical)].join("\n"));
		const { host: _, ...sent } = signed;
		return {
			headers: {
				":method": method,
				":scheme": "https",
				":authority": authority,
				":path": path,
				...sent,
				authorization: `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(";")}, Signature=${signature.toString("hex")}`,
			},
			body,
		};
	};
}
