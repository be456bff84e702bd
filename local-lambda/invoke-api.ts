import { readBody } from "./http.js";
import type { Request, Response } from "./invoke-server.js";
import type { LogLine } from "./logs.js";
import type { Answer, InvokeRequest } from "./scheduler.js";
import type { InvocationType } from "./types.js";

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/;

const header = (request: Request, name: string): string | undefined => {
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

/**
 * The Invoke API. An invocation whose caller goes away runs to its end all the same.
 *
 * @param reset ends the connection of a request
 */
export const createInvokeApi = (
	invoke: (request: InvokeRequest) => Promise<Answer>,
	logs: readonly LogLine[],
	reset: (request: Request) => void,
) => {
	const handle = async (request: Request, response: Response) => {
		const respond = (status: number, headers: Record<string, string | number>, body: Buffer | string) => {
			// Said explicitly, so that Node.js does not add a `keep-alive: timeout=…` hint. Lambda sends none, and a client
			// that gets one closes idle sockets in time by itself. HTTP/2 has no such header.
			if (!("stream" in request)) response.setHeader("connection", "keep-alive");
			for (const [name, value] of Object.entries(headers)) {
				response.setHeader(name, value);
			}
			response.statusCode = status;
			response.end(body);
		};
		const url = new URL(request.url ?? "/", "http://lambda");
		const [, functionName] = PATH.exec(url.pathname) ?? [];
		let payload: Buffer;
		try {
			payload = await readBody(request);
		} catch {
			return; // The caller went away before its request was complete.
		}
		if (request.method !== "POST" || functionName === undefined) {
			const errorType = "UnknownOperationException";
			respond(404, { "x-amzn-errortype": errorType }, "{}");
			return;
		}
		const answer = await invoke({
			functionName: decodeURIComponent(functionName),
			qualifier: url.searchParams.get("Qualifier") ?? undefined,
			invocationType: invocationType(header(request, "x-amz-invocation-type")),
			payload,
			tenantId: header(request, "x-amz-tenant-id"),
			delivery: true,
			protocol: "stream" in request ? "h2" : "http/1.1",
		});
		const { noAnswer } = answer;
		if (noAnswer === "hang") return;
		if (noAnswer) {
			if (noAnswer === "reset" || !("stream" in request)) reset(request);
			else request.stream.close(noAnswer.code);
			return;
		}
		const { status, errorType, functionError, version, record } = answer;
		const tail = header(request, "x-amz-log-type") === "Tail" && status === 200;
		respond(
			status,
			{
				"content-type": "application/json",
				"content-length": answer.payload.length,
				"x-amzn-requestid": record.requestId,
				...(errorType !== undefined && { "x-amzn-errortype": errorType }),
				...(functionError !== undefined && { "x-amz-function-error": functionError }),
				...(version !== undefined && { "x-amz-executed-version": version }),
				...(tail && { "x-amz-log-result": logTail(logs, record.requestId) }),
				...answer.headers,
			},
			answer.payload,
		);
	};
	return (request: Request, response: Response): void => {
		handle(request, response).catch((error: unknown) => {
			response.statusCode = 500;
			response.setHeader("x-amzn-errortype", "ServiceException");
			response.end(JSON.stringify({ Type: "Service", Message: String(error) }));
		});
	};
};
