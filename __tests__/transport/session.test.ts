import { rm } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, jest, test } from "@jest/globals";
import { type Certificate, createCertificate } from "../../local-lambda/certificate.js";
import type { SdkOptions } from "../../src/transport/sdk.js";
import { createTransports, type TransportSession } from "../../src/transport/session.js";
import { fakeClient, startServer, type TlsServer, trust, until } from "../support.js";

const originalEnv = process.env;
let certificate: Certificate;
let distrust: () => void;
let server: TlsServer;
const sessions: TransportSession[] = [];

beforeAll(async () => {
	certificate = await createCertificate();
	distrust = trust(certificate.cert);
});
beforeEach(() => {
	process.env = {
		...originalEnv,
		AWS_ACCESS_KEY_ID: "key",
		AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
		AWS_SECRET_ACCESS_KEY: "secret",
		AWS_REGION: "eu-west-1",
	};
	for (const name of ["HTTPS_PROXY", "https_proxy", "AWS_PROFILE", "AWS_CONFIG_FILE"]) delete process.env[name];
});
afterEach(async () => {
	for (const session of sessions.splice(0)) session.close();
	await server.stop();
	process.env = originalEnv;
});
afterAll(async () => {
	distrust();
	await rm(certificate.folder, { recursive: true });
});

const start = async (behavior: Parameters<typeof startServer>[1] = {}, options: Partial<SdkOptions> = {}) => {
	server = await startServer(certificate, {
		onStream: (stream) => {
			stream.respond({ ":status": 200 });
			stream.end('"warmed"');
		},
		onRequest: (_request, response) => void response.end('"warmed"'),
		...behavior,
	});
	process.env.AWS_ENDPOINT_URL_LAMBDA = `https://localhost:${server.port}`;
	const begin = createTransports(options as SdkOptions);
	return (): TransportSession => {
		const session = begin();
		sessions.push(session);
		return session;
	};
};

const invoke = async (session: TransportSession) => {
	expect(await session.open(1, Number.POSITIVE_INFINITY)).toBe(true);
	const send = await session.prepare({
		FunctionName: "api",
		InvocationType: "RequestResponse",
		Payload: Buffer.from("{}"),
	});
	return send();
};
const warmed = { kind: "answered", payload: expect.anything() };

test("sends over the direct transport, ping after ping, if it is answered", async () => {
	const begin = await start();
	for (let ping = 0; ping < 2; ping++) {
		const session = begin();
		expect(await invoke(session)).toEqual(warmed);
		expect(session.kind).toBe("direct");
		expect(session.recordRound("answered")).toBeUndefined();
		session.close();
		await until(() => server.connections.open === 0);
	}
	expect(server.connections.all).toBe(2);
});

test.each<[string, () => Partial<SdkOptions>]>([
	["a client class", () => ({ AwsClient: fakeClient(() => ({ StatusCode: 200, $metadata: {} })).AwsClient })],
	["client options", () => ({ awsClientOptions: {} })],
	["a capture function", () => ({ awsClientCapture: (client) => client })],
])("sends over the SDK if the user has %s", async (_, options) => {
	const begin = await start({}, options());
	const session = begin();
	expect(await invoke(session)).toMatchObject({ kind: "answered" });
	expect(session.kind).toBe("sdk");
});

test("falls back to HTTP/1.1 once, without probing again, if the server speaks nothing else", async () => {
	const begin = await start({ protocols: ["http/1.1"] });
	const session = begin();
	expect(await invoke(session)).toEqual(warmed);
	expect(session.kind).toBe("sdk");
	expect(session.recordRound("answered")).toBeUndefined();
	// One connection to ask for HTTP/2, and one for each child.
	expect(server.connections.all).toBe(2);
	expect(await invoke(begin())).toEqual(warmed);
	expect(server.connections.all).toBe(3);
});

test("sends a round that failed over the SDK in the same ping, and stays with it once that is answered", async () => {
	const begin = await start({ settings: { maxConcurrentStreams: 0 } });
	const session = begin();
	await expect(session.open(1, Number.POSITIVE_INFINITY)).rejects.toMatchObject({ code: "ERR_HTTP2_STREAM_ERROR" });
	expect(session.kind).toBe("direct");
	expect(session.recordRound("failed")).toBe("retry");
	expect(await invoke(session)).toEqual(warmed);
	expect(session.kind).toBe("sdk");
	expect(session.recordRound("answered")).toBe("disabled");
	const next = begin();
	expect(await invoke(next)).toEqual(warmed);
	expect(next.kind).toBe("sdk");
});

test("loads the SDK only if there is time for it, and keeps it", async () => {
	const begin = await start({ protocols: ["http/1.1"] });
	const session = begin();
	const now = Date.now();
	const clock = jest.spyOn(Date, "now").mockReturnValue(now);
	expect(await session.open(1, now - 1)).toBe(false);
	expect(await session.open(1, now)).toBe(true);
	clock.mockRestore();
	expect(await begin().open(1, 0)).toBe(true);
});
