import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import * as http2 from "node:http2";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";
import type { Certificate } from "./certificate.js";
import type { ConnectionFault, TlsOptions } from "./types.js";

/** A request, in either protocol. */
export type Request = IncomingMessage | http2.Http2ServerRequest;
/** Its response. */
export type Response = ServerResponse | http2.Http2ServerResponse;

/** A connection, with what goes wrong with it. */
interface Connection {
	/** The TCP socket. */
	socket: Socket;
	/** What requests are read from: over TLS, the decrypted socket. */
	decrypted: Socket;
	fault: ConnectionFault | undefined;
}

type Listener = (request: Request, response: Response) => void;

/** A server that speaks HTTP/1.1, or, over TLS, the protocol that ALPN selects. */
export interface InvokeServer {
	readonly server: Server;
	/** Ends the connection of a request with a TCP reset. */
	reset(request: Request): void;
	/** Ends the connection of a request in order, after what has been written to it. */
	end(request: Request): void;
	/** Stops listening, and ends every connection. */
	close(): void;
}

const createHttp1 = (listener: Listener, idleSocketMs: number) => {
	const server = createHttp(listener);
	server.keepAliveTimeout = idleSocketMs;
	// Newer versions of Node.js wait one more second by default.
	Object.assign(server, { keepAliveTimeoutBuffer: 0 });
	return server;
};

const createHttp2 = (
	listener: Listener,
	idleSocketMs: number,
	{ maxConcurrentStreams = 128, goawayAfter = Number.POSITIVE_INFINITY }: TlsOptions,
) => {
	const server = http2.createServer({ settings: { maxConcurrentStreams } });
	const streamCounts = new WeakMap<object, { open: number; begun: number }>();
	server.on("session", (session) => {
		const count = { open: 0, begun: 0 };
		streamCounts.set(session, count);
		session.setTimeout(idleSocketMs);
		session.on("timeout", () => {
			if (count.open === 0) session.close();
		});
	});
	server.on("request", (request, response) => {
		const { stream } = request;
		const count = stream.session && streamCounts.get(stream.session);
		if (!count) return; // The client has disconnected.
		count.open += 1;
		count.begun += 1;
		stream.once("close", () => {
			count.open -= 1;
		});
		if (count.begun > goawayAfter) {
			stream.close(http2.constants.NGHTTP2_REFUSED_STREAM);
			return;
		}
		if (count.begun === goawayAfter) {
			const { NGHTTP2_NO_ERROR } = http2.constants;
			stream.session?.goaway(NGHTTP2_NO_ERROR, stream.id);
		}
		listener(request, response);
	});
	return server;
};

/**
 * Makes a server that hands its requests to a listener.
 *
 * @param idleSocketMs how long a connection may be idle before it is closed
 * @param tls undefined for plain HTTP/1.1
 */
export const createInvokeServer = (
	listener: Listener,
	idleSocketMs: number,
	tls: (TlsOptions & { certificate: Certificate }) | undefined,
): InvokeServer => {
	/** By the client's port: a request of HTTP/2 has no access to its socket, but knows the port. */
	const connections = new Map<number | undefined, Connection>();
	let acceptedCount = 0;
	const http1 = createHttp1(listener, idleSocketMs);
	const h2 = createHttp2(listener, idleSocketMs, tls ?? {});
	const secure =
		tls &&
		createTls({ ...tls.certificate, ALPNProtocols: [...(tls.protocols ?? ["h2", "http/1.1"])] }, (socket) => {
			socket.on("error", () => {}); // The client disconnected.
			const connection = connections.get(socket.remotePort);
			if (!connection) return;
			connection.decrypted = socket;
			const { fault } = connection;
			if (socket.alpnProtocol !== "h2") http1.emit("connection", socket);
			else if (fault === "no settings") socket.resume();
			else h2.emit("connection", socket);
		});
	secure?.on("tlsClientError", () => {}); // Also a client that disconnected.
	const server = createServer((socket) => {
		const { remotePort } = socket;
		const fault = tls?.fault?.(acceptedCount);
		acceptedCount += 1;
		connections.set(remotePort, { socket, decrypted: socket, fault });
		socket.once("close", () => connections.delete(remotePort));
		socket.on("error", () => {}); // The client disconnected.
		// Reads all the same, to notice when the client disconnects.
		if (fault === "no handshake") socket.resume();
		else (secure ?? http1).emit("connection", socket);
	});
	return {
		server,
		reset: ({ socket }) => {
			connections.get(socket.remotePort)?.socket.resetAndDestroy();
		},
		end: ({ socket }) => {
			connections.get(socket.remotePort)?.decrypted.end();
		},
		close() {
			server.close();
			for (const { socket } of connections.values()) socket.destroy();
		},
	};
};
