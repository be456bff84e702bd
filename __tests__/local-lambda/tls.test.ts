import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { type ClientHttp2Session, connect, constants } from "node:http2";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect as connectTls } from "node:tls";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { LocalLambda, LocalLambdaOptions, TlsOptions } from "../../local-lambda/index.js";
import { clientOf, handlerUrl, INVOKE_PATH, signedHeaders, startWith, until } from "./support.js";

const { NGHTTP2_REFUSED_STREAM, NGHTTP2_INTERNAL_ERROR } = constants;

let lambda: LocalLambda;
const sessions: ClientHttp2Session[] = [];
afterEach(async () => {
	for (const session of sessions.splice(0)) session.destroy();
	await lambda.stop();
});

const start = async (tls: TlsOptions = {}, options: Partial<LocalLambdaOptions> = {}) => {
	lambda = await startWith({}, { tls, ...options });
};

const ca = () => readFileSync(String(lambda.variables.NODE_EXTRA_CA_CERTS));

const session = () => {
	const opened = connect(lambda.endpoint, { ca: ca() });
	opened.on("error", () => {});
	sessions.push(opened);
	return opened;
};

interface Answer {
	status: number;
	body: string;
	headers: Record<string, unknown>;
}

const overHttp2 = (over: ClientHttp2Session, payload: unknown = {}) =>
	new Promise<Answer>((resolve, reject) => {
		const sent = JSON.stringify(payload);
		const stream = over.request({ ":method": "POST", ":path": INVOKE_PATH, ...signedHeaders(lambda, sent) });
		let headers: Record<string, unknown> = {};
		let body = "";
		stream.on("response", (response) => {
			headers = response;
		});
		stream.on("data", (chunk) => {
			body += chunk;
		});
		stream.on("error", reject);
		stream.on("end", () => resolve({ status: Number(headers[":status"]), headers, body }));
		stream.end(sent);
	});

const overHttp1 = (payload: unknown = {}) =>
	new Promise<number | undefined>((resolve, reject) => {
		const sent = JSON.stringify(payload);
		const headers = signedHeaders(lambda, sent);
		request(lambda.endpoint + INVOKE_PATH, { method: "POST", ca: ca(), headers }, (response) =>
			response
				.resume()
				.on("error", reject)
				.on("end", () => resolve(response.statusCode)),
		)
			.on("error", reject)
			.end(sent);
	});

const alpn = (protocols: string[]) =>
	new Promise((resolve, reject) => {
		const socket = connectTls(
			{
				port: Number(new URL(lambda.endpoint).port),
				host: "localhost",
				ca: ca(),
				ALPNProtocols: protocols,
			},
			() => {
				resolve(socket.alpnProtocol);
				socket.destroy();
			},
		).on("error", reject);
	});

test("serves HTTP/2 and HTTP/1.1 on one port, and records the protocol", async () => {
	await start();
	expect(lambda.endpoint).toMatch(/^https:\/\/localhost:\d+$/);
	const over = session();
	const answers = await Promise.all([overHttp2(over, { waitMs: 100 }), overHttp2(over, { waitMs: 100 })]);
	expect(answers.map(({ status }) => status)).toEqual([200, 200]);
	expect(JSON.parse(answers[0]?.body ?? "")).toMatchObject({ event: { waitMs: 100 } });
	expect(await overHttp1()).toBe(200);
	expect(await alpn(["h2", "http/1.1"])).toBe("h2");
	await lambda.invoke("api");
	expect(lambda.invocations.map(({ protocol }) => protocol)).toEqual(["h2", "h2", "http/1.1", undefined]);
});

test.each([
	[["h2"], "h2", "http/1.1"],
	[["http/1.1"], "http/1.1", "h2"],
] as const)("ALPN can offer %j only", async (protocols, offered, other) => {
	await start({ protocols });
	expect(await alpn(["h2", "http/1.1"])).toBe(offered);
	await expect(alpn([other])).rejects.toThrow();
});

test.each([{}, { NODE_EXTRA_CA_CERTS: "/nowhere" }])(
	"an environment trusts the certificate when its function sets %j",
	async (environment) => {
		lambda = await startWith({ handler: handlerUrl("caller"), environment }, { tls: {} });
		const { payload } = await lambda.invoke("api", {});
		const { own, other } = payload as { own: number; other: number };
		expect(lambda.invocations).toMatchObject([
			{ via: "direct", pid: own },
			{ via: "api", pid: other, protocol: "http/1.1" },
		]);
	},
);

test("environments also trust what the parent process trusts", async () => {
	const other = join(mkdtempSync(join(tmpdir(), "tls-")), "company.pem");
	writeFileSync(other, "# Company CA\n");
	const replaced = jest.replaceProperty(process, "env", { ...process.env, NODE_EXTRA_CA_CERTS: other });
	await start();
	replaced.restore();
	expect(String(ca())).toMatch(/^-----BEGIN CERTIFICATE-----\n[\s\S]*# Company CA\n$/);
	expect(await overHttp1()).toBe(200);
});

test("stop removes the certificate, and ends every connection", async () => {
	await start();
	const over = session();
	await overHttp2(over);
	const certificate = String(lambda.variables.NODE_EXTRA_CA_CERTS);
	await lambda.stop();
	await until(() => over.closed);
	expect(existsSync(certificate)).toBe(false);
});

test("SETTINGS limit how many streams are open at the same time", async () => {
	await start({ maxConcurrentStreams: 2 });
	const over = session();
	await once(over, "remoteSettings");
	await Promise.all([1, 2, 3].map(() => overHttp2(over, { waitMs: 200 })));
	expect(over.remoteSettings.maxConcurrentStreams).toBe(2);
	const [first = 0, second = 0] = lambda.invocations.map(({ endedAt }) => endedAt);
	// The third has to wait until one of the others has ended.
	expect(lambda.invocations[2]?.acceptedAt).toBeGreaterThan(Math.min(first, second));
});

test("SETTINGS may allow no stream at all", async () => {
	await start({ maxConcurrentStreams: 0 });
	const over = session();
	await once(over, "remoteSettings");
	expect(over.remoteSettings.maxConcurrentStreams).toBe(0);
});

test("GOAWAY after so many streams: these are answered, later ones refused", async () => {
	await start({ goawayAfter: 2 });
	const over = session();
	let last: number | undefined;
	over.on("goaway", (_, lastStreamID) => {
		last = lastStreamID;
	});
	const results = await Promise.allSettled([1, 2, 3, 4].map((number) => overHttp2(over, { number, waitMs: 50 })));
	expect(results).toMatchObject([
		{ value: { status: 200 } },
		{ value: { status: 200 } },
		{ reason: { message: expect.stringContaining("REFUSED_STREAM") } },
		{ reason: { message: expect.stringContaining("REFUSED_STREAM") } },
	]);
	expect(last).toBe(3);
	expect(lambda.invocations).toHaveLength(2);
	expect(await overHttp2(session())).toMatchObject({ status: 200 });
});

test("closes a connection when it is idle, but not while a stream is open", async () => {
	await start({}, { idleSocketMs: 50 });
	const over = session();
	expect(await overHttp2(over, { waitMs: 300 })).toMatchObject({ status: 200 });
	await until(() => over.closed);
});

test("an invocation runs to its end when the caller disconnects", async () => {
	await start();
	const over = session();
	const answer = overHttp2(over, { waitMs: 100 });
	await until(() => lambda.timeline.events.some(({ kind }) => kind === "invoke"));
	over.destroy();
	await answer.catch(() => {});
	await lambda.settle();
	expect(lambda.invocations).toMatchObject([{ status: 200, attempts: 1 }]);
});

describe("a connection", () => {
	test("may never finish its handshake", async () => {
		let accepted = 0;
		await start({ fault: () => (accepted++ ? undefined : "no handshake") });
		let connected = false;
		const hanging = session();
		hanging.on("connect", () => {
			connected = true;
		});
		// Of two at once, either may be accepted first.
		await until(() => accepted === 1);
		expect(await overHttp2(session())).toMatchObject({ status: 200 });
		expect(connected).toBe(false);
	});

	test("may never get the SETTINGS of HTTP/2", async () => {
		await start({ fault: (index) => (index ? undefined : "no settings") });
		let connected = false;
		let settings = false;
		const hanging = session();
		hanging.on("connect", () => {
			connected = true;
		});
		hanging.on("remoteSettings", () => {
			settings = true;
		});
		await until(() => connected);
		expect(await overHttp2(session())).toMatchObject({ status: 200 });
		expect(settings).toBe(false);
	});
});

describe("a request", () => {
	const first = (fault: Parameters<typeof start>[1]) => start({}, fault);

	test.each([
		["REFUSED_STREAM", NGHTTP2_REFUSED_STREAM],
		["INTERNAL_ERROR", NGHTTP2_INTERNAL_ERROR],
	])("may get RST_STREAM with %s, on its stream alone", async (name, code) => {
		await first({ fault: ({ index }) => (index === 0 ? { kind: "reset stream", code } : undefined) });
		const over = session();
		await expect(overHttp2(over)).rejects.toThrow(name);
		expect(await overHttp2(over)).toMatchObject({ status: 200 });
		expect(lambda.invocations).toMatchObject([{ error: "reset stream" }, { status: 200 }]);
	});

	test.each(["reset", { kind: "reset stream", code: 7 }] as const)(
		"has its connection reset by %j over HTTP/1.1",
		async (fault) => {
			await first({ fault: () => fault });
			await expect(overHttp1()).rejects.toThrow(/ECONNRESET|socket hang up/);
		},
	);

	describe("whose response is cut", () => {
		const cut = (by: "close" | number, afterBytes?: number) =>
			first({ fault: () => ({ kind: "cut", by, ...(afterBytes !== undefined && { afterBytes }) }) });

		/** What arrives until the stream has closed. */
		const received = () =>
			new Promise<Record<string, unknown>>((resolve) => {
				const sent = "{}";
				const stream = session().request({ ":method": "POST", ":path": INVOKE_PATH, ...signedHeaders(lambda, sent) });
				let headers: Record<string, unknown> = {};
				let bytes = 0;
				stream.on("response", (response) => {
					headers = response;
				});
				stream.on("data", (chunk) => {
					bytes += chunk.length;
				});
				stream.on("error", () => {});
				stream.on("close", () => resolve({ headers, bytes, code: stream.rstCode }));
				stream.end(sent);
			});

		test("by RST_STREAM gets the headers and half of the body; the function has run", async () => {
			await cut(constants.NGHTTP2_CANCEL);
			const { headers, bytes, code } = await received();
			const length = Number(Object(headers)["content-length"]);
			expect({ bytes, code }).toEqual({ bytes: Math.floor(length / 2), code: constants.NGHTTP2_CANCEL });
			expect(headers).toMatchObject({ ":status": 200 });
			expect(lambda.invocations).toMatchObject([{ status: 200, environment: "api-1" }]);
		});

		test("before the first byte of the body gets the headers", async () => {
			await cut(constants.NGHTTP2_INTERNAL_ERROR, 0);
			expect(await received()).toMatchObject({
				headers: { ":status": 200 },
				bytes: 0,
				code: constants.NGHTTP2_INTERNAL_ERROR,
			});
		});

		test("by the end of the connection gets the headers and half of the body", async () => {
			await cut("close");
			const { headers, bytes } = await received();
			expect(bytes).toBe(Math.floor(Number(Object(headers)["content-length"]) / 2));
		});

		test("over HTTP/1.1 loses its connection", async () => {
			await cut(constants.NGHTTP2_CANCEL);
			await expect(overHttp1()).rejects.toThrow("aborted");
		});
	});

	test("takes all streams of its connection along when it is reset", async () => {
		await first({ fault: ({ index }) => (index === 1 ? "reset" : undefined) });
		const over = session();
		const results = await Promise.allSettled([overHttp2(over, { waitMs: 5000 }), overHttp2(over)]);
		expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
	});

	test("may be refused over HTTP/2 alone, with an error in the service's own format", async () => {
		await first({
			fault: ({ protocol }) =>
				protocol === "h2"
					? {
							status: 429,
							errorType: "TooManyRequestsException",
							message: "Rate Exceeded.",
							body: { Reason: "CallerRateLimitExceeded" },
							headers: { "retry-after": "3" },
						}
					: undefined,
		});
		const { status, body, headers } = await overHttp2(session());
		expect(status).toBe(429);
		expect(JSON.parse(body)).toEqual({ message: "Rate Exceeded.", Reason: "CallerRateLimitExceeded" });
		expect(headers["retry-after"]).toBe("3");
		expect(headers["x-amzn-errortype"]).toBe("TooManyRequestsException");
		expect(await overHttp1()).toBe(200);
	});
});

test("an HTML page may replace Lambda's own error, over HTTP/2 alone", async () => {
	await start({}, { fault: ({ protocol }) => (protocol === "h2" ? { kind: "page", status: 505 } : undefined) });
	const { status, headers, body } = await overHttp2(session());
	expect({ status, type: headers["content-type"] }).toEqual({ status: 505, type: "text/html" });
	expect(headers).not.toHaveProperty("x-amzn-errortype");
	expect(body).toContain("<h1>505</h1>");
	expect(await overHttp1()).toBe(200);
	expect(lambda.invocations).toMatchObject([{ status: 505, error: "page" }, { status: 200 }]);
});

test("the SDK reads reason and retry-after of a throttled request", async () => {
	lambda = await startWith(
		{},
		{
			fault: () => ({
				status: 429,
				errorType: "TooManyRequestsException",
				body: { Reason: "ConcurrentInvocationLimitExceeded" },
				headers: { "retry-after": "3" },
			}),
		},
	);
	const call = clientOf(lambda).send(new InvokeCommand({ FunctionName: "api" }));
	await expect(call).rejects.toMatchObject({
		name: "TooManyRequestsException",
		Reason: "ConcurrentInvocationLimitExceeded",
		retryAfterSeconds: "3",
	});
});
