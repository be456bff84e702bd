import { constants, type ServerHttp2Stream } from "node:http2";
import type { TLSSocket } from "node:tls";
import { describe, expect, jest, test } from "@jest/globals";
import { createDirectTransport } from "../../src/transport/direct.js";
import { type RawExchange, startRawHttp2Server } from "../raw-http2-server.js";
import { startServer, type TlsServer, until } from "../support.js";
import { child, runRound, setUpTransports, warmed } from "./support.js";

const { NGHTTP2_CANCEL, NGHTTP2_NO_ERROR } = constants;

const { certificate, stopLater, begin } = setUpTransports(() => ({
	AWS_ACCESS_KEY_ID: "key",
	AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
	AWS_SECRET_ACCESS_KEY: "secret",
	AWS_SESSION_TOKEN: "token",
	AWS_REGION: "eu-west-1",
}));

type Behavior = NonNullable<Parameters<typeof startServer>[1]>;
type OnStream = NonNullable<Behavior["onStream"]>;

const answer =
	(body = '"warmed"', status = 200, headers = {}): OnStream =>
	(stream) => {
		stream.respond({ ":status": status, "content-type": "application/json", ...headers });
		stream.end(body);
	};

const useEndpoint = (port: number, host = "localhost") => {
	process.env.AWS_ENDPOINT_URL_LAMBDA = `https://${host}:${port}`;
};

/** A server that is the endpoint from now on. */
const start = async (behavior: Behavior = {}): Promise<TlsServer> => {
	const started = await startServer(certificate(), { onStream: answer(), ...behavior });
	stopLater(started);
	useEndpoint(started.port, behavior.address === "::1" ? "[::1]" : "localhost");
	return started;
};

const startRaw = async (onRequest: (exchange: RawExchange) => void) => {
	const started = await startRawHttp2Server(certificate(), onRequest);
	stopLater(started);
	useEndpoint(started.port);
	return started;
};

/** Counts the streams of each connection. */
const countStreams = () => {
	const counts = new Map<unknown, number>();
	const count = (stream: ServerHttp2Stream) => {
		counts.set(stream.session, (counts.get(stream.session) ?? 0) + 1);
	};
	return { count, counts: () => [...counts.values()] };
};

describe("the direct transport", () => {
	test("sends nothing before it is told to, and then all children over one connection", async () => {
		const { count, counts } = countStreams();
		const { connections } = await start({
			onStream: (stream, headers) => {
				count(stream);
				answer()(stream, headers);
			},
		});
		const transport = begin(createDirectTransport());
		expect(await transport.open(3)).toBe(true);
		const sends = [];
		for (let number = 0; number < 4; number++) sends.push(await transport.prepare(child));
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(counts()).toEqual([]);
		// The fourth is never sent, and leaves no trace.
		expect(await Promise.all(sends.slice(0, 3).map((send) => send()))).toEqual([warmed, warmed, warmed]);
		expect(counts()).toEqual([3]);
		expect(connections.all).toBe(1);
		transport.close();
		await until(() => connections.open === 0);
	});

	test("sends what Lambda's Invoke API expects, signed, with the length of the body", async () => {
		process.env._X_AMZN_TRACE_ID = "Root=1-2-3";
		let seen: object = {};
		let body = "";
		await start({
			onStream: (stream, headers) => {
				seen = { ...headers };
				stream.on("data", (chunk) => {
					body += chunk;
				});
				stream.on("end", () => answer()(stream, headers));
			},
		});
		const transport = begin(createDirectTransport());
		await transport.open(1);
		const send = await transport.prepare({ ...child, TenantId: "blue", Payload: Buffer.from('{"warmer":true}') });
		expect(await send()).toEqual({ kind: "answered", payload: Buffer.from('"warmed"') });
		expect(body).toBe('{"warmer":true}');
		expect(seen).toMatchObject({
			":method": "POST",
			":scheme": "https",
			":path": "/2015-03-31/functions/api/invocations",
			":authority": expect.stringMatching(/^localhost:\d+$/),
			"content-length": "15",
			"x-amz-invocation-type": "RequestResponse",
			"x-amz-log-type": "None",
			"x-amz-tenant-id": "blue",
			"x-amz-security-token": "token",
			"user-agent": "middy-lambda-warmer",
			"x-amzn-trace-id": "Root=1-2-3",
			authorization: expect.stringMatching(
				/\/lambda\/aws4_request, SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-invocation-type;x-amz-log-type;x-amz-security-token;x-amz-tenant-id,/,
			),
		});
	});

	test("opens as many connections as the server's stream limit requires, and spreads the children", async () => {
		const { count, counts } = countStreams();
		const { connections } = await start({
			settings: { maxConcurrentStreams: 3 },
			onStream: (stream, headers) => {
				count(stream);
				// All are in progress at once.
				setTimeout(() => answer()(stream, headers), 50);
			},
		});
		const transport = begin(createDirectTransport());
		expect(await runRound(transport, 7)).toEqual(Array(7).fill(warmed));
		expect(counts().sort()).toEqual([2, 2, 3]);
		// A further round of the same ping needs no more.
		await transport.open(7);
		await transport.open(1);
		expect(connections.all).toBe(3);
	});

	test("opens a connection for each ping, which resumes the TLS session, and closes it after the ping", async () => {
		const resumed: unknown[] = [];
		const { connections } = await start({
			onStream: (stream, headers) => {
				const socket = stream.session?.socket as TLSSocket | undefined;
				resumed.push(socket?.isSessionReused());
				answer()(stream, headers);
			},
		});
		const create = createDirectTransport();
		for (let ping = 0; ping < 2; ping++) {
			const transport = begin(create);
			expect(await runRound(transport)).toEqual([warmed]);
			transport.close();
			await until(() => connections.open === 0);
		}
		expect(connections.all).toBe(2);
		expect(resumed).toEqual([false, true]);
	});

	test("reads endpoint, authority and credentials anew for each ping, all of them together", async () => {
		const seen: unknown[] = [];
		const onStream: OnStream = (stream, headers) => {
			seen.push({
				authority: headers[":authority"],
				credential: /Credential=(\w+)\//.exec(`${headers.authorization}`)?.[1],
			});
			answer()(stream, headers);
		};
		const create = createDirectTransport();
		const first = await start({ onStream });
		expect(await runRound(begin(create))).toEqual([warmed]);
		const second = await start({ onStream });
		process.env.AWS_ACCESS_KEY_ID = "rotated";
		expect(await runRound(begin(create))).toEqual([warmed]);
		useEndpoint(second.port, "127.0.0.1");
		expect(await runRound(begin(create))).toEqual([warmed]);
		expect(seen).toEqual([
			{ authority: `localhost:${first.port}`, credential: "key" },
			{ authority: `localhost:${second.port}`, credential: "rotated" },
			{ authority: `127.0.0.1:${second.port}`, credential: "rotated" },
		]);
	});

	test("reaches an endpoint whose host is an IPv6 address", async () => {
		let authority: unknown;
		const { port } = await start({
			address: "::1",
			onStream: (stream, headers) => {
				authority = headers[":authority"];
				answer()(stream, headers);
			},
		});
		expect(await runRound(begin(createDirectTransport()))).toEqual([warmed]);
		expect(authority).toBe(`[::1]:${port}`);
	});

	test("is not available outside Lambda, where a test may have mocked the SDK", async () => {
		const { connections } = await start();
		delete process.env.AWS_LAMBDA_RUNTIME_API;
		expect(await begin(createDirectTransport()).open(1)).toBe(false);
		expect(connections.all).toBe(0);
	});

	test("is not available if the server speaks HTTP/1.1 only", async () => {
		await start({ protocols: ["http/1.1"] });
		expect(await begin(createDirectTransport()).open(3)).toBe(false);
	});

	test("cannot be opened if the server allows no streams", async () => {
		await start({ settings: { maxConcurrentStreams: 0 } });
		await expect(begin(createDirectTransport()).open(3)).rejects.toMatchObject({ code: "ERR_HTTP2_STREAM_ERROR" });
	});

	test("cannot be opened if nobody listens", async () => {
		const { stop } = await start();
		await stop();
		await expect(begin(createDirectTransport()).open(3)).rejects.toMatchObject({ code: "ECONNREFUSED" });
	});

	test("leaves requests unsettled and no socket once it is closed", async () => {
		const { connections } = await start({ onStream: () => {} });
		const transport = begin(createDirectTransport());
		await transport.open(2);
		const send = await transport.prepare(child);
		const settled = jest.fn();
		send().then(settled, settled);
		await new Promise((resolve) => setTimeout(resolve, 20));
		transport.close();
		await until(() => connections.open === 0);
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(settled).not.toHaveBeenCalled();
	});

	test.each(["handshake", "settings"] as const)(
		"stops connecting to a server without %s once it is closed",
		async (silent) => {
			const { connections } = await start({ silent });
			const transport = begin(createDirectTransport());
			const opening = transport.open(1);
			await until(() => connections.open === 1);
			transport.close();
			await expect(opening).rejects.toMatchObject({ name: "TimeoutError" });
			await until(() => connections.open === 0);
		},
	);

	test("connects no more once it is closed", async () => {
		const { connections } = await start();
		const transport = begin(createDirectTransport());
		transport.close();
		await expect(transport.open(1)).rejects.toThrow("no connection");
		await until(() => connections.open === 0);
	});
});

describe("an outcome", () => {
	test.each<[string, OnStream, object]>([
		["an accepted event", answer("", 202), { kind: "accepted" }],
		[
			"the child's error",
			answer('{"errorType":"E","errorMessage":"no"}', 200, { "x-amz-function-error": "Unhandled" }),
			{ kind: "failed", failure: { name: "FunctionError", message: "E: no", isTransport: false } },
		],
		[
			"an error of Lambda's own",
			answer('{"Reason":"CallerRateLimitExceeded"}', 429, { "x-amzn-errortype": "TooManyRequestsException" }),
			{ kind: "failed", failure: { reason: "throttled", isTransient: true, isTransport: false } },
		],
		[
			"an error that is not Lambda's own",
			answer("<html>", 411),
			{
				kind: "failed",
				failure: { name: "UnknownError", message: "status 411", isTransient: false, isTransport: true },
			},
		],
	])("is %s", async (_, onStream, outcome) => {
		await start({ onStream });
		expect(await runRound(begin(createDirectTransport()))).toMatchObject([outcome]);
	});

	const half = ({ headers, data }: RawExchange) => {
		headers(200, { "content-length": "8" });
		data('"war');
	};
	test.each<[string, (exchange: RawExchange) => void]>([
		[
			"is canceled within its body",
			(exchange) => {
				half(exchange);
				exchange.reset(NGHTTP2_CANCEL);
			},
		],
		[
			"ends with NO_ERROR within its body",
			(exchange) => {
				half(exchange);
				exchange.reset(NGHTTP2_NO_ERROR);
			},
		],
		[
			"loses its connection within its body",
			(exchange) => {
				half(exchange);
				exchange.end();
			},
		],
	])("is a transient failure of the transport if a stream %s", async (_, onRequest) => {
		await startRaw(onRequest);
		expect(await runRound(begin(createDirectTransport()))).toMatchObject([
			{
				kind: "failed",
				failure: {
					reason: "failed",
					name: expect.stringMatching(/^ERR_HTTP2_|^ECONNRESET$/),
					isTransient: true,
					isTransport: true,
				},
			},
		]);
	});

	test("is an answer if a stream ends with NO_ERROR after a complete response", async () => {
		await startRaw(({ respond, reset }) => {
			respond(200, '"warmed"');
			reset(NGHTTP2_NO_ERROR);
		});
		expect(await runRound(begin(createDirectTransport()))).toEqual([warmed]);
	});
});

describe("a connection that was lost", () => {
	/** A transport whose connection the server has closed after a first answer. */
	const lose = async (children: number) => {
		const { count, counts } = countStreams();
		let close = () => {};
		const server = await start({
			onStream: (stream, headers) => {
				count(stream);
				const { session } = stream;
				close = () => session?.close();
				answer()(stream, headers);
			},
		});
		const transport = begin(createDirectTransport());
		await runRound(transport);
		const sends = [];
		for (let number = 0; number < children; number++) sends.push(await transport.prepare(child));
		close();
		await until(() => server.connections.open === 0);
		await new Promise((resolve) => setTimeout(resolve, 20));
		return { server, transport, sends, counts };
	};

	test("is replaced by one for all children that are sent next", async () => {
		const { server, sends, counts } = await lose(3);
		expect(await Promise.all(sends.map((send) => send()))).toEqual([warmed, warmed, warmed]);
		expect(counts()).toEqual([1, 3]);
		expect(server.connections.all).toBe(2);
	});

	test("is replaced in the next round", async () => {
		const { server, transport, counts } = await lose(0);
		await transport.open(2);
		expect(server.connections.all).toBe(2);
		expect(await runRound(transport, 2)).toEqual([warmed, warmed]);
		expect(counts()).toEqual([1, 2]);
		expect(server.connections.all).toBe(2);
	});

	test("is replaced again, if that is lost too", async () => {
		const connections: number[] = [];
		await startRaw(({ connectionIndex, goaway, respond }) => {
			connections.push(connectionIndex);
			goaway(NGHTTP2_NO_ERROR);
			respond(200, '"warmed"');
		});
		const transport = begin(createDirectTransport());
		await transport.open(1);
		for (let number = 0; number < 3; number++) {
			const send = await transport.prepare(child);
			expect(await send()).toEqual(warmed);
		}
		expect(connections).toEqual([0, 1, 2]);
	});

	test("fails the children if it cannot be replaced", async () => {
		const { server, sends } = await lose(2);
		await server.stop();
		expect(await Promise.all(sends.map((send) => send()))).toMatchObject(
			Array(2).fill({ kind: "failed", failure: { name: "ECONNREFUSED", isTransient: true, isTransport: true } }),
		);
	});

	test("fails the children if the server has stopped speaking HTTP/2", async () => {
		const { server, sends } = await lose(1);
		await server.stop();
		const { port } = server;
		const older = await startServer(certificate(), { protocols: ["http/1.1"], port });
		stopLater(older);
		expect(await sends[0]?.()).toMatchObject({
			kind: "failed",
			failure: {
				name: "ERR_HTTP2_INVALID_SESSION",
				message: "the connection was closed",
				isTransient: true,
				isTransport: true,
			},
		});
	});
});
