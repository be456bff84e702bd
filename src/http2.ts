/**
 * Requests over one HTTP/2 connection to Lambda, those of the AWS SDK translated for it. Instead of fifty TLS handshakes,
 * which a small function has no processor time for, one; and all children arrive within a few milliseconds.
 *
 * @module
 */

import {
	connect as connectHttp2,
	type IncomingHttpHeaders,
	type IncomingHttpStatusHeader,
	type OutgoingHttpHeaders,
} from "node:http2";
import { isIP } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

/** What is used of the SDK's `HttpRequest`. */
export interface HttpRequest {
	readonly protocol: string;
	readonly hostname: string;
	readonly port?: number | undefined;
	readonly method: string;
	readonly path: string;
	readonly query?: Readonly<Record<string, string | string[] | null>>;
	readonly headers: Readonly<Record<string, string>>;
	readonly body?: unknown;
}

/** A request as HTTP/2 sends it. */
export interface Http2Request {
	readonly headers: OutgoingHttpHeaders;
	readonly body: unknown;
}

/** What the SDK reads of a response. */
export interface HttpResponse {
	readonly statusCode: number;
	readonly headers: Record<string, string>;
	readonly body: Uint8Array;
}

/** An open connection. */
export interface Http2Connection {
	/** Streams that the server allows at once (count). */
	readonly streams: number;
	/** Whether it takes new streams: not after a GOAWAY, nor once it is closed. */
	isOpen(): boolean;
	/** Streams under way (count). */
	underWay(): number;
	/** Sends a request; rejects where its stream or the connection fails. Settles no more after `close`. */
	request(request: Http2Request): Promise<HttpResponse>;
	close(): void;
}

/** A way to one host, kept as long as the environment; only its TLS ticket outlives a connection. */
export interface Http2Host {
	/**
	 * Opens a connection. Undefined where the server speaks no HTTP/2. Rejects where there is no connection, or no
	 * SETTINGS of the server's on it, before a time-out in ms or before the signal.
	 */
	connect(timeout: number, signal: AbortSignal): Promise<Http2Connection | undefined>;
}

/** No identity is as long, and a foreign handler's answers must not fill the memory of a small function (bytes). */
const longestBody = 65_536;

/** @param hostname as in the SDK's requests; so is the port, 443 where it is left out */
export const http2Host = (hostname: string, port = 443): Http2Host => {
	const origin = `https://${authorityOf(hostname, port)}`;
	let ticket: Buffer | undefined;

	const connect = (timeout: number, signal: AbortSignal) =>
		new Promise<Http2Connection | undefined>((resolve, reject) => {
			const socket = connectTls({
				host: hostname,
				port,
				ALPNProtocols: ["h2", "http/1.1"],
				...(!isIP(hostname) && { servername: hostname }),
				...(ticket && { session: ticket }),
			});
			const settle = () => {
				clearTimeout(timer);
				signal.removeEventListener("abort", giveUp);
			};
			const open = (connection: Http2Connection) => {
				settle();
				resolve(connection);
			};
			const fail = (error: Error) => {
				settle();
				socket.destroy();
				reject(error);
			};
			const giveUp = () => {
				const error = new Error(`no connection within ${timeout} ms`);
				fail(Object.assign(error, { name: "TimeoutError" }));
			};
			const timer = setTimeout(giveUp, timeout);
			signal.addEventListener("abort", giveUp);
			if (signal.aborted) giveUp();
			socket.on("error", fail);
			socket.on("session", (fresh) => {
				ticket = fresh;
			});
			socket.once("secureConnect", () => {
				if (socket.alpnProtocol === "h2") {
					openSession(socket, origin, open, fail);
				} else {
					settle();
					socket.destroy();
					resolve(undefined);
				}
			});
		});

	return { connect };
};

const openSession = (
	socket: TLSSocket,
	origin: string,
	onOpen: (connection: Http2Connection) => void,
	onFailure: (error: Error) => void,
): void => {
	const session = connectHttp2(origin, {
		createConnection: () => socket,
	});
	let closed = false;
	let underWay = 0;
	session.on("error", onFailure);
	session.once("close", () => onFailure(streamError("the connection was closed", 0)));
	session.once("remoteSettings", ({ maxConcurrentStreams }) =>
		onOpen({
			// Node.js fills in what the server leaves out.
			streams: Number(maxConcurrentStreams),
			isOpen: () => !session.closed && !session.destroyed,
			underWay: () => underWay,
			request: ({ headers, body }) => {
				underWay++;
				return new Promise((resolve, reject) => {
					const stream = session.request(headers);
					let head: (IncomingHttpHeaders & IncomingHttpStatusHeader) | undefined;
					let ended = false;
					let length = 0;
					const chunks: Buffer[] = [];
					stream.on("response", (headers) => {
						head = headers;
					});
					stream.on("data", (chunk: Buffer) => {
						chunks.push(chunk);
						length += chunk.length;
						if (length > longestBody) end();
					});
					const end = () => {
						ended = true;
						stream.close();
					};
					stream.once("end", end);
					// What fails is said when the stream closes, with the code.
					let failure: Error | undefined;
					stream.once("error", (error) => {
						failure = error;
					});
					stream.once("close", () => {
						underWay--;
						// Nobody waits any longer, and an error would make the SDK work when there is no time left.
						if (closed) return;
						if (ended && head?.[":status"] !== undefined && !failure) {
							resolve({
								statusCode: head[":status"],
								headers: plainHeaders(head),
								body: Buffer.concat(chunks).subarray(0, longestBody),
							});
						} else {
							reject(failure ?? streamError("the stream was closed", stream.rstCode));
						}
					});
					stream.end(body);
				});
			},
			close: () => {
				closed = true;
				session.destroy();
				// The session would do so a turn of the loop later, when the environment may be frozen.
				socket.destroy();
			},
		}),
	);
};

const streamError = (message: string, code: number | undefined): Error =>
	Object.assign(new Error(`${message}, code ${code}`), { code: "ERR_HTTP2_STREAM_ERROR" });

/** Fields that HTTP/2 has no place for (RFC 9113, section 8.2.2); it names the host in `:authority`. */
const connectionFields = new Set([
	"host",
	"connection",
	"keep-alive",
	"proxy-connection",
	"transfer-encoding",
	"upgrade",
]);

/** Translates a request of the SDK's. */
export const toHttp2 = ({ hostname, port = 443, method, path, query, headers, body }: HttpRequest): Http2Request => ({
	headers: {
		":method": method,
		":scheme": "https",
		":authority": authorityOf(hostname, port),
		":path": path + queryString(query),
		...Object.fromEntries(Object.entries(headers).filter(([name]) => !connectionFields.has(name.toLowerCase()))),
	},
	body,
});

/** A host as HTTP names it. */
export const authorityOf = (hostname: string, port: number): string =>
	port === 443 ? hostname : `${hostname}:${port}`;

const queryString = (query: HttpRequest["query"] = {}): string => {
	const parts = Object.entries(query).flatMap(([name, values]) =>
		[values].flat().map((value) => {
			const key = encodeURIComponent(name);
			return value === null ? key : `${key}=${encodeURIComponent(value)}`;
		}),
	);
	return parts.length === 0 ? "" : `?${parts.join("&")}`;
};

const plainHeaders = (headers: IncomingHttpHeaders): Record<string, string> =>
	Object.fromEntries(
		Object.entries(headers)
			.filter(([name]) => !name.startsWith(":"))
			.map(([name, value]) => [name, String(value)]),
	);
