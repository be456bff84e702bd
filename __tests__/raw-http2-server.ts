/**
 * An HTTP/2 server that writes its frames itself, so that it can misbehave in ways in which Node's own server cannot:
 * end a stream early with NO_ERROR, contradict its `content-length`, close the connection between two frames. Frames
 * and numbers: RFC 9113 and, for HEADERS, RFC 7541.
 */

import { once } from "node:events";
import { createServer as createHttp, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";

const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const GOAWAY = 7;
const WINDOW_UPDATE = 8;
const CONTINUATION = 9;

const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;

const MAX_CONCURRENT_STREAMS_SETTING = 3;
const PREFACE_LENGTH = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".length;
const FRAME_HEADER_LENGTH = 9;

/** A request that has arrived completely, and the frames with which to answer it. */
export interface RawExchange {
	readonly streamId: number;
	readonly body: Buffer;
	/** How many requests the server got before, on all its connections. */
	readonly index: number;
	/** How many connections the server accepted before this one. */
	readonly connectionIndex: number;
	/** Sends HEADERS. Names are in lower case. */
	headers(status: number, fields?: Readonly<Record<string, string>>, options?: { endStream?: boolean }): void;
	/** Sends DATA. */
	data(content: string | Uint8Array, options?: { endStream?: boolean }): void;
	/** Sends a complete response, with its `content-length`. */
	respond(status: number, content: string, fields?: Readonly<Record<string, string>>): void;
	/** Sends RST_STREAM; 0 is NO_ERROR, 8 is CANCEL. */
	reset(errorCode: number): void;
	/** Sends GOAWAY. */
	goaway(errorCode: number, lastStreamId?: number): void;
	/** Closes the connection in order, after the frames sent so far. */
	end(): void;
	/** Closes the connection without ceremony. */
	destroy(): void;
}

/** How the server presents itself. */
export interface RawServerOptions {
	/** In its SETTINGS. Default 128. */
	maxConcurrentStreams?: number;
	/** Serves HTTP/1.1 too, for clients that choose it. Default HTTP/2 alone. */
	http1?: RequestListener;
}

/** A running server. */
export interface RawHttp2Server extends AsyncDisposable {
	readonly port: number;
	/** How many connections were accepted over HTTP/2. */
	readonly connectionCount: number;
	/** How many requests arrived completely over HTTP/2. */
	readonly requestCount: number;
	stop(): Promise<void>;
}

const frame = (type: number, flags: number, streamId: number, payload: Uint8Array = Buffer.alloc(0)): Buffer => {
	const header = Buffer.alloc(FRAME_HEADER_LENGTH);
	header.writeUIntBE(payload.length, 0, 3);
	header.writeUInt8(type, 3);
	header.writeUInt8(flags, 4);
	header.writeUInt32BE(streamId, 5);
	return Buffer.concat([header, payload]);
};

const uint32 = (...values: number[]): Buffer => {
	const buffer = Buffer.alloc(4 * values.length);
	for (const [i, value] of values.entries()) buffer.writeUInt32BE(value, 4 * i);
	return buffer;
};

const setting = (id: number, value: number): Buffer => Buffer.concat([Buffer.from([0, id]), uint32(value)]);

/** A string without Huffman coding, after its length as an integer with a prefix of seven bits. */
const hpackString = (text: string): Buffer => {
	const bytes = Buffer.from(text);
	const length: number[] = [];
	let rest = bytes.length - 127;
	if (rest < 0) length.push(bytes.length);
	else {
		for (length.push(127); rest >= 128; rest = Math.floor(rest / 128)) length.push((rest % 128) + 128);
		length.push(rest);
	}
	return Buffer.concat([Buffer.from(length), bytes]);
};

/** Each field as a literal without indexing, so that no table has to be kept. */
const hpackFields = (fields: Readonly<Record<string, string>>): Buffer =>
	Buffer.concat(
		Object.entries(fields).flatMap(([name, value]) => [Buffer.from([0]), hpackString(name), hpackString(value)]),
	);

/** The frames with which a request can be answered. */
const answersOn = (socket: TLSSocket, streamId: number) => {
	const headers: RawExchange["headers"] = (status, fields = {}, { endStream = false } = {}) => {
		const flags = END_HEADERS | (endStream ? END_STREAM : 0);
		socket.write(frame(HEADERS, flags, streamId, hpackFields({ ":status": `${status}`, ...fields })));
	};
	const data: RawExchange["data"] = (content, { endStream = false } = {}) => {
		socket.write(frame(DATA, endStream ? END_STREAM : 0, streamId, Buffer.from(content)));
	};
	return {
		headers,
		data,
		respond(status: number, content: string, fields: Readonly<Record<string, string>> = {}) {
			headers(status, { "content-length": `${Buffer.byteLength(content)}`, ...fields });
			data(content, { endStream: true });
		},
		reset: (errorCode: number) => void socket.write(frame(RST_STREAM, 0, streamId, uint32(errorCode))),
		goaway: (errorCode: number, lastStreamId = streamId) =>
			void socket.write(frame(GOAWAY, 0, 0, uint32(lastStreamId, errorCode))),
		end: () => void socket.end(),
		destroy: () => void socket.destroy(),
	};
};

/** Reads the client's frames, and calls back with each complete request. Clients under test send no padding. */
const readRequests = (socket: TLSSocket, onRequest: (streamId: number, body: Buffer) => void): void => {
	const bodies = new Map<number, Buffer[]>();
	let unread = Buffer.alloc(0);
	let isPrefaceRead = false;

	const onFrame = (type: number, flags: number, streamId: number, payload: Buffer) => {
		if (type === SETTINGS && !(flags & ACK)) socket.write(frame(SETTINGS, ACK, 0));
		if (type === PING && !(flags & ACK)) socket.write(frame(PING, ACK, 0, payload));
		if (type === RST_STREAM) bodies.delete(streamId);
		if (type === HEADERS) bodies.set(streamId, []);
		if (type === DATA && payload.length > 0) {
			bodies.get(streamId)?.push(payload);
			for (const id of [0, streamId]) socket.write(frame(WINDOW_UPDATE, 0, id, uint32(payload.length)));
		}
		if ((type !== DATA && type !== HEADERS && type !== CONTINUATION) || !(flags & END_STREAM)) return;
		const body = bodies.get(streamId);
		bodies.delete(streamId);
		if (body) onRequest(streamId, Buffer.concat(body));
	};

	socket.on("data", (chunk: Buffer) => {
		unread = Buffer.concat([unread, chunk]);
		if (!isPrefaceRead) {
			if (unread.length < PREFACE_LENGTH) return;
			unread = unread.subarray(PREFACE_LENGTH);
			isPrefaceRead = true;
		}
		while (unread.length >= FRAME_HEADER_LENGTH) {
			const end = FRAME_HEADER_LENGTH + unread.readUIntBE(0, 3);
			if (unread.length < end) return;
			const payload = Buffer.from(unread.subarray(FRAME_HEADER_LENGTH, end));
			const [type = 0, flags = 0] = unread.subarray(3, 5);
			const streamId = unread.readUInt32BE(5) & 0x7fffffff;
			unread = unread.subarray(end);
			onFrame(type, flags, streamId, payload);
		}
	});
};

/**
 * Starts a server on a free port of the loopback interface.
 *
 * @param onRequest answers a request, in whatever way; not at all, if it does nothing
 */
export const startRawHttp2Server = async (
	certificate: { key: Buffer; cert: Buffer },
	onRequest: (exchange: RawExchange) => void,
	{ maxConcurrentStreams = 128, http1 }: RawServerOptions = {},
): Promise<RawHttp2Server> => {
	const { key, cert } = certificate;
	const sockets = new Set<TLSSocket>();
	const http1Server = http1 && createHttp(http1);
	let connectionCount = 0;
	let requestCount = 0;

	const ALPNProtocols = http1 ? ["h2", "http/1.1"] : ["h2"];
	const server = createServer({ key, cert, ALPNProtocols }, (socket) => {
		sockets.add(socket);
		socket.once("close", () => sockets.delete(socket));
		socket.on("error", () => {}); // The client disconnected.
		if (http1Server && socket.alpnProtocol !== "h2") {
			http1Server.emit("connection", socket);
			return;
		}
		const connectionIndex = connectionCount;
		connectionCount += 1;
		socket.write(frame(SETTINGS, 0, 0, setting(MAX_CONCURRENT_STREAMS_SETTING, maxConcurrentStreams)));
		readRequests(socket, (streamId, body) => {
			const index = requestCount;
			requestCount += 1;
			onRequest({ streamId, body, index, connectionIndex, ...answersOn(socket, streamId) });
		});
	});
	server.on("tlsClientError", () => {}); // Also a client that disconnected.
	server.listen(0, "127.0.0.1");
	await once(server, "listening");

	const stop = async () => {
		for (const socket of sockets) socket.destroy();
		if (!server.listening) return;
		server.close();
		await once(server, "close");
	};
	return {
		port: (server.address() as AddressInfo).port,
		get connectionCount() {
			return connectionCount;
		},
		get requestCount() {
			return requestCount;
		},
		stop,
		[Symbol.asyncDispose]: stop,
	};
};
