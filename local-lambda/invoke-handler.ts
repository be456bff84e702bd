import type { Writable } from "node:stream";
import { readBody } from "./http.js";
import type { Answer, Cut, InvokeRequest } from "./invoke-request.js";
import type { InvokeServer, Request, Response } from "./invoke-server.js";
import type { LogLine } from "./logs.js";
import type { Refusal } from "./refusals.js";
import type { SignedRequest } from "./signature-v4.js";
import type { InvocationType } from "./types.js";

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

/** Header fields by name. Node.js gives an array only for `set-cookie`, which no request has. */
const headersOf = ({ headers }: Request): SignedRequest["headers"] => {
	const fields: Record<string, string | undefined> = {};
	for (const [name, value] of Object.entries(headers)) fields[name] = String(value);
	// In HTTP/2, a request may have the one in place of the other (RFC 9113, section 8.3.1).
	fields.host ??= fields[":authority"];
	return fields;
};

const invocationType = (text = "RequestResponse"): InvocationType =>
	text === "Event" || text === "DryRun" ? text : "RequestResponse";

/** The last 4 KB of an invocation's log, for `LogType: Tail`. */
const logTail = (logs: readonly LogLine[], requestId: string): string =>
	Buffer.from(
		logs
			.filter((line) => line.requestId === requestId)
			.map(({ level, message }) => JSON.stringify({ level, message }))
			.join("\n"),
	)
		.subarray(-4096)
		.toString("base64");

/** Sends the headers and the beginning of a body, and then ends the stream or the connection. */
const sendCut = (
	request: Request,
	response: Response,
	body: Buffer,
	{ by, afterBytes = Math.floor(body.length / 2) }: Cut,
	connections: Pick<InvokeServer, "end">,
): void => {
	if ("stream" in response) response.writeHead(response.statusCode);
	else response.flushHeaders();
	const end = () => {
		if ("stream" in request && by !== "close") request.stream.close(by);
		else connections.end(request);
	};
	// With nothing to write, the callback would never be called.
	if (afterBytes === 0) setImmediate(end);
	else (response as Writable).write(body.subarray(0, afterBytes), end);
};

const headersOfAnswer = (answer: Answer, logResult: string | undefined): Record<string, string | number> => ({
	"content-type": "application/json",
	"content-length": answer.payload.length,
	"x-amzn-requestid": answer.record.requestId,
	...(answer.errorType !== undefined && { "x-amzn-errortype": answer.errorType }),
	...(answer.functionError !== undefined && { "x-amz-function-error": answer.functionError }),
	...(answer.version !== undefined && { "x-amz-executed-version": answer.version }),
	...(logResult !== undefined && { "x-amz-log-result": logResult }),
	...answer.headers,
});

/**
 * Makes the listener of the Invoke API. An invocation runs to its end even if the caller disconnects.
 *
 * @param verify why a request is not authenticated, if it is not
 */
export const createInvokeHandler = (
	invoke: (request: InvokeRequest) => Promise<Answer>,
	verify: (request: SignedRequest) => Refusal | undefined,
	logs: readonly LogLine[],
	connections: Pick<InvokeServer, "reset" | "end">,
) => {
	const respond = (response: Response, status: number, headers: Record<string, string | number>) => {
		// Explicit, so that Node.js adds no `keep-alive: timeout=…`: Lambda sends none, and a client that gets one closes
		// idle sockets by itself. HTTP/2 has no such header.
		if (!("stream" in response)) response.setHeader("connection", "keep-alive");
		for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
		response.statusCode = status;
	};

	const handle = async (request: Request, response: Response) => {
		const requestUrl = request.url ?? "/";
		const url = new URL(requestUrl, "http://lambda");
		const [, functionName] = PATH.exec(url.pathname) ?? [];
		let payload: Buffer;
		try {
			payload = await readBody(request);
		} catch {
			return; // The caller disconnected before its request was complete.
		}
		if (request.method !== "POST" || functionName === undefined) {
			respond(response, 404, { "x-amzn-errortype": "UnknownOperationException" });
			response.end("{}");
			return;
		}
		const headers = headersOf(request);
		const answer = await invoke({
			functionName: decodeURIComponent(functionName),
			qualifier: url.searchParams.get("Qualifier") ?? undefined,
			invocationType: invocationType(headers["x-amz-invocation-type"]),
			payload,
			tenantId: headers["x-amz-tenant-id"],
			delivery: true,
			protocol: "stream" in request ? "h2" : "http/1.1",
			refusal: verify({ method: request.method, url: requestUrl, headers, body: payload }),
		});
		const { noAnswer, record } = answer;
		if (noAnswer === "hang") return;
		if (noAnswer) {
			if (noAnswer === "reset" || !("stream" in request)) connections.reset(request);
			else request.stream.close(noAnswer.code);
			return;
		}
		const wantsLog = headers["x-amz-log-type"] === "Tail" && answer.status === 200;
		respond(response, answer.status, headersOfAnswer(answer, wantsLog ? logTail(logs, record.requestId) : undefined));
		if (answer.cut) sendCut(request, response, answer.payload, answer.cut, connections);
		else response.end(answer.payload);
	};
	return (request: Request, response: Response): void => {
		handle(request, response).catch((error: unknown) => {
			response.statusCode = 500;
			response.setHeader("x-amzn-errortype", "ServiceException");
			response.end(JSON.stringify({ Type: "Service", Message: String(error) }));
		});
	};
};
