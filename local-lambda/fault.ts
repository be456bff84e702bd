import type { InvocationType, Protocol } from "./types.js";

/** A request to the Invoke API, as a fault function sees it. */
export interface FaultRequest {
	functionName: string;
	qualifier: string | undefined;
	invocationType: InvocationType;
	/** The parsed payload; undefined if it is empty or not JSON. */
	payload: unknown;
	protocol: Protocol;
	/** How many requests the Invoke API got before this one. */
	index: number;
}

/**
 * What goes wrong with a request to the Invoke API.
 *
 * - `throttle`: 429, the reserved concurrency is used up. `rate limit`: 429, too many requests in this second.
 * - `deny`: 403. `error`: 500.
 * - `hang`: no answer ever. `reset`: the connection is reset.
 * - `kill`: the environment is killed as soon as the (first) attempt is handed to it.
 * - `{ status, … }`: another error of Lambda's own; `body` is merged into it (`Reason`, for instance).
 * - `page`: an error that is not Lambda's own: an HTML page, without `x-amzn-errortype`.
 * - `answer`: a response without any environment.
 * - `cut`: the function runs, but its response ends after the headers and `afterBytes` of the body (default half), by
 *   RST_STREAM with an error code other than 0 (8 is CANCEL), or by a closed connection. Over HTTP/1.1 always the latter.
 * - `reset stream`: RST_STREAM with an error code, such as REFUSED_STREAM (7), and no response. Over HTTP/1.1, the
 *   connection is reset.
 */
export type Fault =
	| "throttle"
	| "rate limit"
	| "deny"
	| "error"
	| "hang"
	| "reset"
	| "kill"
	| {
			status: number;
			errorType?: string;
			message?: string;
			body?: Record<string, unknown>;
			headers?: Record<string, string>;
	  }
	| { kind: "page"; status: number; body?: string }
	| { kind: "answer"; payload: string | Buffer; functionError?: string }
	| { kind: "cut"; by: "close" | number; afterBytes?: number }
	| { kind: "reset stream"; code: number };
