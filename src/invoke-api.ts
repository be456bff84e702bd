/**
 * Lambda's Invoke API without the SDK, which a small function takes seconds to load: an invocation as a signed request,
 * and what its response says. Pure, but for the environment variables.
 *
 * @module
 */

import { createHash, createHmac } from "node:crypto";
import { explainFailure, explainFunctionError, type Failure } from "./errors.js";
import { authorityOf, type Http2Request, type HttpResponse } from "./http2.js";

/** One invocation. */
export interface Invocation {
	/** A name or an ARN, with a qualifier or without. */
	readonly FunctionName: string;
	readonly InvocationType: "RequestResponse" | "Event";
	readonly TenantId?: string;
	readonly Payload: Uint8Array;
}

/** What became of one invocation. */
export type Outcome =
	| { readonly kind: "accepted" }
	| { readonly kind: "answered"; readonly payload: Uint8Array | undefined }
	/** The child's handler failed. */
	| { readonly kind: "threw"; readonly failure: Failure }
	| { readonly kind: "failed"; readonly failure: Failure };

/** Where the Invoke API is, and as whom to call it. */
export interface Access {
	readonly hostname: string;
	/** 443 where it is left out. */
	readonly port: number | undefined;
	readonly region: string;
	readonly accessKeyId: string;
	readonly secretAccessKey: string;
	readonly sessionToken: string | undefined;
}

/** Settings that only the SDK knows how to follow. */
const ofTheSdk = [
	"AWS_PROFILE",
	"AWS_CONFIG_FILE",
	"AWS_SHARED_CREDENTIALS_FILE",
	"AWS_USE_DUALSTACK_ENDPOINT",
	"AWS_USE_FIPS_ENDPOINT",
	"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
];

/** Regions whose endpoints end with `amazonaws.com`, those of China with `.cn` behind it; others are left to the SDK. */
const regions = /^(?:(?:us|eu|ap|sa|ca|me|af|il|mx|us-gov)-(?!iso)[a-z]+|(?<china>cn-[a-z]+))-\d+$/;

/**
 * Reads the access that Lambda gives every function in environment variables (developer guide, "Defined runtime
 * environment variables"). Undefined where something is set that is left to the SDK, where the endpoint is without TLS,
 * and outside Lambda, where a test may have put a mock in the SDK's place: only a runtime has a Runtime API.
 */
export const accessFromEnvironment = (): Access | undefined => {
	const { env } = process;
	const { AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
	if (!env.AWS_LAMBDA_RUNTIME_API || ofTheSdk.some((name) => env[name])) return undefined;
	if (!region || !accessKeyId || !secretAccessKey) return undefined;
	const place = regions.exec(region);
	if (!place) return undefined;
	const endpoint =
		env.AWS_ENDPOINT_URL_LAMBDA ||
		env.AWS_ENDPOINT_URL ||
		// Stryker disable next-line OptionalChaining: where there is a match, there are groups
		`https://lambda.${region}.amazonaws.com${place.groups?.china ? ".cn" : ""}`;
	const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
	if (url?.protocol !== "https:" || url.pathname !== "/") return undefined;
	return {
		hostname: url.hostname,
		port: url.port ? Number(url.port) : undefined,
		region,
		accessKeyId,
		secretAccessKey,
		sessionToken: env.AWS_SESSION_TOKEN,
	};
};

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: string | Buffer, data: string): Buffer => createHmac("sha256", key).update(data).digest();

/**
 * Binds signing to an access: Signature Version 4 (IAM user guide, "Create a signed AWS API request"). The result makes
 * the request of an invocation (API reference, "Invoke").
 */
export const bindSigning = ({ hostname, port = 443, region, ...access }: Access) => {
	const authority = authorityOf(hostname, port);
	const derive = (day: string): Buffer =>
		[day, region, "lambda", "aws4_request"].reduce<Buffer>(hmac, Buffer.from(`AWS4${access.secretAccessKey}`));

	/** What requests of the same function, kind and second share. */
	const share = ({ FunctionName, InvocationType, TenantId }: Invocation, time: string) => {
		const path = `/2015-03-31/functions/${encodeURIComponent(FunctionName)}/invocations`;
		// In the order of the alphabet, as they are signed.
		const signed = {
			"content-type": "application/octet-stream",
			host: authority,
			"x-amz-date": time,
			"x-amz-invocation-type": InvocationType,
			"x-amz-log-type": "None",
			...(access.sessionToken && { "x-amz-security-token": access.sessionToken }),
			...(TenantId !== undefined && { "x-amz-tenant-id": TenantId }),
		};
		const { host: _, ...fields } = signed;
		const names = Object.keys(signed).join(";");
		const trace = process.env._X_AMZN_TRACE_ID;
		return {
			headers: {
				":method": "POST",
				":scheme": "https",
				":authority": authority,
				":path": path,
				...fields,
				"user-agent": "middy-lambda-warmer",
				// Lambda finds loops by it (developer guide, "Recursive loop detection"), and X-Ray the ping that a child is of.
				...(trace && { "x-amzn-trace-id": trace }),
			},
			names,
			canonical: [
				"POST",
				// Encoded once more than it is sent.
				encodeURIComponent(path).replaceAll("%2F", "/"),
				"",
				...Object.entries(signed).map(([name, value]) => `${name}:${value.trim().replace(/ +/g, " ")}`),
				"",
				names,
				"",
			].join("\n"),
			key: derive(time.slice(0, 8)),
		};
	};

	let shared: (ReturnType<typeof share> & { by: string }) | undefined;

	return (invocation: Invocation): Http2Request => {
		const { FunctionName, InvocationType, TenantId, Payload } = invocation;
		const time = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
		const by = JSON.stringify([time, FunctionName, InvocationType, TenantId]);
		// Stryker disable next-line ConditionalExpression: made for each invocation it would be the same, later
		if (shared?.by !== by) shared = { by, ...share(invocation, time) };
		const { headers, names, canonical, key } = shared;
		const scope = `${time.slice(0, 8)}/${region}/lambda/aws4_request`;
		const text = ["AWS4-HMAC-SHA256", time, scope, sha256(canonical + sha256(Payload))].join("\n");
		const signature = hmac(key, text).toString("hex");
		return {
			headers: {
				...headers,
				authorization: `AWS4-HMAC-SHA256 Credential=${access.accessKeyId}/${scope}, SignedHeaders=${names}, Signature=${signature}`,
			},
			body: Payload,
		};
	};
};

/** Reads a response of the Invoke API (API reference, "Invoke"). */
export const readResponse = ({ statusCode, headers, body }: HttpResponse, target: string): Outcome =>
	statusCode >= 300
		? { kind: "failed", failure: explainFailure(errorOf(statusCode, headers, body), target) }
		: readSuccess(statusCode, headers["x-amz-function-error"], body);

/** Reads what an invocation that was not refused came to, by the response's fields or the SDK's. */
export const readSuccess = (
	statusCode: number | undefined,
	functionError: string | undefined,
	payload: Uint8Array | undefined,
): Outcome => {
	if (statusCode === 202) return { kind: "accepted" };
	return functionError ? { kind: "threw", failure: explainFunctionError(payload) } : { kind: "answered", payload };
};

/** An error as the SDK would throw it. */
const errorOf = (statusCode: number, headers: HttpResponse["headers"], body: Uint8Array): Error => {
	let fields: Record<string, unknown> = {};
	try {
		fields = { ...JSON.parse(new TextDecoder().decode(body)) };
	} catch {
		// A page of a proxy's, or nothing.
	}
	// With a namespace before it, or a URL behind it, as every service may write it.
	const type = String(headers["x-amzn-errortype"] ?? fields.__type ?? fields.code ?? "UnknownError");
	return Object.assign(new Error(String(fields.message ?? fields.Message ?? `status ${statusCode}`)), {
		name: type.replace(/.*#/, "").replace(/:.*/, ""),
		Reason: fields.Reason,
		$metadata: { httpStatusCode: statusCode },
	});
};
