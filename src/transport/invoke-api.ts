/**
 * Lambda's Invoke API (API reference, "Invoke"): where it is, an invocation as a request, and what a response means.
 *
 * @module
 */

import { explainFailure, explainFunctionError, type Failure } from "../report/errors.js";
import { authorityOf, type HttpResponse } from "./http2-connection.js";
import type { SignableRequest, SigningIdentity } from "./sigv4.js";

/** One invocation, in the words of the AWS SDK. */
export interface Invocation {
	/** A name or an ARN, with or without a qualifier. */
	readonly FunctionName: string;
	readonly InvocationType: "RequestResponse" | "Event";
	readonly TenantId?: string;
	readonly Payload: Uint8Array;
}

/** The outcome of one invocation. */
export type InvokeOutcome =
	/** An asynchronous invocation was queued. */
	| { readonly kind: "accepted" }
	| { readonly kind: "answered"; readonly payload: Uint8Array | undefined }
	| { readonly kind: "failed"; readonly failure: Failure };

/** Where the Invoke API is, and who signs. */
export interface InvokeEndpoint extends SigningIdentity {
	/** A name or an IP address, without brackets. */
	readonly hostname: string;
	readonly port: number;
	readonly authority: string;
}

/** Settings that only the AWS SDK follows: profiles, endpoint variants, and proxies. */
const SDK_ONLY_SETTINGS = [
	"AWS_PROFILE",
	"AWS_CONFIG_FILE",
	"AWS_SHARED_CREDENTIALS_FILE",
	"AWS_USE_DUALSTACK_ENDPOINT",
	"AWS_USE_FIPS_ENDPOINT",
	"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
	"HTTPS_PROXY",
	"https_proxy",
];

/** Regions whose endpoints end in `amazonaws.com`, or in China `amazonaws.com.cn`. Others are left to the SDK. */
const REGION = /^(?:(?:us|eu|ap|sa|ca|me|af|il|mx|us-gov)-(?!iso)[a-z]+|(?<china>cn-[a-z]+))-\d+$/;

/**
 * The endpoint and credentials that Lambda puts into every function's environment variables (developer guide, "Defined
 * runtime environment variables"). Undefined if a setting is left to the SDK, if the endpoint has no TLS, and outside
 * Lambda, where a test may have mocked the SDK: only a runtime has a Runtime API.
 */
export function endpointFromEnvironment(): InvokeEndpoint | undefined {
	const { env } = process;
	const { AWS_REGION: region, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
	if (!env.AWS_LAMBDA_RUNTIME_API || SDK_ONLY_SETTINGS.some((name) => env[name])) return undefined;
	if (!region || !accessKeyId || !secretAccessKey) return undefined;
	const match = REGION.exec(region);
	if (!match) return undefined;
	const endpoint =
		env.AWS_ENDPOINT_URL_LAMBDA ||
		env.AWS_ENDPOINT_URL ||
		// Stryker disable next-line OptionalChaining: a match has groups
		`https://lambda.${region}.amazonaws.com${match.groups?.china ? ".cn" : ""}`;
	const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
	if (url?.protocol !== "https:" || url.pathname !== "/") return undefined;
	const hostname = url.hostname.replace(/[[\]]/g, "");
	const port = Number(url.port || 443);
	return {
		hostname,
		port,
		authority: authorityOf(hostname, port),
		region,
		accessKeyId,
		secretAccessKey,
		sessionToken: env.AWS_SESSION_TOKEN,
	};
}

/** An invocation as the AWS SDK sends it. */
export function toRequest(
	{ authority }: InvokeEndpoint,
	{ FunctionName, InvocationType, TenantId, Payload }: Invocation,
): SignableRequest {
	return {
		method: "POST",
		authority,
		path: `/2015-03-31/functions/${encodeURIComponent(FunctionName)}/invocations`,
		headers: {
			"content-length": `${Payload.length}`,
			"content-type": "application/octet-stream",
			"x-amz-invocation-type": InvocationType,
			"x-amz-log-type": "None",
			...(TenantId !== undefined && { "x-amz-tenant-id": TenantId }),
		},
		body: Payload,
	};
}

/** Headers that are sent without a signature. */
export function unsignedHeaders(): Record<string, string> {
	const { _X_AMZN_TRACE_ID: trace } = process.env;
	return {
		"user-agent": "middy-lambda-warmer",
		// Lambda finds loops by it (developer guide, "Recursive loop detection"), and X-Ray the ping that a child belongs to.
		...(trace && { "x-amzn-trace-id": trace }),
	};
}

/** Reads a response of the Invoke API. */
export function readResponse({ statusCode, headers, body }: HttpResponse, target: string): InvokeOutcome {
	return statusCode >= 300
		? { kind: "failed", failure: explainFailure(readError(statusCode, headers, body), target) }
		: readSuccess(statusCode, headers["x-amz-function-error"], body);
}

/** Reads what became of an invocation that Lambda accepted, from the response's fields or the SDK's. */
export function readSuccess(
	statusCode: number | undefined,
	functionError: unknown,
	payload: Uint8Array | undefined,
): InvokeOutcome {
	if (statusCode === 202) return { kind: "accepted" };
	return functionError ? { kind: "failed", failure: explainFunctionError(payload) } : { kind: "answered", payload };
}

/** An error as the AWS SDK would throw it. An error without a type is not Lambda's own. */
function readError(statusCode: number, headers: HttpResponse["headers"], body: Uint8Array): Error {
	let fields: Record<string, unknown> = {};
	try {
		fields = { ...JSON.parse(new TextDecoder().decode(body)) };
	} catch {
		// A web page, or nothing.
	}
	const type = headers["x-amzn-errortype"] ?? fields.__type ?? fields.code;
	return Object.assign(new Error(String(fields.message ?? fields.Message ?? `status ${statusCode}`)), {
		// Services write it with a namespace before it, or with a URL behind it.
		name: String(type ?? "UnknownError")
			.replace(/.*#/, "")
			.replace(/:.*/, ""),
		Reason: fields.Reason,
		$metadata: { httpStatusCode: statusCode },
		isForeign: type === undefined,
	});
}
