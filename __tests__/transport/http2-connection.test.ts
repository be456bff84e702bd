import { constants as cryptoConstants } from "node:crypto";
import { once } from "node:events";
import { rm } from "node:fs/promises";
import { constants, createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { type Certificate, createCertificate } from "../../local-lambda/certificate.js";
import {
	authorityOf,
	createHttp2Connector,
	type Http2Connection,
	type Http2Connector,
	type Http2Request,
} from "../../src/transport/http2-connection.js";
import { type RawExchange, type RawHttp2Server, startRawHttp2Server } from "../raw-http2-server.js";
import { startServer, type TlsServer, trust, until } from "../support.js";

const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR, NGHTTP2_NO_ERROR, NGHTTP2_REFUSED_STREAM } = constants;

let certificate: Certificate;
let distrust: () => void;
let server: { stop(): Promise<void> } | undefined;
const open: Http2Connection[] = [];

beforeAll(async () => {
	certificate = await createCertificate();
	distrust = trust(certificate.cert);
});
afterEach(async () => {
	for (const connection of open.splice(0)) connection.close();
	await server?.stop();
	server = undefined;
});
afterAll(async () => {
	distrust();
	await rm(certificate.folder, { recursive: true });
});

const start = async (behavior: Parameters<typeof startServer>[1] = {}): Promise<TlsServer> => {
	const started = await startServer(certificate, behavior);
	server = started;
	return started;
};

const startRaw = async (
	onRequest: (exchange: RawExchange) => void,
	options?: Parameters<typeof startRawHttp2Server>[2],
): Promise<RawHttp2Server> => {
	const started = await startRawHttp2Server(certificate, onRequest, options);
	server = started;
	return started;
};

const connect = async (
	{ port }: { port: number },
	{
		timeoutMs = 60_000,
		signal = new AbortController().signal,
		connector = createHttp2Connector("localhost", port),
	}: { timeoutMs?: number; signal?: AbortSignal; connector?: Http2Connector } = {},
): Promise<Http2Connection> => {
	const connection = await connector.connect(timeoutMs, signal);
	if (!connection) throw new Error("no HTTP/2");
	open.push(connection);
	return connection;
};

const post = (body = "{}"): Http2Request => ({
	headers: { ":method": "POST", ":path": "/invoke" },
	body: Buffer.from(body),
});

const http2Error = { code: expect.stringMatching(/^ERR_HTTP2_|^ECONNRESET$/) };

/** An abort signal without listeners on it, in the end. */
const watched = () => {
	const { signal } = new AbortController();
	const added = jest.spyOn(signal, "addEventListener");
	const removed = jest.spyOn(signal, "removeEventListener");
	const count = ({ mock }: typeof added | typeof removed) => mock.calls.filter(([type]) => type === "abort").length;
	return { signal, listeners: () => count(added) - count(removed) };
};

describe("a response", () => {
	test("arrives with its status, headers and body, in answer to the request's", async () => {
		const seen: unknown[] = [];
		const connection = await connect(
			await start({
				onStream: (stream, headers) => {
					seen.push(headers[":authority"], headers["x-amz-date"]);
					stream.setEncoding("utf8");
					stream.on("data", (text) => seen.push(text));
					stream.on("end", () => {
						stream.respond({ ":status": 403, "x-amzn-errortype": "No" });
						stream.end("why");
					});
				},
			}),
		);
		const request = post("ping");
		const response = await connection.request({
			...request,
			headers: { ...request.headers, ":authority": "lambda.example", "x-amz-date": "now" },
		});
		expect(seen).toEqual(["lambda.example", "now", "ping"]);
		expect(response).toMatchObject({ statusCode: 403, headers: { "x-amzn-errortype": "No" } });
		expect(Buffer.from(response.body).toString()).toBe("why");
		expect(connection.activeStreams()).toBe(0);
	});

	test.each<[string, (exchange: RawExchange) => void, string]>([
		["without a body, its end in the headers", ({ headers }) => headers(202, {}, { endStream: true }), ""],
		[
			"without a body, its end in a frame of its own",
			({ headers, data }) => {
				headers(200, { "content-length": "0" });
				data("", { endStream: true });
			},
			"",
		],
		[
			"without a length",
			({ headers, data }) => {
				headers(200);
				data("one");
				data("two", { endStream: true });
			},
			"onetwo",
		],
		[
			"that is complete before RST_STREAM(NO_ERROR)",
			({ respond, reset }) => {
				respond(200, "all");
				reset(NGHTTP2_NO_ERROR);
			},
			"all",
		],
		[
			"without a length that is complete before RST_STREAM(NO_ERROR)",
			({ headers, data, reset }) => {
				headers(200);
				data("all", { endStream: true });
				reset(NGHTTP2_NO_ERROR);
			},
			"all",
		],
		[
			"with its end in the headers, before RST_STREAM(NO_ERROR)",
			({ headers, reset }) => {
				headers(202, {}, { endStream: true });
				reset(NGHTTP2_NO_ERROR);
			},
			"",
		],
		[
			"without a length that is complete before the end of the connection",
			({ headers, data, end }) => {
				headers(200);
				data("all", { endStream: true });
				end();
			},
			"all",
		],
		[
			"without a length that is complete before the connection is lost",
			({ headers, data, destroy }) => {
				headers(200);
				data("all", { endStream: true });
				setTimeout(destroy, 0);
			},
			"all",
		],
		[
			"that is complete before GOAWAY and the end of the connection",
			({ respond, goaway, end }) => {
				respond(200, "all");
				goaway(NGHTTP2_NO_ERROR);
				end();
			},
			"all",
		],
	])("%s is taken", async (_, answer, body) => {
		const connection = await connect(await startRaw(answer));
		const response = await connection.request(post());
		expect(Buffer.from(response.body).toString()).toBe(body);
	});

	test("is complete for each of many requests that are answered at the same moment", async () => {
		const answers: (() => void)[] = [];
		const connection = await connect(
			await start({
				onStream: (stream) => {
					answers.push(() => {
						stream.respond({ ":status": 200 });
						stream.end("all");
					});
					if (answers.length === 50) for (const answer of answers) answer();
				},
			}),
		);
		const responses = await Promise.all(Array.from({ length: 50 }, () => connection.request(post())));
		for (const { body } of responses) expect(Buffer.from(body).toString()).toBe("all");
	});

	test("of more than 64 KB is cut off there, and the connection stays open", async () => {
		const connection = await connect(
			await start({
				onStream: (stream) => {
					stream.respond({ ":status": 200 });
					stream.write("x".repeat(70_000));
				},
			}),
		);
		const { body } = await connection.request(post());
		expect(body).toHaveLength(65_536);
		expect(connection.isOpen()).toBe(true);
	});

	test("of just 64 KB is taken whole", async () => {
		const connection = await connect(
			await start({
				onStream: (stream) => {
					stream.respond({ ":status": 200 });
					stream.end("x".repeat(65_536));
				},
			}),
		);
		const { body } = await connection.request(post());
		expect(body).toHaveLength(65_536);
	});
});

describe("a request fails", () => {
	const half = ({ headers, data }: RawExchange) => {
		headers(200, { "content-length": "10" });
		data("01234");
	};

	test.each<[string, (exchange: RawExchange) => void, RegExp]>([
		["its stream is refused", ({ reset }) => reset(NGHTTP2_REFUSED_STREAM), /REFUSED_STREAM/],
		["its stream is reset with NO_ERROR before a response", ({ reset }) => reset(NGHTTP2_NO_ERROR), /code 0/],
		["its stream is canceled before a response", ({ reset }) => reset(NGHTTP2_CANCEL), /code 8/],
		["its connection is lost before a response", ({ destroy }) => destroy(), /./],
		["its connection ends before a response", ({ end }) => end(), /./],
		...[
			["NO_ERROR", NGHTTP2_NO_ERROR, /code 0/] as const,
			["CANCEL", NGHTTP2_CANCEL, /code 8/] as const,
			["INTERNAL_ERROR", NGHTTP2_INTERNAL_ERROR, /INTERNAL_ERROR/] as const,
		].flatMap(([name, code, message]): [string, (exchange: RawExchange) => void, RegExp][] => [
			[
				`its response is cut by RST_STREAM(${name}) after the headers`,
				({ headers, reset }) => {
					headers(200, { "content-length": "10" });
					reset(code);
				},
				message,
			],
			[
				`its response is cut by RST_STREAM(${name}) within the body`,
				(exchange) => {
					half(exchange);
					exchange.reset(code);
				},
				message,
			],
		]),
		[
			"its response is cut by RST_STREAM(CANCEL) within a body without a length",
			({ headers, data, reset }) => {
				headers(200);
				data("01234");
				reset(NGHTTP2_CANCEL);
			},
			/code 8/,
		],
		[
			"the connection ends within the body",
			(exchange) => {
				half(exchange);
				exchange.end();
			},
			/./,
		],
		[
			"the connection ends within a body without a length",
			({ headers, data, end }) => {
				headers(200);
				data("01234");
				end();
			},
			/./,
		],
		[
			"the connection is lost within a body without a length",
			({ headers, data, destroy }) => {
				headers(200);
				data("01234");
				setTimeout(destroy, 20);
			},
			/./,
		],
		[
			"the body is shorter than its content-length",
			(exchange) => {
				half(exchange);
				exchange.data("", { endStream: true });
			},
			/./,
		],
	])("if %s", async (_, answer, message) => {
		const connection = await connect(await startRaw(answer));
		const failing = connection.request(post());
		expect(connection.activeStreams()).toBe(1);
		await expect(failing).rejects.toMatchObject({ ...http2Error, message: expect.stringMatching(message) });
		expect(connection.activeStreams()).toBe(0);
	});

	test("alone, if its stream is canceled", async () => {
		const connection = await connect(
			await startRaw(({ index, respond, reset }) => (index === 0 ? reset(NGHTTP2_CANCEL) : respond(200, "fine"))),
		);
		const [first, second] = await Promise.allSettled([1, 2].map(() => connection.request(post())));
		expect(first).toMatchObject({ status: "rejected" });
		expect(second).toMatchObject({ status: "fulfilled", value: { statusCode: 200 } });
	});
});

describe("a GOAWAY", () => {
	test("lets a request in progress finish, and closes the connection to new ones", async () => {
		let answer = () => {};
		const connection = await connect(
			await start({
				onStream: (stream) => {
					answer = () => {
						stream.respond({ ":status": 200 });
						stream.end("late");
					};
					stream.session?.goaway(0, stream.id);
				},
			}),
		);
		const answered = connection.request(post());
		await until(() => !connection.isOpen());
		await expect(connection.request(post())).rejects.toMatchObject(http2Error);
		answer();
		expect(Buffer.from((await answered).body).toString()).toBe("late");
	});

	test("fails the requests that it says were not processed", async () => {
		const connection = await connect(await start({ onStream: (stream) => stream.session?.goaway(0, 0) }));
		const answers = await Promise.allSettled([1, 2].map(() => connection.request(post())));
		for (const answer of answers) expect(answer).toMatchObject({ status: "rejected", reason: http2Error });
	});
});

describe("a connection", () => {
	test("knows how many streams the server allows", async () => {
		const limited = await start({ settings: { maxConcurrentStreams: 3 } });
		expect((await connect(limited)).maxStreams).toBe(3);
		await limited.stop();
		const unlimited = await connect(await start());
		expect(unlimited.maxStreams).toBeGreaterThan(1e6);
		expect(unlimited.isOpen()).toBe(true);
	});

	test("is not opened if the server allows no stream, and leaves no socket", async () => {
		const strict = await start({ settings: { maxConcurrentStreams: 0 } });
		await expect(connect(strict)).rejects.toMatchObject({
			code: "ERR_HTTP2_STREAM_ERROR",
			message: "the server allows no streams",
		});
		await until(() => strict.connections.open === 0);
	});

	test("is undefined if the server speaks HTTP/1.1 only, and leaves no socket", async () => {
		const older = await start({ protocols: ["http/1.1"] });
		const { signal, listeners } = watched();
		expect(await createHttp2Connector("localhost", older.port).connect(60_000, signal)).toBeUndefined();
		expect(older.connections.all).toBe(1);
		expect(listeners()).toBe(0);
		await until(() => older.connections.open === 0);
	});

	test("resumes the TLS session of the one before", async () => {
		const reused: unknown[] = [];
		const resuming = await start({
			onStream: (stream) => {
				const socket = stream.session?.socket as TLSSocket | undefined;
				reused.push(socket?.isSessionReused());
				stream.respond({ ":status": 200 });
				stream.end();
			},
		});
		const connector = createHttp2Connector("localhost", resuming.port);
		for (let ping = 0; ping < 2; ping++) {
			const connection = await connect(resuming, { connector });
			await connection.request(post());
			connection.close();
		}
		expect(reused).toEqual([false, true]);
	});

	test("drops a TLS session ticket with which the handshake failed", async () => {
		// A server that remembers sessions itself, as TLS 1.2 allows, can end the handshake that resumes one.
		const forgetful = createSecureServer({
			...certificate,
			maxVersion: "TLSv1.2",
			secureOptions: cryptoConstants.SSL_OP_NO_TICKET,
		});
		const sessionIds = new Set<string>();
		let resumed = 0;
		forgetful.on("newSession", (id, _data, callback) => {
			sessionIds.add(id.toString("hex"));
			callback();
		});
		forgetful.on("resumeSession", (id, callback) => {
			// A client that also speaks TLS 1.3 makes up an id if it has none.
			const isKnown = sessionIds.has(id.toString("hex"));
			if (isKnown) resumed++;
			callback(isKnown ? new Error("forgotten") : null, null);
		});
		forgetful.on("tlsClientError", () => {});
		await once(forgetful.listen(0, "127.0.0.1"), "listening");
		server = { stop: async () => void forgetful.close() };
		const { port } = forgetful.address() as AddressInfo;
		const connector = createHttp2Connector("localhost", port);
		(await connect({ port }, { connector })).close();
		await expect(connect({ port }, { connector })).rejects.toMatchObject({ code: "ECONNRESET" });
		expect(resumed).toBe(1);
		await connect({ port }, { connector });
		expect(resumed).toBe(1);
	});

	test("names the host in its handshake, as servers of many names require, but not an IP address", async () => {
		const listening = await start();
		await connect(listening);
		await connect(listening, { connector: createHttp2Connector("127.0.0.1", listening.port) });
		expect(listening.names).toEqual(["localhost", false]);
	});

	test.each(["handshake", "settings"] as const)(
		"fails after its timeout, or once the ping is over, if there is no %s, and leaves no socket",
		async (silent) => {
			const quiet = await start({ silent });
			await expect(connect(quiet, { timeoutMs: 300 })).rejects.toMatchObject({
				name: "TimeoutError",
				message: "no connection within 300 ms",
			});
			await until(() => quiet.connections.open === 0);
			const controller = new AbortController();
			const connecting = connect(quiet, { signal: controller.signal });
			await until(() => quiet.connections.open === 1);
			controller.abort();
			await expect(connecting).rejects.toThrow("no connection");
			await until(() => quiet.connections.open === 0);
			await expect(connect(quiet, { signal: controller.signal })).rejects.toThrow("no connection");
			await until(() => quiet.connections.open === 0);
		},
	);

	test("reaches an IPv6 address", async () => {
		const listening = await start({ address: "::1" });
		const connection = await connect(listening, { connector: createHttp2Connector("::1", listening.port) });
		expect(await connection.request(post())).toMatchObject({ statusCode: 200 });
		expect(listening.names).toEqual([false]);
	});

	test("fails if nobody listens", async () => {
		const gone = await start();
		await gone.stop();
		await expect(connect(gone)).rejects.toMatchObject({ code: "ECONNREFUSED" });
	});

	test("fails if the server ends it before its SETTINGS", async () => {
		const rude = await start({ silent: "settings" });
		const connecting = connect(rude);
		await until(() => rude.names.length === 1);
		await rude.stop();
		await expect(connecting).rejects.toMatchObject({ ...http2Error, message: expect.stringMatching(/./) });
	});

	test("leaves no timer, no listener on the signal, and no socket once it is closed, and its requests unsettled", async () => {
		const hanging = await start({ onStream: () => {} });
		const timers = jest.spyOn(globalThis, "clearTimeout");
		const { signal, listeners } = watched();
		const connection = await connect(hanging, { signal });
		expect(timers).toHaveBeenCalled();
		expect(listeners()).toBe(0);
		timers.mockRestore();
		const settled = jest.fn();
		connection.request(post()).then(settled, settled);
		await until(() => connection.activeStreams() === 1);
		connection.close();
		expect(connection.isOpen()).toBe(false);
		await until(() => hanging.connections.open === 0);
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(settled).not.toHaveBeenCalled();
		expect(connection.activeStreams()).toBe(0);
	});
});

test.each([
	["lambda.eu-west-1.amazonaws.com", 443, "lambda.eu-west-1.amazonaws.com"],
	["localhost", 8443, "localhost:8443"],
	["::1", 443, "[::1]"],
	["::1", 8443, "[::1]:8443"],
])("the authority of %s and %i is %s", (hostname, port, authority) => {
	expect(authorityOf(hostname, port)).toBe(authority);
});
