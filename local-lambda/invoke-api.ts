import {
	createServer,
	type IncomingMessage,
	type Server,
	type ServerResponse,
} from "node:http";
import { readBody } from "./http.js";
import type { LogLine } from "./logs.js";
import type { Answer, InvokeRequest } from "./scheduler.js";
import type { InvocationType } from "./types.js";

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

const header = (request: IncomingMessage, name: string): string | undefined => {
	const value = request.headers[name];
	return Array.isArray(value) ? value[0] : value;
};

const invocationType = (text = "RequestResponse"): InvocationType =>
	text === "Event" || text === "DryRun" ? text : "RequestResponse";

/** The last 4 KB of an invocation's log, as `LogType: Tail` asks for it. */
const logTail = (logs: readonly LogLine[], requestId: string): string =>
	Buffer.from(
		logs
			.filter((line) => line.requestId === requestId)
			.map(({ level, message }) => JSON.stringify({ level, message }))
			.join("\n"),
	)
		.subarray(-4096)
		.toString("base64");

const write = (
	response: ServerResponse,
	answer: Answer,
	extra: Record<string, string>,
): void => {
	const { status, payload, errorType, functionError, version } = answer;
	response.writeHead(status, {
		"content-type": "application/json",
		"content-length": payload.length,
		// Said explicitly, so that Node.js does not add a `keep-alive: timeout=…` hint. Lambda sends none, and a client
		// that gets one closes idle sockets in time by itself.
		connection: "keep-alive",
		"x-amzn-requestid": answer.record.requestId,
		...(errorType !== undefined && { "x-amzn-errortype": errorType }),
		...(functionError !== undefined && {
			"x-amz-function-error": functionError,
		}),
		...(version !== undefined && { "x-amz-executed-version": version }),
		...extra,
	});
	response.end(payload);
};

/**
 * The Invoke API over HTTP. An invocation whose caller goes away runs to its end all the same.
 *
 * @param idleSocketMs a connection that has been idle for so many ms is closed
 */
export const createInvokeApi = (
	invoke: (request: InvokeRequest) => Promise<Answer>,
	logs: readonly LogLine[],
	idleSocketMs: number,
): Server => {
	const handle = async (request: IncomingMessage, response: ServerResponse) => {
		const url = new URL(request.url ?? "/", "http://lambda");
		const [, functionName] = PATH.exec(url.pathname) ?? [];
		let payload: Buffer;
		try {
			payload = await readBody(request);
		} catch {
			return; // The caller went away before its request was complete.
		}
		if (request.method !== "POST" || functionName === undefined) {
			response.writeHead(404, {
				"x-amzn-errortype": "UnknownOperationException",
			});
			response.end("{}");
			return;
		}
		const answer = await invoke({
			functionName: decodeURIComponent(functionName),
			qualifier: url.searchParams.get("Qualifier") ?? undefined,
			invocationType: invocationType(header(request, "x-amz-invocation-type")),
			payload,
			tenantId: header(request, "x-amz-tenant-id"),
			delivery: true,
			via: "api",
		});
		if (answer.noAnswer === "reset") request.socket.resetAndDestroy();
		if (answer.noAnswer) return;
		const tail =
			header(request, "x-amz-log-type") === "Tail" && answer.status === 200;
		write(
			response,
			answer,
			tail
				? { "x-amz-log-result": logTail(logs, answer.record.requestId) }
				: {},
		);
	};
	const server = createServer((request, response) => {
		handle(request, response).catch((error: unknown) => {
			response.writeHead(500, { "x-amzn-errortype": "ServiceException" });
			response.end(JSON.stringify({ Type: "Service", Message: String(error) }));
		});
	});
	server.keepAliveTimeout = idleSocketMs;
	// Newer versions of Node.js wait for another second by default.
	Object.assign(server, { keepAliveTimeoutBuffer: 0 });
	return server;
};
