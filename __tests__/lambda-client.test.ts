import { rm } from "node:fs/promises";
import { InvokeCommand, type LambdaClientConfig } from "@aws-sdk/client-lambda";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { type Certificate, makeCertificate } from "../local-lambda/certificate.js";
import type { Invocation, Outcome } from "../src/invoke-api.js";
import type { bindLines as BindLines, Line } from "../src/lambda-client.js";
import { fakeClient, startServer, type TlsServer, trust, until } from "./support.js";

const originalEnv = process.env;
let certificate: Certificate;
let distrust: () => void;
let bindLines: typeof BindLines;
let server: TlsServer | undefined;
let line: Line | undefined;

beforeAll(async () => {
	certificate = await makeCertificate();
	distrust = trust(certificate.cert);
	({ bindLines } = await import("../src/lambda-client.js"));
});
beforeEach(() => {
	process.env = { ...originalEnv };
	for (const proxy of ["HTTPS_PROXY", "https_proxy"]) delete process.env[proxy];
});
afterEach(async () => {
	line?.close();
	line = undefined;
	await server?.stop();
	process.env = originalEnv;
	jest.restoreAllMocks();
});
afterAll(async () => {
	distrust();
	await rm(certificate.folder, { recursive: true });
});

type Behaviour = NonNullable<Parameters<typeof startServer>[1]>;
type Options = Parameters<typeof BindLines>[0];

const clientOptions: LambdaClientConfig = {
	region: "eu-west-1",
	credentials: { accessKeyId: "key", secretAccessKey: "secret" },
};
const child = (given: Partial<Invocation> = {}): Invocation => ({
	FunctionName: "api",
	InvocationType: "RequestResponse",
	Payload: Buffer.from("{}"),
	...given,
});

/** Answers a stream of HTTP/2 with a body. */
const answers =
	(body = '"warmed"', status = 200, headers = {}): NonNullable<Behaviour["onStream"]> =>
	(stream) => {
		stream.respond({ ":status": status, "content-type": "application/json", ...headers });
		stream.end(body);
	};

/** A server, and lines to it. */
const start = async (behaviour: Behaviour = {}, options: Options = {}) => {
	const protocolsSeen: string[] = [];
	const { onStream = answers(), onRequest } = behaviour;
	const started = await startServer(certificate, {
		...behaviour,
		onStream: (stream, headers) => {
			protocolsSeen.push("h2");
			onStream(stream, headers);
		},
		onRequest: (request, response) => {
			protocolsSeen.push("http/1.1");
			if (onRequest) onRequest(request, response);
			else response.end('"warmed"');
		},
	});
	server = started;
	const newLine = bindLines({
		...options,
		awsClientOptions: {
			...clientOptions,
			endpoint: `https://localhost:${started.port}`,
			...options.awsClientOptions,
		},
	});
	return { newLine, server: started, protocolsSeen };
};

/** Sends so many children on a line, as a round does. */
const round = async (to: Line, children = 1): Promise<Outcome[]> => {
	line = to;
	await to.open(children, Infinity);
	const prepared = [];
	for (let number = 0; number < children; number++) {
		const each = to.prepare(child());
		await each.ready;
		prepared.push(each);
	}
	for (const { send } of prepared) send();
	return Promise.all(prepared.map(({ outcome }) => outcome));
};
/** Of a round whose failures, if all are the way's, are ones that stay. */
const result = (answered: boolean, transport: boolean, waited: number) => ({
	answered,
	transport,
	refused: transport,
	waited,
});
const warmed = { kind: "answered", payload: expect.anything() };

describe("over HTTP/2", () => {
	test("all children share one connection, and nothing of them is sent before all leave", async () => {
		const { newLine, server, protocolsSeen } = await start();
		line = newLine();
		await line.open(3, Infinity);
		const prepared = [1, 2, 3].map(() => line?.prepare(child()));
		await Promise.all(prepared.map((each) => each?.ready));
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(line.way).toBe("h2");
		expect(server.connections.all).toBe(1);
		expect(protocolsSeen).toEqual([]);
		for (const each of prepared) each?.send();
		expect(await Promise.all(prepared.map((each) => each?.outcome))).toEqual([warmed, warmed, warmed]);
		expect(protocolsSeen).toEqual(["h2", "h2", "h2"]);
		expect(server.connections.all).toBe(1);
		line.close();
		await until(() => server.connections.open === 0);
	});

	test("an invocation is Lambda's, signed, and without a log", async () => {
		const seen: Record<string, unknown>[] = [];
		let body = "";
		const { newLine } = await start({
			onStream: (stream, headers) => {
				seen.push(headers);
				stream.on("data", (chunk) => {
					body += chunk;
				});
				stream.on("end", () => answers()(stream, headers));
			},
		});
		line = newLine();
		await line.open(1, Infinity);
		const { send, outcome } = line.prepare(child({ TenantId: "blue", Payload: Buffer.from('{"warmer":true}') }));
		send();
		expect(await outcome).toEqual({ kind: "answered", payload: expect.anything() });
		expect(body).toBe('{"warmer":true}');
		expect(seen).toMatchObject([
			{
				":method": "POST",
				":path": "/2015-03-31/functions/api/invocations",
				":authority": expect.stringMatching(/^localhost:\d+$/),
				"x-amz-invocation-type": "RequestResponse",
				"x-amz-log-type": "None",
				"x-amz-tenant-id": "blue",
				authorization: expect.stringContaining("AWS4-HMAC-SHA256"),
			},
		]);
	});

	test("tells an accepted event, a child's error and a refusal apart", async () => {
		const told = [
			answers("", 202),
			answers('{"errorType":"E","errorMessage":"no"}', 200, { "x-amz-function-error": "Unhandled" }),
			answers('{"Reason":"CallerRateLimitExceeded","message":"Rate Exceeded."}', 429, {
				"x-amzn-errortype": "TooManyRequestsException",
			}),
		];
		const { newLine } = await start({
			onStream: (stream, headers) => told.shift()?.(stream, headers),
		});
		expect([await round(newLine()), await round(newLine()), await round(newLine())]).toMatchObject([
			[{ kind: "accepted" }],
			[{ kind: "threw", failure: { message: "E: no" } }],
			[{ kind: "failed", failure: { reason: "throttled", transient: true } }],
		]);
	});

	test("a connection that was closed is replaced in the next round", async () => {
		let streams = 0;
		const { newLine, server } = await start({
			onStream: (stream, headers) => {
				if (streams++ === 0) stream.close(8);
				else answers()(stream, headers);
			},
		});
		const to = newLine();
		expect(await round(to)).toMatchObject([{ kind: "failed", failure: { transient: true, transport: true } }]);
		expect(to.judge(result(false, true, 1000))).toBe("retry");
		const next = newLine();
		expect(next.way).toBe("http/1.1");
		expect(await round(next)).toEqual([warmed]);
		expect(next.way).toBe("http/1.1");
		next.judge(result(false, false, 1000));
		// HTTP/1.1 was no better: HTTP/2 is tried again.
		expect(await round(newLine())).toEqual([warmed]);
		expect(line?.way).toBe("h2");
		expect(server.connections.all).toBe(3);
	});

	test("a child finds no connection where the server has gone away since", async () => {
		let session: { close(): void } | undefined;
		const { newLine, server } = await start({
			onStream: (stream, headers) => {
				session = stream.session as never;
				answers()(stream, headers);
			},
		});
		const to = newLine();
		await round(to);
		to.judge(result(true, false, 1000));
		await to.open(1, Infinity);
		const prepared = to.prepare(child());
		await prepared.ready;
		session?.close();
		await until(() => server.connections.open === 0);
		await new Promise((resolve) => setTimeout(resolve, 20));
		prepared.send();
		expect(await prepared.outcome).toMatchObject({
			kind: "failed",
			failure: { message: "the connection was closed", transient: true, transport: true },
		});
		// In the next round of the same ping there is a new one.
		expect(await round(to)).toEqual([warmed]);
		expect(server.connections.all).toBe(2);
	});

	test("the user's capture and middleware keep working", async () => {
		const { newLine, protocolsSeen } = await start(
			{},
			{
				awsClientCapture: (client) => {
					client.middlewareStack.add(
						(next) => async (args) => {
							protocolsSeen.push("captured");
							return next(args);
						},
						{ step: "build" },
					);
					return client;
				},
			},
		);
		expect(await round(newLine())).toEqual([warmed]);
		expect(protocolsSeen).toEqual(["captured", "h2"]);
	});

	test("a request that is no child's goes its own way", async () => {
		let other: Promise<unknown> | undefined;
		const { newLine, protocolsSeen } = await start(
			{},
			{
				awsClientCapture: (client) => {
					other = client.send(new InvokeCommand({ FunctionName: "other" }));
					return client;
				},
			},
		);
		expect(await round(newLine())).toEqual([warmed]);
		expect(await other).toMatchObject({ StatusCode: 200 });
		expect(protocolsSeen.sort()).toEqual(["h2", "http/1.1"]);
	});

	test("a child fails where the line was never opened", async () => {
		const { newLine } = await start();
		const { outcome } = newLine().prepare(child());
		expect(await outcome).toMatchObject({ kind: "failed", failure: { message: "the line is not open" } });
	});

	test("closing leaves open outcomes so, and no socket", async () => {
		const { newLine, server } = await start({ onStream: () => {} });
		const to = newLine();
		await to.open(2, Infinity);
		const [sent, unsent] = [to.prepare(child()), to.prepare(child())];
		await Promise.all([sent.ready, unsent.ready]);
		const settled = jest.fn();
		sent.outcome.then(settled);
		sent.send();
		await until(() => server.connections.open === 1);
		await new Promise((resolve) => setTimeout(resolve, 20));
		to.close();
		await until(() => server.connections.open === 0);
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(settled).not.toHaveBeenCalled();
	});

	test.each(["handshake", "settings"] as const)("closing ends connecting to a server without %s", async (silent) => {
		const { newLine, server } = await start({ silent });
		const to = newLine();
		await to.open(1, Infinity);
		const { outcome } = to.prepare(child());
		await until(() => server.connections.open === 1);
		to.close();
		expect(await outcome).toMatchObject({ kind: "failed", failure: { reason: "timedOut" } });
		await until(() => server.connections.open === 0);
	});

	test("nothing connects once the line is closed", async () => {
		const { newLine, server } = await start();
		await round(newLine());
		line?.close();
		await until(() => server.connections.open === 0);
		const late = newLine();
		late.close();
		await expect(late.open(1, Infinity)).rejects.toThrow("no connection");
		await until(() => server.connections.open === 0);
	});
});

describe("without the SDK", () => {
	beforeEach(() => {
		Object.assign(process.env, {
			AWS_ACCESS_KEY_ID: "key",
			AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
			AWS_SECRET_ACCESS_KEY: "secret",
			AWS_SESSION_TOKEN: "token",
			AWS_REGION: "eu-west-1",
		});
	});

	/** Calls as in a function: what they need is in the environment. */
	const startDirect = async (behaviour: Behaviour = {}, options: Options = {}) => {
		const started = await start(behaviour);
		process.env.AWS_ENDPOINT_URL_LAMBDA = `https://localhost:${started.server.port}`;
		return { ...started, newLine: bindLines(options) };
	};

	test("children are signed here, and share one connection, from the first ping on", async () => {
		const seen: Record<string, unknown>[] = [];
		const { newLine, server } = await startDirect({
			onStream: (stream, headers) => {
				seen.push(headers);
				answers()(stream, headers);
			},
		});
		for (let ping = 0; ping < 2; ping++) {
			expect(await round(newLine(), 3)).toEqual([warmed, warmed, warmed]);
			expect(line?.way).toBe("direct");
			line?.close();
			await until(() => server.connections.open === 0);
		}
		expect(server.connections.all).toBe(2);
		expect(seen).toHaveLength(6);
		expect(seen[0]).toMatchObject({
			":authority": `localhost:${server.port}`,
			"x-amz-security-token": "token",
			"user-agent": "middy-lambda-warmer",
		});
	});

	test("a child that is not sent leaves no trace", async () => {
		const { newLine, protocolsSeen } = await startDirect();
		const to = newLine();
		line = to;
		await to.open(2, Infinity);
		const [, other] = [to.prepare(child()), to.prepare(child())];
		other.send();
		expect(await other.outcome).toEqual(warmed);
		expect(protocolsSeen).toEqual(["h2"]);
	});

	test("a refusal, a child's error and a stream that was cut are told as the SDK's are", async () => {
		const told: NonNullable<Behaviour["onStream"]>[] = [
			answers('{"Reason":"CallerRateLimitExceeded"}', 429, { "x-amzn-errortype": "TooManyRequestsException" }),
			answers('{"errorType":"E","errorMessage":"no"}', 200, { "x-amz-function-error": "Unhandled" }),
			(stream) => stream.close(8),
		];
		const { newLine } = await startDirect({ onStream: (stream, headers) => told.shift()?.(stream, headers) });
		expect([await round(newLine()), await round(newLine()), await round(newLine())]).toMatchObject([
			[{ kind: "failed", failure: { reason: "throttled", transient: true } }],
			[{ kind: "threw", failure: { message: "E: no" } }],
			[{ kind: "failed", failure: { transient: true, transport: true } }],
		]);
	});

	test("is no way outside Lambda, where a test may have mocked the SDK", async () => {
		delete process.env.AWS_LAMBDA_RUNTIME_API;
		const { newLine } = await startDirect();
		expect(await round(newLine())).toEqual([warmed]);
		expect(line?.way).toBe("h2");
	});

	test("is no way where the server speaks no HTTP/2, or the user has options for the client", async () => {
		const { newLine } = await startDirect({ protocols: ["http/1.1"] });
		expect(await round(newLine(), 2)).toEqual([warmed, warmed]);
		expect(line?.way).toBe("http/1.1");
		await server?.stop();
		const captured = jest.fn((client: object) => client);
		for (const options of [{ awsClientOptions: {} }, { awsClientCapture: captured as never }]) {
			const { newLine } = await startDirect({}, options);
			expect(await round(newLine())).toEqual([warmed]);
			expect(line?.way).toBe("h2");
			await server?.stop();
		}
		expect(captured).toHaveBeenCalledTimes(1);
	});

	test("that is refused goes over HTTP/1.1 in the next round, with the SDK", async () => {
		const { newLine, protocolsSeen } = await startDirect({
			onStream: answers('{"message":"no"}', 403, { "x-amzn-errortype": "InvalidSignatureException" }),
		});
		const to = newLine();
		expect(await round(to)).toMatchObject([{ kind: "failed", failure: { transport: true } }]);
		expect(to.judge(result(false, true, 0))).toBe("retry");
		expect(await round(to)).toEqual([warmed]);
		expect(to.judge(result(true, false, 0))).toBe("switched");
		expect(protocolsSeen).toEqual(["h2", "http/1.1"]);
	});

	test("loads the SDK where it is needed, and there is time for it", async () => {
		const { newLine, protocolsSeen } = await startDirect({ protocols: ["http/1.1"] });
		const to = newLine();
		line = to;
		expect(await to.open(1, Date.now() - 1)).toBe(false);
		expect(await to.open(1, Date.now() + 10_000)).toBe(true);
		// Once loaded, it stays so.
		expect(await newLine().open(1, 0)).toBe(true);
		expect(protocolsSeen).toEqual([]);
	});
});

describe("over HTTP/1.1", () => {
	test("goes what the server takes no other way, and it is not asked again", async () => {
		const { newLine, server, protocolsSeen } = await start({ protocols: ["http/1.1"] });
		expect(await round(newLine(), 2)).toEqual([warmed, warmed]);
		expect(line?.way).toBe("http/1.1");
		// One to ask, one for each child.
		expect(server.connections.all).toBe(3);
		expect(await round(newLine(), 2)).toEqual([warmed, warmed]);
		expect(server.connections.all).toBe(5);
		expect(protocolsSeen).toEqual(Array(4).fill("http/1.1"));
		expect(line?.judge(result(true, false, 1000))).toBeUndefined();
		await until(() => server.connections.open === 0);
	});

	test.each<[string, Options]>([
		["a request handler of the user's own", { awsClientOptions: { requestHandler: {} } }],
		["settings for the request handler", { awsClientOptions: { requestHandler: { requestTimeout: 60_000 } } }],
	])("goes all with %s", async (_, options) => {
		const { newLine, protocolsSeen } = await start({}, options);
		expect(await round(newLine(), 2)).toEqual([warmed, warmed]);
		expect(protocolsSeen).toEqual(["http/1.1", "http/1.1"]);
	});

	test.each(["HTTPS_PROXY", "https_proxy"])("goes all with %s set", async (proxy) => {
		process.env[proxy] = "http://localhost:1";
		const { newLine, protocolsSeen } = await start();
		expect(await round(newLine())).toEqual([warmed]);
		expect(protocolsSeen).toEqual(["http/1.1"]);
	});

	test("goes all to an endpoint without TLS", async () => {
		const { createServer } = await import("node:http");
		const plain = createServer((_request, response) => {
			response.end('"warmed"');
		});
		await new Promise<void>((resolve) => {
			plain.listen(0, "localhost", resolve);
		});
		const { port } = plain.address() as { port: number };
		const newLine = bindLines({
			awsClientOptions: {
				...clientOptions,
				endpoint: `http://localhost:${port}`,
			},
		});
		for (let ping = 0; ping < 2; ping++) {
			expect(await round(newLine(), 2)).toEqual([warmed, warmed]);
			expect(line?.way).toBe("http/1.1");
		}
		plain.close();
	});

	test("a burst of answers is read one in a turn of the loop, so that timers have theirs", async () => {
		let turn = 0;
		let isOver = false;
		const count = () => {
			turn++;
			if (!isOver) setImmediate(count);
		};
		let answerAll = () => {};
		const atOnce = new Promise<void>((resolve) => {
			answerAll = resolve;
		});
		const handle = async () => {
			await atOnce;
			return { response: { statusCode: 200, headers: {}, body: Buffer.from('"warmed"') } };
		};
		const newLine = bindLines({ awsClientOptions: { ...clientOptions, requestHandler: { handle } as never } });
		line = newLine();
		await line.open(5, Infinity);
		const turns = Array.from({ length: 5 }, async () => {
			const prepared = line?.prepare(child());
			prepared?.send();
			expect(await prepared?.outcome).toEqual(warmed);
			return turn;
		});
		count();
		answerAll();
		const seen = await Promise.all(turns);
		isOver = true;
		expect(new Set(seen).size).toBe(5);
	});

	test("closing aborts what is under way", async () => {
		const { newLine, server } = await start({
			protocols: ["http/1.1"],
			onRequest: () => {},
		});
		const to = newLine();
		await to.open(1, Infinity);
		const { ready, send, outcome } = to.prepare(child());
		await ready;
		const settled = jest.fn();
		outcome.then(settled);
		send();
		await until(() => server.connections.open === 1);
		await new Promise((resolve) => setTimeout(resolve, 20));
		to.close();
		await until(() => server.connections.open === 0);
		expect(settled).not.toHaveBeenCalled();
	});
});

test("HTTP/2 that never works is left, once HTTP/1.1 does", async () => {
	const { newLine, protocolsSeen } = await start({
		onStream: answers('{"message":"no"}', 403, { "x-amzn-errortype": "InvalidSignatureException" }),
	});
	const to = newLine();
	expect(await round(to)).toMatchObject([{ kind: "failed", failure: { transport: true } }]);
	expect(to.judge(result(false, true, 1000))).toBe("retry");
	expect(await round(to)).toEqual([warmed]);
	expect(to.judge(result(true, false, 1000))).toBe("switched");
	expect(await round(newLine())).toEqual([warmed]);
	expect(line?.judge(result(true, false, 1000))).toBeUndefined();
	expect(protocolsSeen).toEqual(["h2", "http/1.1", "http/1.1"]);
});

describe("the client", () => {
	/** The options that a client class was constructed with, by so many pings. */
	const constructed = async (awsClientOptions?: object) => {
		const seen: Record<string, unknown>[] = [];
		class AwsClient extends fakeClient().AwsClient {
			constructor(config: object) {
				super();
				seen.push({ ...config });
			}
		}
		const newLine = bindLines({ AwsClient, awsClientOptions } as Options);
		await round(newLine());
		await round(newLine());
		return seen;
	};

	test("is made once", async () => {
		expect(await constructed()).toHaveLength(1);
	});

	test("keeps no connection, limits none, and never retries", async () => {
		const agent = { keepAlive: false, maxSockets: Number.POSITIVE_INFINITY };
		expect(await constructed({ region: "us-east-1", maxAttempts: 5 })).toEqual([
			{
				region: "us-east-1",
				cacheMiddleware: true,
				maxAttempts: 1,
				requestHandler: { connectionTimeout: 2000, httpAgent: agent, httpsAgent: agent },
			},
		]);
	});

	test("gets the user's settings for the request handler, or the user's own", async () => {
		const [config] = await constructed({ requestHandler: { requestTimeout: 9, connectionTimeout: 1 } });
		expect(config?.requestHandler).toMatchObject({
			requestTimeout: 9,
			connectionTimeout: 1,
			httpsAgent: { keepAlive: false },
		});
		const requestHandler = { handle: () => {} };
		expect((await constructed({ requestHandler }))[0]?.requestHandler).toBe(requestHandler);
	});

	test("of the user's own sends at once, and with a signal for each child", async () => {
		const signals = new Set<AbortSignal>();
		const { AwsClient, sent } = fakeClient((_payload, _input, _index, signal) => {
			signals.add(signal);
			return new Promise(() => {});
		});
		const to = bindLines({ AwsClient })();
		line = to;
		expect([to.sendsAtOnce, bindLines({})().sendsAtOnce]).toEqual([true, false]);
		await to.open(12, Infinity);
		expect(to.way).toBe("http/1.1");
		for (let number = 0; number < 12; number++) {
			await to.prepare(child()).ready;
		}
		expect(sent).toHaveLength(12);
		expect(sent[0]).toMatchObject({ FunctionName: "api", LogType: "None" });
		// Node.js warns of many listeners.
		expect(signals.size).toBe(12);
		to.close();
		for (const { aborted } of signals) expect(aborted).toBe(true);
	});

	test("that cannot be made is tried again with the next line", async () => {
		let broken = true;
		class AwsClient extends fakeClient().AwsClient {
			constructor() {
				super();
				if (broken) throw new Error("no region");
			}
		}
		const newLine = bindLines({ AwsClient });
		await expect(newLine().open(1, Infinity)).rejects.toThrow("no region");
		broken = false;
		expect(await round(newLine())).toMatchObject([{ kind: "answered" }]);
	});

	test("fails a child without credentials before it is sent", async () => {
		const { newLine } = await start(
			{},
			{
				awsClientOptions: {
					credentials: async () => {
						throw Object.assign(new Error("none"), { name: "CredentialsProviderError" });
					},
				},
			},
		);
		const to = newLine();
		line = to;
		await to.open(1, Infinity);
		const { ready, outcome } = to.prepare(child());
		await ready;
		expect(await outcome).toMatchObject({ kind: "failed", failure: { name: "CredentialsProviderError" } });
	});
});
