import { constants } from "node:http2";
import { afterEach, describe, expect, test } from "@jest/globals";
import type { Fault, FaultRequest, LocalLambda, TlsOptions } from "../../local-lambda/index.js";
import { ping, service, startApi } from "./support.js";

let lambda: LocalLambda;
afterEach(() => lambda.stop());

const start = async (fault: (request: FaultRequest) => Fault | undefined, tls: TlsOptions = {}): Promise<void> => {
	lambda = await startApi(service({}, { memoryMb: 512, timeoutMs: 30_000 }), { tls, fault });
};

const event = { warmer: true, concurrency: 4 };
const http2Unusable = expect.objectContaining({ name: "Http2Unusable", count: 1 });

describe("the first ping warms every environment, and its report says why HTTP/2 was given up,", () => {
	test.each([400, 403, 411, 505])("if the server answers HTTP/2 with a bare %i", async (status) => {
		await start(({ protocol }) => (protocol === "h2" ? { kind: "page", status } : undefined));
		const { payload, report } = await ping(lambda, event);
		expect(payload).toBe("warmed");
		expect(report).toMatchObject({ warmed: 4, protocol: "http/1.1" });
		expect(report.errors).toEqual(
			expect.arrayContaining([
				http2Unusable,
				expect.objectContaining({ name: "UnknownError", message: `status ${status}` }),
			]),
		);
		// The environment stays with HTTP/1.1, and says nothing more about it.
		const next = await ping(lambda, event);
		expect(next.report).toMatchObject({ warmed: 4, rounds: 1, protocol: "http/1.1", errors: [] });
	});

	test("if the server allows no HTTP/2 stream", async () => {
		await start(() => undefined, { maxConcurrentStreams: 0 });
		const { report } = await ping(lambda, event);
		expect(report).toMatchObject({ warmed: 4, protocol: "http/1.1" });
		expect(report.errors).toEqual(
			expect.arrayContaining([http2Unusable, expect.objectContaining({ message: "the server allows no streams" })]),
		);
	});
});

test.each([
	["RST_STREAM(CANCEL)", constants.NGHTTP2_CANCEL, /^h2$/],
	// All children may fail with their connection. Then it depends on the moment whether they are sent again within the
	// hold, or over the other transport.
	["the end of the connection", "close", /^(h2|http\/1\.1)$/],
] as const)("a child whose response is cut by %s fails, and is repaired in the same ping", async (_, by, protocol) => {
	let cuts = 0;
	await start(({ payload }) => {
		const { __WARMER_INVOCATION__: number } = Object(payload);
		return number === 3 && cuts++ === 0 ? { kind: "cut", by } : undefined;
	});
	const { report } = await ping(lambda, event);
	expect(report).toMatchObject({ warmed: 4, unverified: 0, protocol: expect.stringMatching(protocol) });
	expect(report.failed).toBeGreaterThanOrEqual(1);
});
