import { rm } from "node:fs/promises";
import { type ClientHttp2Session, connect, constants } from "node:http2";
import { request } from "node:https";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type Certificate, createCertificate } from "../local-lambda/certificate.js";
import {
	type RawExchange,
	type RawHttp2Server,
	type RawServerOptions,
	startRawHttp2Server,
} from "./raw-http2-server.js";

let certificate: Certificate;
let server: RawHttp2Server;
let session: ClientHttp2Session;

beforeAll(async () => {
	certificate = await createCertificate();
});
afterEach(async () => {
	session.destroy();
	await server.stop();
});
afterAll(() => rm(certificate.folder, { recursive: true }));

const start = async (onRequest: (exchange: RawExchange) => void, options?: RawServerOptions) => {
	server = await startRawHttp2Server(certificate, onRequest, options);
	openSession();
};

const openSession = () => {
	session = connect(`https://localhost:${server.port}`, { ca: certificate.cert });
	session.on("error", () => {});
};

/** What Node's client makes of the answer. */
const post = (body: string) =>
	new Promise<Record<string, unknown>>((resolve) => {
		const stream = session.request({ ":method": "POST", ":path": "/" });
		let status: number | undefined;
		let length: unknown;
		let text = "";
		let error: string | undefined;
		stream.on("response", (headers) => {
			status = headers[":status"];
			length = headers["content-length"];
		});
		stream.on("data", (chunk) => {
			text += chunk;
		});
		stream.on("error", ({ message }) => {
			error = message;
		});
		stream.on("close", () => resolve({ status, length, text, code: stream.rstCode, error }));
		stream.end(body);
	});

test("answers each request with its body, however long", async () => {
	await start(({ body, index, respond }) => respond(200, `${index}: ${body.length}`, { "x-long": "x".repeat(1000) }));
	expect(await post("a")).toMatchObject({ status: 200, length: "4", text: "0: 1", error: undefined });
	expect(await post("y".repeat(200_000))).toMatchObject({ status: 200, text: "1: 200000" });
	expect(await post("")).toMatchObject({ status: 200, text: "2: 0" });
	expect([server.requestCount, server.connectionCount]).toEqual([3, 1]);
});

test.each([
	["NO_ERROR", constants.NGHTTP2_NO_ERROR],
	["CANCEL", constants.NGHTTP2_CANCEL],
])("cuts a response by RST_STREAM with %s", async (_, code) => {
	await start(({ headers, data, reset }) => {
		headers(200, { "content-length": "10" });
		data("01234");
		reset(code);
	});
	expect(await post("{}")).toMatchObject({ status: 200, length: "10", text: "01234", code });
});

test("cuts a response by the end of the connection", async () => {
	await start(({ headers, data, end }) => {
		headers(200, { "content-length": "10" });
		data("01234");
		end();
	});
	expect(await post("{}")).toMatchObject({ status: 200, text: "01234" });
});

test("serves HTTP/1.1 beside an HTTP/2 that allows no stream", async () => {
	const http1 = (_: unknown, response: { end: (text: string) => void }) => response.end("1.1");
	await start(() => {}, { maxConcurrentStreams: 0, http1 });
	await new Promise((resolve) => session.once("remoteSettings", resolve));
	expect(session.remoteSettings.maxConcurrentStreams).toBe(0);
	const protocol = await new Promise((resolve, reject) => {
		request(`https://localhost:${server.port}`, { ca: certificate.cert }, (response) => {
			response.resume();
			resolve(response.httpVersion);
		})
			.on("error", reject)
			.end();
	});
	expect(protocol).toBe("1.1");
});

test("says GOAWAY, or closes the connection without an answer", async () => {
	await start(({ goaway, respond, destroy, index }) => {
		if (index > 0) return destroy();
		goaway(constants.NGHTTP2_NO_ERROR);
		respond(200, "last");
	});
	let lastStreamId: number | undefined;
	session.once("goaway", (_code, last) => {
		lastStreamId = last;
	});
	expect(await post("{}")).toMatchObject({ text: "last" });
	expect(lastStreamId).toBe(1);
	session.destroy();
	openSession();
	expect(await post("{}")).toMatchObject({ status: undefined });
});
