import { createServer, type Server, type ServerResponse } from "node:http";
import { readBody } from "./http.js";

/** What the runtime in an environment says. */
export interface RuntimeApiHandlers {
	/** It asks for work. The response is to be written when there is some. */
	next: (response: ServerResponse) => void;
	/** It has finished an invocation. Returns false if that invocation is not the one under way. */
	done: (requestId: string, payload: Buffer, failed: boolean) => boolean;
	/** It could not load the function. */
	initError: (payload: Buffer) => void;
}

const PREFIX = "/2018-06-01/runtime/";

/** The Runtime API (2018-06-01) of one environment. */
export const createRuntimeApi = (handlers: RuntimeApiHandlers): Server => {
	const server = createServer(async (request, response) => {
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
		let known = true;
		if (resource === "init") {
			handlers.initError(payload);
		} else {
			// A response stream that fails midway tells so in trailers: it can no longer change its status.
			const trailer = request.trailers["lambda-runtime-function-error-body"];
			const failed = action === "error" || trailer !== undefined;
			const body = trailer === undefined ? payload : Buffer.from(trailer, "base64");
			known = handlers.done(decodeURIComponent(id), body, failed);
		}
		// After the responses of other environments that came at the same moment: each ends when it comes in.
		setImmediate(() => {
			response.writeHead(known ? 202 : 400, { "content-type": "application/json" });
			response.end(known ? '{"status":"OK"}' : '{"errorType":"InvalidRequestID","errorMessage":"Invalid request ID"}');
		});
	});
	// A frozen environment may keep its connection for hours.
	server.keepAliveTimeout = 0;
	server.requestTimeout = 0;
	server.headersTimeout = 0;
	return server;
};
