import type { Refusal } from "./refusals.js";
import type { InvocationRecord, InvocationType, Protocol } from "./types.js";

/** A request, from the Invoke API or `LocalLambda.invoke`. */
export interface InvokeRequest {
	/** In any form that Lambda accepts. */
	functionName: string;
	qualifier: string | undefined;
	invocationType: InvocationType;
	payload: Buffer;
	tenantId: string | undefined;
	/** Whether the request waits for a delivery delay. */
	delivery: boolean;
	/** The protocol of a request to the Invoke API; undefined for `LocalLambda.invoke`. */
	protocol: Protocol | undefined;
	/** Why the request is not authenticated, if it is not. */
	refusal?: Refusal | undefined;
}

/** How a response is cut short: after its headers and so many bytes of its body. */
export interface Cut {
	/** Default half of the body. */
	afterBytes?: number;
	/** The error code of RST_STREAM, or `close` for an orderly end of the connection. */
	by: "close" | number;
}

/** The answer to a request: a function's response, an error, or none. */
export interface Answer {
	record: InvocationRecord;
	status: number;
	payload: Buffer;
	/** Value of `x-amzn-errortype`. */
	errorType?: string;
	functionError?: string;
	/** The version that was invoked. */
	version?: string;
	/** Further headers of an error. */
	headers?: Record<string, string>;
	/** In place of an answer, the caller waits forever, or its connection or stream is reset. */
	noAnswer?: "hang" | "reset" | { code: number };
	cut?: Cut;
}

/** Makes the answer for a refusal, and records it. */
export const refuse = (record: InvocationRecord, { body, ...refusal }: Refusal): Answer => {
	record.status = refusal.status;
	record.error = refusal.errorType ?? "page";
	return { record, ...refusal, payload: Buffer.from(body) };
};
