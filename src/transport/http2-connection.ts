/**
 * Requests over HTTP/2. All children share one connection, since a small function has no CPU time for fifty TLS
 * handshakes, and they arrive within a few ms of each other.
 *
 * @module
 */

import type { ClientHttp2Session, IncomingHttpHeaders, OutgoingHttpHeaders } from "node:http2";
import type { TLSSocket } from "node:tls";

/** A request as HTTP/2 sends it. */
export interface Http2Request {
	readonly headers: OutgoingHttpHeaders;
	readonly body: Uint8Array;
}

/** A complete response. */
export interface HttpResponse {
	readonly statusCode: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: Uint8Array;
}

/** An open connection. */
export interface Http2Connection {
	/** Streams that the server allows at once (count). */
	readonly maxStreams: number;
	/** Whether it accepts new streams: not after a GOAWAY, nor once it is closed. */
	isOpen(): boolean;
	activeStreams(): number;
	/** Rejects if the stream or the connection fails, or the response is incomplete. Never settles after `close`. */
	request(request: Http2Request): Promise<HttpResponse>;
	close(): void;
}

/** Opens connections to one host. Only its TLS session ticket outlives a connection. */
export interface Http2Connector {
	/**
	 * Resolves to undefined if the server does not speak HTTP/2. Rejects if there is no connection, or no SETTINGS of the
	 * server's on it, within `timeoutMs` or before the signal.
	 */
	connect(timeoutMs: number, signal: AbortSignal): Promise<Http2Connection | undefined>;
}

/** The longest body that is read, in bytes: a foreign handler's answer must not exhaust the function's memory. */
const MAX_BODY_LENGTH = 65_536;

/** @param hostname a name or an IP address, without brackets */
export function createHttp2Connector(hostname: string, port: number): Http2Connector {
	// Where they are used: a bundle would load what it imports statically at every cold start.
	const tls = process.getBuiltinModule("node:tls");
	const { isIP } = process.getBuiltinModule("node:net");
	const origin = `https://${authorityOf(hostname, port)}`;
	let ticket: Buffer | undefined;

	const connect = (timeoutMs: number, signal: AbortSignal) =>
		new Promise<Http2Connection | undefined>((resolve, reject) => {
			const socket = tls.connect({
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
			const fail = (error: Error) => {
				settle();
				// The ticket may be what the server rejected.
				ticket = undefined;
				socket.destroy();
				reject(error);
			};
			const giveUp = () =>
				fail(Object.assign(new Error(`no connection within ${timeoutMs} ms`), { name: "TimeoutError" }));
			const timer = setTimeout(giveUp, timeoutMs);
			signal.addEventListener("abort", giveUp);
			if (signal.aborted) giveUp();
			socket.on("error", fail);
			socket.on("session", (newTicket) => {
				ticket = newTicket;
			});
			socket.once("secureConnect", () => {
				if (socket.alpnProtocol !== "h2") {
					settle();
					socket.destroy();
					resolve(undefined);
					return;
				}
				openSession(socket, origin).then((connection) => {
					settle();
					resolve(connection);
				}, fail);
			});
		});

	return { connect };
}

/** Resolves with the server's SETTINGS. */
function openSession(socket: TLSSocket, origin: string): Promise<Http2Connection> {
	return new Promise((resolve, reject) => {
		const session = process.getBuiltinModule("node:http2").connect(origin, { createConnection: () => socket });
		session.on("error", reject);
		session.once("close", () => reject(createStreamError("the connection was closed")));
		session.once("remoteSettings", ({ maxConcurrentStreams }) => {
			// Node.js fills in the default if the server names none.
			const maxStreams = Number(maxConcurrentStreams);
			if (maxStreams > 0) resolve(createConnection(session, socket, maxStreams));
			else reject(createStreamError("the server allows no streams"));
		});
	});
}

function createConnection(session: ClientHttp2Session, socket: TLSSocket, maxStreams: number): Http2Connection {
	let isClosed = false;
	let activeStreams = 0;
	return {
		maxStreams,
		isOpen: () => !session.closed && !session.destroyed,
		activeStreams: () => activeStreams,
		request: async (request) => {
			activeStreams++;
			try {
				return await exchange(session, request);
			} finally {
				activeStreams--;
				// Whoever waited has given up: handling the failure would take CPU time that is not left.
				if (isClosed) await new Promise(() => {});
			}
		},
		close: () => {
			isClosed = true;
			session.destroy();
			// The session would do so a turn of the event loop later, when the environment may be frozen.
			socket.destroy();
		},
	};
}

/** Sends a request on a stream of its own; resolves to the complete response. */
function exchange(session: ClientHttp2Session, { headers, body }: Http2Request): Promise<HttpResponse> {
	return new Promise((resolve, reject) => {
		const stream = session.request(headers);
		let head: IncomingHttpHeaders = {};
		let failure: Error | undefined;
		let length = 0;
		const chunks: Buffer[] = [];
		const finish = () => {
			const body = Buffer.concat(chunks).subarray(0, MAX_BODY_LENGTH);
			resolve({ statusCode: Number(head[":status"]), headers: head, body });
		};
		stream.on("response", (responseHeaders) => {
			head = responseHeaders;
		});
		stream.on("data", (chunk: Buffer) => {
			chunks.push(chunk);
			length += chunk.length;
			if (length > MAX_BODY_LENGTH) {
				finish();
				stream.close();
			}
		});
		stream.once("end", () => {
			// Node.js emits `end` also for a response that was cut, and `closed` may be true for a complete one. So the length
			// tells; without one, the stream's error code.
			const expected = head["content-length"];
			const isComplete = expected === undefined ? head[":status"] && !stream.rstCode : length >= Number(expected);
			if (isComplete) finish();
		});
		stream.once("error", (error) => {
			failure = error;
		});
		stream.once("close", () => {
			reject(failure ?? createStreamError(`the stream was closed, code ${stream.rstCode}`));
		});
		stream.end(body);
	});
}

function createStreamError(message: string): Error {
	return Object.assign(new Error(message), { code: "ERR_HTTP2_STREAM_ERROR" });
}

/** A host and port as HTTP writes them: IPv6 addresses in brackets, the default port left out. */
export function authorityOf(hostname: string, port: number): string {
	const host = hostname.includes(":") ? `[${hostname}]` : hostname;
	return port === 443 ? host : `${host}:${port}`;
}
