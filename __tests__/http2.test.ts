import { rm } from "node:fs/promises";
import type { TLSSocket } from "node:tls";
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from "@jest/globals";
import { type Certificate, makeCertificate } from "../local-lambda/certificate.js";
import type { Http2Connection, HttpRequest } from "../src/http2.js";
import { startServer, type TlsServer, trust, until } from "./support.js";

let certificate: Certificate;
let distrust: () => void;
let http2: typeof import("../src/http2.js");
let server: TlsServer | undefined;
const open: Http2Connection[] = [];

beforeAll(async () => {
	certificate = await makeCertificate();
	distrust = trust(certificate.cert);
	http2 = await import("../src/http2.js");
});
afterEach(async () => {
	for (const connection of open.splice(0)) connection.close();
	await server?.stop();
});
afterAll(async () => {
	distrust();
	await rm(certificate.folder, { recursive: true });
});

const start = async (behaviour: Parameters<typeof startServer>[1] = {}) => {
	server = await startServer(certificate, behaviour);
	return server;
};
const connect = async (
	{ port }: TlsServer,
	{ timeout = 60_000, signal = new AbortController().signal, host = http2.http2Host("localhost", port) } = {},
): Promise<Http2Connection> => {
	const connection = await host.connect(timeout, signal);
	if (!connection) throw new Error("no HTTP/2");
	open.push(connection);
	return connection;
};
const request = (port: number, given: Partial<HttpRequest> = {}) =>
	http2.toHttp2({
		protocol: "https:",
		hostname: "localhost",
		port,
		method: "POST",
		path: "/invoke",
		headers: {},
		...given,
	});

describe("a request", () => {
	test("is translated: one authority, no fields of a connection, an encoded query", () => {
		expect(
			request(443, {
				hostname: "lambda.amazonaws.com",
				query: { "a b": ["1&2", "3"], none: null, c: "é" },
				headers: {
					Host: "elsewhere",
					connection: "keep-alive",
					"Keep-Alive": "1",
					"proxy-connection": "1",
					"Transfer-Encoding": "chunked",
					upgrade: "h2c",
					"x-amz-date": "now",
				},
				body: "{}",
			}),
		).toEqual({
			headers: {
				":method": "POST",
				":scheme": "https",
				":authority": "lambda.amazonaws.com",
				":path": "/invoke?a%20b=1%262&a%20b=3&none&c=%C3%A9",
				"x-amz-date": "now",
			},
			body: "{}",
		});
		const { port: _, ...unnamed } = {
			...{ protocol: "https:", hostname: "h", method: "GET", path: "/" },
			...{ headers: {}, port: 443 },
		};
		expect(http2.toHttp2(unnamed).headers[":authority"]).toBe("h");
		expect(request(8443).headers).toMatchObject({ ":authority": "localhost:8443", ":path": "/invoke" });
	});

	test("gets its response", async () => {
		const seen: unknown[] = [];
		const { port } = await start({
			onStream: (stream, headers) => {
				seen.push(headers[":authority"], headers["x-amz-date"]);
				stream.setEncoding("utf8");
				stream.on("data", (text) => seen.push(text));
				stream.on("end", () => {
					stream.respond({ ":status": 403, "x-amzn-errortype": "No" });
					stream.end("why");
				});
			},
		});
		const connection = await connect({ port } as TlsServer);
		const response = await connection.request(request(port, { headers: { "x-amz-date": "now" }, body: "ping" }));
		expect(seen).toEqual([`localhost:${port}`, "now", "ping"]);
		expect(response).toMatchObject({ statusCode: 403, headers: { "x-amzn-errortype": "No" } });
		expect(response.headers).not.toHaveProperty(":status");
		expect(Buffer.from(response.body).toString()).toBe("why");
		expect(connection.underWay()).toBe(0);
	});

	test("cuts a response off that no identity is as long as", async () => {
		const { port } = await start({
			onStream: (stream) => {
				stream.respond({ ":status": 200 });
				stream.write("x".repeat(70_000));
			},
		});
		const connection = await connect({ port } as TlsServer);
		const { body } = await connection.request(request(port));
		expect(body).toHaveLength(65_536);
		expect(connection.isOpen()).toBe(true);
	});

	test("takes a response of just that length whole", async () => {
		const { port } = await start({
			onStream: (stream) => {
				stream.respond({ ":status": 200 });
				stream.end("x".repeat(65_536));
			},
		});
		const connection = await connect({ port } as TlsServer);
		const { body } = await connection.request(request(port));
		expect(body).toHaveLength(65_536);
	});

	test.each<[string, Parameters<typeof startServer>[1], RegExp]>([
		["is refused", { onStream: (stream) => stream.close(7) }, /REFUSED|code 7/],
		[
			"is reset in the middle of its body",
			{
				onStream: (stream) => {
					stream.respond({ ":status": 200, "content-length": "8" });
					stream.write("half", () => stream.close(2));
				},
			},
			/ERROR|code [12]/,
		],
		["ends without a response", { onStream: (stream) => stream.close(0) }, /^the stream was closed, code 0/],
		["is cancelled", { onStream: (stream) => stream.close(8) }, /code 8|CANCEL/],
		["loses its connection", { onStream: (stream) => stream.session?.destroy() }, /./],
	])("fails where its stream %s", async (_, behaviour, message) => {
		const { port } = await start(behaviour);
		const connection = await connect({ port } as TlsServer);
		const failing = connection.request(request(port));
		expect(connection.underWay()).toBe(1);
		await expect(failing).rejects.toMatchObject({
			code: expect.stringMatching(/^ERR_HTTP2_|^ECONNRESET$/),
			message: expect.stringMatching(message),
		});
		expect(connection.underWay()).toBe(0);
	});
});

describe("a GOAWAY", () => {
	test("lets what is under way end, and takes nothing new", async () => {
		let answer = () => {};
		const { port } = await start({
			onStream: (stream) => {
				answer = () => {
					stream.respond({ ":status": 200 });
					stream.end("late");
				};
				stream.session?.goaway(0, stream.id);
			},
		});
		const connection = await connect({ port } as TlsServer);
		const answered = connection.request(request(port));
		await until(() => !connection.isOpen());
		await expect(connection.request(request(port))).rejects.toMatchObject({
			code: expect.stringMatching(/^ERR_HTTP2_/),
		});
		answer();
		expect(Buffer.from((await answered).body).toString()).toBe("late");
	});

	test("fails what it says was not processed", async () => {
		const { port } = await start({
			onStream: (stream) => stream.session?.goaway(0, 0),
		});
		const connection = await connect({ port } as TlsServer);
		const answers = await Promise.allSettled([1, 2].map(() => connection.request(request(port))));
		for (const { status, reason } of answers as PromiseRejectedResult[]) {
			expect(status).toBe("rejected");
			expect(reason.code).toMatch(/^ERR_HTTP2_/);
		}
	});
});

describe("a connection", () => {
	test("says how many streams the server allows", async () => {
		const limited = await start({ settings: { maxConcurrentStreams: 3 } });
		expect((await connect(limited)).streams).toBe(3);
		await limited.stop();
		const generous = await connect(await start());
		expect(generous.streams).toBeGreaterThan(1e6);
		expect(generous.isOpen()).toBe(true);
	});

	test("is none where the server speaks HTTP/1.1 alone, and leaves no socket", async () => {
		const older = await start({ protocols: ["http/1.1"] });
		const host = http2.http2Host("localhost", older.port);
		const { signal } = new AbortController();
		expect(await host.connect(60_000, signal)).toBeUndefined();
		expect(older.connections.all).toBe(1);
		await until(() => older.connections.open === 0);
	});

	test("resumes the TLS session of the last one", async () => {
		const reused: unknown[] = [];
		const again = await start({
			onStream: (stream) => {
				const socket = stream.session?.socket as TLSSocket | undefined;
				reused.push(socket?.isSessionReused());
				stream.respond({ ":status": 200 });
				stream.end();
			},
		});
		const host = http2.http2Host("localhost", again.port);
		for (let ping = 0; ping < 2; ping++) {
			const connection = await connect(again, { host });
			await connection.request(request(again.port));
			connection.close();
		}
		expect(reused).toEqual([false, true]);
	});

	test("asks for the certificate of a name, as servers of many names need it; to an address it goes as well", async () => {
		const { port, names } = await start();
		await connect({ port } as TlsServer);
		await connect({ port } as TlsServer, { host: http2.http2Host("127.0.0.1", port) });
		expect(names).toEqual(["localhost", false]);
	});

	test.each(["handshake", "settings"] as const)(
		"fails in time where there is no %s, or where the ping is over first, and leaves no socket",
		async (silent) => {
			const quiet = await start({ silent });
			await expect(connect(quiet, { timeout: 300 })).rejects.toMatchObject({
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

	test("goes to port 443 unless told otherwise", async () => {
		await expect(http2.http2Host("localhost").connect(60_000, AbortSignal.abort())).rejects.toThrow("no connection");
	});

	test("fails where nobody listens", async () => {
		const gone = await start();
		await gone.stop();
		await expect(connect(gone)).rejects.toMatchObject({ code: "ECONNREFUSED" });
	});

	test("fails where the server ends it before its settings", async () => {
		const rude = await start({ silent: "settings" });
		const connecting = connect(rude);
		await until(() => rude.connections.open === 1);
		await new Promise((resolve) => setTimeout(resolve, 100));
		await rude.stop();
		await expect(connecting).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_HTTP2_|^ECONNRESET$/) });
	});

	test("leaves no timer, no listener on the signal and no socket when it is closed, and what was under way unsettled", async () => {
		const hanging = await start({ onStream: () => {} });
		const { signal } = new AbortController();
		const timers = jest.spyOn(globalThis, "clearTimeout");
		const listening = jest.spyOn(signal, "removeEventListener");
		const connection = await connect(hanging, { signal });
		expect(timers).toHaveBeenCalled();
		expect(listening).toHaveBeenCalledTimes(1);
		timers.mockRestore();
		const settled = jest.fn();
		connection.request(request(hanging.port)).then(settled, settled);
		await until(() => connection.underWay() === 1);
		connection.close();
		expect(connection.isOpen()).toBe(false);
		await until(() => hanging.connections.open === 0);
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(settled).not.toHaveBeenCalled();
		expect(connection.underWay()).toBe(0);
	});
});
