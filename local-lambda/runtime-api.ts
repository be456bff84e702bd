import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Credentials } from "./credentials.js";
import { readBody } from "./http.js";

/** What the runtime in an environment says. */
export interface RuntimeApiHandlers {
	/** It asks for work. The response is written when there is some. */
	next: (response: ServerResponse) => void;
	/** It has finished an invocation. Returns false if that invocation is not the one in progress. */
	done: (requestId: string, payload: Buffer, isFailed: boolean) => boolean;
	/** It could not load the function. */
	initError: (payload: Buffer) => void;
}

const PREFIX = "/2018-06-01/runtime/";

/** Where an environment that was restored from a snapshot gets its credentials. */
export const CREDENTIALS_PATH = "/2021-04-23/credentials";

const CREDENTIALS_LIFETIME_MS = 3600 * 1000;

/** Answers in the format of the SDKs' container credential provider; the session token doubles as its password. */
const serveCredentials = (
	request: IncomingMessage,
	response: ServerResponse,
	{ accessKeyId, secretAccessKey, sessionToken }: Required<Credentials>,
): void => {
	const isAllowed = request.headers.authorization === sessionToken;
	response.writeHead(isAllowed ? 200 : 403, { "content-type": "application/json" });
	response.end(
		isAllowed
			? JSON.stringify({
					AccessKeyId: accessKeyId,
					SecretAccessKey: secretAccessKey,
					Token: sessionToken,
					Expiration: new Date(Date.now() + CREDENTIALS_LIFETIME_MS).toISOString(),
				})
			: "{}",
	);
};

/** The Runtime API (2018-06-01) of one environment, and the endpoint of its credentials. */
export const createRuntimeApi = (handlers: RuntimeApiHandlers, credentials: Required<Credentials>): Server => {
	const server = createServer(async (request, response) => {
		if (request.url === CREDENTIALS_PATH) {
			serveCredentials(request, response, credentials);
			return;
		}
		const [resource = "", id = "", action = ""] = (request.url ?? "").slice(PREFIX.length).split("/");
		if (resource === "invocation" && id === "next") {
			handlers.next(response);
			return;
		}
		let payload: Buffer;
		try {
			payload = await readBody(request);
		} catch {
			return; // The process was killed while it was sending.
		}
		let isKnown = true;
		if (resource === "init") {
			handlers.initError(payload);
		} else {
			// A response stream that fails midway says so in trailers, because its status has been sent.
			const trailer = request.trailers["lambda-runtime-function-error-body"];
			const isFailed = action === "error" || trailer !== undefined;
			const body = trailer === undefined ? payload : Buffer.from(trailer, "base64");
			isKnown = handlers.done(decodeURIComponent(id), body, isFailed);
		}
		// Responses of other environments that arrived at the same moment come first: each ends when it arrives.
		setImmediate(() => {
			response.writeHead(isKnown ? 202 : 400, { "content-type": "application/json" });
			response.end(
				isKnown ? '{"status":"OK"}' : '{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}',
			);
		});
	});
	// A frozen environment may keep its connection for hours.
	server.keepAliveTimeout = 0;
	server.requestTimeout = 0;
	server.headersTimeout = 0;
	return server;
};
