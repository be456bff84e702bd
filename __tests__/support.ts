import { once } from "node:events";
import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from "node:http";
import {
	createServer as createHttp2,
	type IncomingHttpHeaders,
	type ServerHttp2Stream,
	type Settings,
} from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import tls, { type ConnectionOptions, createServer as createTls } from "node:tls";
import type { InvokeCommand, InvokeCommandInput, InvokeCommandOutput } from "@aws-sdk/client-lambda";
import { jest } from "@jest/globals";
import type { Context } from "aws-lambda";
import type { InvokingClient, WarmupEntry } from "../src/index.js";

export const arn = "arn:aws:lambda:eu-west-1:123456789012:function:api";

/** A Lambda context with what the middleware and Middy read of it. */
export const contextFor = (invokedFunctionArn = arn, remaining = 3000): Context =>
	({
		invokedFunctionArn,
		getRemainingTimeInMillis: () => remaining,
	}) as Context;

/** Where the process keeps what lives as long as the environment. */
export const environmentKey = Symbol.for("middy-lambda-warmer");

/** Makes what is imported from now on believe that it is in a new execution environment. */
export const createFreshEnvironment = (): void => {
	jest.resetModules();
	Reflect.deleteProperty(globalThis, environmentKey);
};

/** What a child was sent, as an object. */
export const payloadOf = (input: InvokeCommandInput): Record<string, unknown> =>
	JSON.parse(Buffer.from(input.Payload as Uint8Array).toString());

/** A 200 of the Invoke API with this body. */
export const answer = (body: string): InvokeCommandOutput => ({
	$metadata: {},
	StatusCode: 200,
	Payload: Buffer.from(body) as never,
});

/** What a verifying child answers, as a standard handler's runtime sends it: a quoted string. */
export const identity = (id: string, { start = "warm", startedAt = Date.now() } = {}): InvokeCommandOutput =>
	answer(JSON.stringify(JSON.stringify({ action: "warmer", id, start, startedAt })));

type Responder = (
	payload: Record<string, unknown>,
	input: InvokeCommandInput,
	index: number,
	signal: AbortSignal,
) => InvokeCommandOutput | Promise<InvokeCommandOutput>;

/** A client class that answers as a function says, and the invocations it was asked for. */
export const fakeClient = (
	respond: Responder = (payload) => identity(`child ${payload.__WARMER_INVOCATION__}`),
): {
	AwsClient: new () => InvokingClient;
	sent: InvokeCommandInput[];
} => {
	const sent: InvokeCommandInput[] = [];
	return {
		sent,
		AwsClient: class {
			async send({ input }: InvokeCommand, { abortSignal }: { abortSignal: AbortSignal }) {
				sent.push(input);
				return respond(payloadOf(input), input, sent.length - 1, abortSignal);
			}
		},
	};
};

/** An error as the SDK throws it. */
export const awsError = (name: string, message = name): Error => Object.assign(new Error(message), { name });

/** A `log` option that keeps what it gets, and finds it again by its action. */
export const logbook = () => {
	const entries: WarmupEntry[] = [];
	const of = <Action extends WarmupEntry["action"]>(action: Action) =>
		entries.filter((entry): entry is Extract<WarmupEntry, { action: Action }> => entry.action === action);
	return {
		entries,
		log: (entry: WarmupEntry): void => {
			entries.push(entry);
		},
		records: () => of("warmer"),
		reports: () => of("warmer-report"),
		warnings: () => of("warmer-warning").map(({ message }) => message),
	};
};

/** An object whose fields are getters that throw. */
export const throwing = (...fields: string[]): object =>
	Object.defineProperties(
		{},
		Object.fromEntries(
			fields.map((field) => [
				field,
				{
					enumerable: true,
					get: () => {
						throw new Error("getter");
					},
				},
			]),
		),
	);

/** A proxy that objects to being looked at. */
export const hostile: object = new Proxy(
	{},
	{
		get: () => {
			throw new Error("get");
		},
		getOwnPropertyDescriptor: () => {
			throw new Error("descriptor");
		},
	},
);

/** What a server of {@link startServer} has seen, and how to reach it. */
export interface TlsServer {
	readonly port: number;
	/** Connections that were ever opened, and that are open (count). */
	readonly connections: { all: number; open: number };
	/** The names by which clients asked for its certificate; false for none. */
	readonly names: (string | false)[];
	stop(): Promise<void>;
}

/**
 * Serves HTTP/2 by a function for each stream, and HTTP/1.1 by another. What it does to a new connection may be told.
 */
export const startServer = async (
	certificate: { key: Buffer; cert: Buffer },
	{
		address = "127.0.0.1",
		port = 0,
		protocols = ["h2", "http/1.1"],
		settings = {} as Settings,
		onStream = (stream: ServerHttp2Stream, _headers: IncomingHttpHeaders) => {
			stream.respond({ ":status": 200 });
			stream.end();
		},
		onRequest = (_request: IncomingMessage, response: ServerResponse) => {
			response.end();
		},
		/** Whether it keeps quiet: no handshake, or no HTTP/2 after it. */
		silent = undefined as "handshake" | "settings" | undefined,
	} = {},
): Promise<TlsServer> => {
	const ignore = () => {};
	const names: (string | false)[] = [];
	const http2 = createHttp2({ settings });
	http2.on("stream", (stream, headers) => {
		stream.on("error", ignore);
		onStream(stream, headers);
	});
	http2.on("sessionError", ignore);
	const http1 = createHttp1(onRequest);
	const secure = createTls({ ...certificate, ALPNProtocols: protocols }, (socket) => {
		socket.on("error", ignore);
		names.push(socket.servername || false);
		if (silent === "settings") socket.resume();
		else if (socket.alpnProtocol === "h2") http2.emit("connection", socket);
		else http1.emit("connection", socket);
	});
	secure.on("tlsClientError", ignore);
	const connections = { all: 0, open: 0 };
	const sockets = new Set<Socket>();
	const server = createServer((socket) => {
		connections.all++;
		connections.open++;
		sockets.add(socket);
		socket.on("error", ignore);
		socket.once("close", () => {
			connections.open--;
			sockets.delete(socket);
		});
		if (silent === "handshake") socket.resume();
		else secure.emit("connection", socket);
	});
	await once(server.listen(port, address), "listening");
	return {
		port: (server.address() as AddressInfo).port,
		connections,
		names,
		stop: async () => {
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
};

/** Waits until something is so. */
export const until = async (isSo: () => boolean): Promise<void> => {
	while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 2));
};

/**
 * Makes modules that are imported after it trust a certificate. Returns what ends that, since all tests share Node.js'
 * own modules.
 */
export const trust = (ca: Buffer): (() => void) => {
	const { connect } = tls;
	tls.connect = ((options: ConnectionOptions, ...others: []) =>
		connect({ ...options, ca }, ...others)) as typeof connect;
	jest.resetModules();
	return () => {
		tls.connect = connect;
	};
};
