import { afterEach, describe, expect, test } from "@jest/globals";
import type { Fault, FaultRequest, LocalLambda, LocalLambdaOptions } from "../../local-lambda/index.js";
import { openConnections, ping, service, startApi } from "./support.js";

let lambda: LocalLambda;
afterEach(() => lambda.stop());

const event = { warmer: true, concurrency: 5 };

const rateThrottle: Fault = {
	status: 429,
	errorType: "TooManyRequestsException",
	message: "Rate Exceeded.",
	body: { Reason: "CallerRateLimitExceeded" },
};

/** A fault that befalls so many children of the first round, and nobody after. */
const once = (fault: Fault, children: number) => {
	let left = children;
	return (request: FaultRequest) => {
		const { __WARMER_INVOCATION__: number } = request.payload as Record<string, number>;
		return number !== undefined && left-- > 0 ? fault : undefined;
	};
};

/** In ms: longer than children are late on a machine with much else to do. */
const hold = 500;

const start = (options: Partial<LocalLambdaOptions>) =>
	startApi(service({ delay: hold }), { startsAtOnce: 2, ...options });

describe.each<[string, Partial<LocalLambdaOptions>]>([
	["HTTP/1.1", {}],
	["HTTP/2", { tls: {} }],
])("over %s", (_, transport) => {
	describe.each<[string, Fault]>([
		["reset", "reset"],
		["answered with 500", "error"],
		["throttled for their rate", rateThrottle],
	])("children that are %s once", (_name, fault) => {
		test.each([1, 3, 4])("are sent again in the same round: %i of 4", async (children) => {
			lambda = await start({ ...transport, fault: once(fault, children) });
			const { payload, report } = await ping(lambda, event);
			expect(payload).toBe("warmed");
			// The hold was long enough: it stays as it is.
			expect(report).toMatchObject({ warmed: 5, rounds: 1, delay: hold });
			expect(openConnections(lambda)).toBe(0);
		});
	});

	test("a throttled child does not start another round", async () => {
		lambda = await start({ ...transport, fault: once("throttle", 1) });
		const { report } = await ping(lambda, event);
		expect(report).toMatchObject({ warmed: 4, throttled: 1, rounds: 1 });
	});
});

describe("over TLS", () => {
	test("children share one HTTP/2 connection", async () => {
		let connections = 0;
		lambda = await start({
			tls: {
				fault: () => {
					connections++;
					return undefined;
				},
			},
		});
		const { report, requests } = await ping(lambda, event);
		expect(report).toMatchObject({ warmed: 5, protocol: "h2", errors: [] });
		expect(connections).toBe(1);
		expect(requests.filter(({ via }) => via === "api").map(({ protocol }) => protocol)).toEqual(Array(4).fill("h2"));
	});

	test("a stream limit takes more connections, and no queue", async () => {
		lambda = await start({ tls: { maxConcurrentStreams: 4 } });
		const { report } = await ping(lambda, { warmer: true, concurrency: 12 });
		expect(report).toMatchObject({ warmed: 12, rounds: 1, protocol: "h2" });
	});

	test("a server that speaks only HTTP/1.1 is taken as it is", async () => {
		lambda = await start({ tls: { protocols: ["http/1.1"] } });
		const { report } = await ping(lambda, event);
		expect(report).toMatchObject({
			warmed: 5,
			rounds: 1,
			protocol: "http/1.1",
			errors: [],
		});
	});

	test("a request handler of one's own switches HTTP/2 off", async () => {
		lambda = await startApi(service({ awsClientOptions: { requestHandler: {} } }), { tls: {} });
		const { report } = await ping(lambda, event);
		expect(report).toMatchObject({ warmed: 5, protocol: "http/1.1" });
	});

	test("a stream that the server refuses is sent again", async () => {
		// REFUSED_STREAM
		lambda = await start({
			tls: {},
			fault: once({ kind: "reset stream", code: 7 }, 2),
		});
		const { report } = await ping(lambda, event);
		expect(report).toMatchObject({
			warmed: 5,
			failed: 2,
			rounds: 1,
			protocol: "h2",
		});
	});

	test("GOAWAY is answered with a new connection", async () => {
		lambda = await start({ tls: { goawayAfter: 6 } });
		const first = await ping(lambda, { warmer: true, concurrency: 9 });
		expect(first.payload).toBe("warmed");
		// Six of eight streams in each round: in time, and explained.
		expect(first.report).toMatchObject({ requested: 9, protocol: "h2" });
		expect(first.report.warmed).toBeGreaterThanOrEqual(7);
		expect(first.report.errors[0]?.name).toMatch(/HTTP2/);
		const second = await ping(lambda, event);
		expect(second.report).toMatchObject({ warmed: 5, errors: [] });
		expect(openConnections(lambda)).toBe(0);
	});

	test.each<[string, Partial<LocalLambdaOptions>]>([
		["a handshake that hangs", { tls: { fault: (index) => (index < 1 ? "no handshake" : undefined) } }],
		["a server that never sends SETTINGS", { tls: { fault: (index) => (index < 1 ? "no settings" : undefined) } }],
		[
			"a server that refuses every signature over HTTP/2",
			{
				tls: {},
				fault: ({ protocol }) =>
					protocol === "h2" ? { status: 403, errorType: "InvalidSignatureException" } : undefined,
			},
		],
	])("%s turns this environment to HTTP/1.1", async (_, options) => {
		lambda = await start(options);
		const first = await ping(lambda, event);
		expect(first.report).toMatchObject({
			warmed: 5,
			rounds: 2,
			protocol: "http/1.1",
			errors: expect.arrayContaining([expect.objectContaining({ name: "Http2Unusable", count: 1 })]),
		});
		const second = await ping(lambda, event);
		expect(second.environment).toBe(first.environment);
		expect(second.report).toMatchObject({
			warmed: 5,
			rounds: 1,
			protocol: "http/1.1",
			errors: [],
		});
	});
});
