import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { LambdaClientConfig } from "@aws-sdk/client-lambda";
import { describe, expect, jest, test } from "@jest/globals";
import type { InvokeOutcome } from "../../src/transport/invoke-api.js";
import { createSdkTransport, type SdkOptions } from "../../src/transport/sdk.js";
import { answer, contextFor, createFreshEnvironment, fakeClient, logbook, startServer, until } from "../support.js";
import { child, runRound, setUpTransports, warmed } from "./support.js";

const PROXY_SETTINGS = ["HTTPS_PROXY", "https_proxy", "NODE_USE_ENV_PROXY"] as const;
const { certificate, stopLater, begin } = setUpTransports(() => {
	const env = { ...process.env };
	for (const name of PROXY_SETTINGS) delete env[name];
	return env;
});

const clientOptions: LambdaClientConfig = {
	region: "eu-west-1",
	credentials: { accessKeyId: "key", secretAccessKey: "secret" },
};
/** A server, and an SDK transport to it. */
const start = async (behavior: Parameters<typeof startServer>[1] = {}, options: Partial<SdkOptions> = {}) => {
	const server = await startServer(certificate(), {
		onRequest: (_request, response) => void response.end('"warmed"'),
		...behavior,
	});
	stopLater(server);
	const endpoint = `https://localhost:${server.port}`;
	const sdk = createSdkTransport({
		...options,
		awsClientOptions: { ...clientOptions, endpoint, ...options.awsClientOptions },
	} as SdkOptions);
	return { server, sdk };
};

const round = ({ create }: ReturnType<typeof createSdkTransport>, children?: number): Promise<InvokeOutcome[]> =>
	runRound(begin(create), children);

describe("the SDK transport", () => {
	test("sends each child over HTTP/1.1, on a socket that it closes", async () => {
		const versions: string[] = [];
		const { server, sdk } = await start({
			onRequest: (request, response) => {
				versions.push(request.httpVersion);
				response.end('"warmed"');
			},
		});
		expect(await round(sdk, 3)).toEqual([warmed, warmed, warmed]);
		expect(versions).toEqual(["1.1", "1.1", "1.1"]);
		expect(server.connections.all).toBe(3);
		await until(() => server.connections.open === 0);
	});

	test("works without TLS", async () => {
		const plain = createServer((_request, response) => void response.end('"warmed"'));
		await new Promise<void>((resolve) => {
			plain.listen(0, "localhost", resolve);
		});
		const endpoint = `http://localhost:${(plain.address() as AddressInfo).port}`;
		expect(await round(createSdkTransport({ awsClientOptions: { ...clientOptions, endpoint } } as SdkOptions))).toEqual(
			[warmed],
		);
		plain.close();
	});

	test.each<[string, number, Record<string, string>, string, object]>([
		["an accepted event", 202, {}, "", { kind: "accepted" }],
		[
			"the child's error",
			200,
			{ "x-amz-function-error": "Unhandled" },
			'{"errorType":"E","errorMessage":"no"}',
			{ kind: "failed", failure: { name: "FunctionError", message: "E: no" } },
		],
		[
			"an error of Lambda's own",
			429,
			{ "x-amzn-errortype": "TooManyRequestsException" },
			'{"Reason":"CallerRateLimitExceeded"}',
			{ kind: "failed", failure: { reason: "throttled", isTransient: true, isTransport: false } },
		],
	])("reports %s", async (_, status, headers, body, outcome) => {
		const { sdk } = await start({
			onRequest: (_request, response) => void response.writeHead(status, headers).end(body),
		});
		expect(await round(sdk)).toMatchObject([outcome]);
	});

	test("reports a connection that is lost as a transient failure of the transport", async () => {
		const { sdk } = await start({ onRequest: (request) => void request.socket.destroy() });
		expect(await round(sdk)).toMatchObject([
			{ kind: "failed", failure: { name: "ECONNRESET", isTransient: true, isTransport: true } },
		]);
	});

	test("reports missing credentials", async () => {
		const credentials = async () => {
			throw Object.assign(new Error("none"), { name: "CredentialsProviderError" });
		};
		const { sdk } = await start({}, { awsClientOptions: { credentials } });
		expect(await round(sdk)).toMatchObject([{ kind: "failed", failure: { name: "CredentialsProviderError" } }]);
	});

	test("leaves requests unsettled and no socket once it is closed", async () => {
		const { server, sdk } = await start({ onRequest: () => {} });
		const transport = sdk.create();
		await transport.open(1);
		const settled = jest.fn();
		(await transport.prepare(child))().then(settled, settled);
		await until(() => server.connections.open === 1);
		await new Promise((resolve) => setTimeout(resolve, 20));
		transport.close();
		await until(() => server.connections.open === 0);
		await new Promise((resolve) => setTimeout(resolve, 20));
		expect(settled).not.toHaveBeenCalled();
	});

	test("keeps the user's capture function and its middleware working", async () => {
		const seen: string[] = [];
		const { sdk } = await start(
			{},
			{
				awsClientCapture: (client) => {
					client.middlewareStack.add(
						(next) => async (args) => {
							seen.push("captured");
							return next(args);
						},
						{ step: "build" },
					);
					return client;
				},
			},
		);
		expect(await round(sdk)).toEqual([warmed]);
		expect(seen).toEqual(["captured"]);
	});
});

describe("the client", () => {
	/** The options with which a client class is constructed, in two pings. */
	const constructed = async (awsClientOptions?: LambdaClientConfig) => {
		const seen: LambdaClientConfig[] = [];
		class AwsClient extends fakeClient().AwsClient {
			constructor(config: LambdaClientConfig) {
				super();
				seen.push(config);
			}
		}
		const sdk = createSdkTransport({ AwsClient, awsClientOptions } as unknown as SdkOptions);
		expect(sdk.isLoaded()).toBe(false);
		await round(sdk);
		expect(sdk.isLoaded()).toBe(true);
		await round(sdk);
		return seen;
	};
	const agent = { keepAlive: false, maxSockets: Number.POSITIVE_INFINITY };

	test("is created once, keeps no connection, limits none, and never retries", async () => {
		expect(await constructed({ region: "us-east-1", maxAttempts: 5 })).toEqual([
			{
				region: "us-east-1",
				maxAttempts: 1,
				requestHandler: { connectionTimeout: 2000, httpAgent: agent, httpsAgent: agent },
			},
		]);
		expect(await constructed()).toHaveLength(1);
	});

	test("gets the user's settings for the request handler, or the user's own handler", async () => {
		const [config] = await constructed({ requestHandler: { requestTimeout: 9, connectionTimeout: 1 } });
		expect(config?.requestHandler).toEqual({
			requestTimeout: 9,
			connectionTimeout: 1,
			httpAgent: agent,
			httpsAgent: agent,
		});
		const requestHandler = { handle: () => {} } as never;
		expect((await constructed({ requestHandler }))[0]?.requestHandler).toBe(requestHandler);
	});

	// Agents follow it from Node.js 22.21 and 24.5 on.
	test.each(PROXY_SETTINGS)("follows a proxy if %s is set", async (name) => {
		process.env[name] = "1";
		const [config] = await constructed();
		expect(config?.requestHandler).toMatchObject({ httpsAgent: { ...agent, proxyEnv: { [name]: "1" } } });
	});

	test("of the user's own gets commands, and a signal for each that closing aborts", async () => {
		// Node.js warns of a signal with more than ten listeners.
		const signals = new Set<AbortSignal>();
		const { AwsClient, sent } = fakeClient((_payload, _input, _index, signal) => {
			signals.add(signal);
			return answer('"warmed"');
		});
		const transport = begin(createSdkTransport({ AwsClient } as unknown as SdkOptions).create);
		expect(await runRound(transport, 12)).toEqual(Array(12).fill(warmed));
		expect(sent).toEqual(Array(12).fill({ LogType: "None", ...child }));
		expect(signals.size).toBe(12);
		for (const { aborted } of signals) expect(aborted).toBe(false);
		transport.close();
		for (const { aborted } of signals) expect(aborted).toBe(true);
	});

	test("that cannot be created is tried again by the next ping", async () => {
		let isBroken = true;
		class AwsClient extends fakeClient().AwsClient {
			constructor() {
				super();
				if (isBroken) throw new Error("no region");
			}
		}
		const sdk = createSdkTransport({ AwsClient } as unknown as SdkOptions);
		await expect(sdk.create().open(1)).rejects.toThrow("no region");
		isBroken = false;
		expect(await round(sdk)).toEqual([warmed]);
	});
});

test("a ping works with a mocked SDK that has nothing but a client and a command", async () => {
	createFreshEnvironment();
	const inputs: unknown[] = [];
	class InvokeCommand {
		constructor(readonly input: { Payload: Uint8Array }) {
			inputs.push(input);
		}
	}
	class LambdaClient {
		async send({ input }: InvokeCommand) {
			const { __WARMER_INVOCATION__: number } = JSON.parse(Buffer.from(input.Payload).toString());
			const id = { action: "warmer", id: `child ${number}`, start: "warm", startedAt: Date.now() };
			return answer(JSON.stringify(JSON.stringify(id)));
		}
	}
	jest.unstable_mockModule("@aws-sdk/client-lambda", () => ({ LambdaClient, InvokeCommand }));
	const [{ default: middy }, { default: warmup }] = await Promise.all([
		import("@middy/core"),
		import("../../src/index.js"),
	]);
	const log = logbook();
	const handler = middy()
		.use(warmup({ log: log.log }))
		.handler(async () => "business");
	expect(await handler({ warmer: true, concurrency: 4 }, contextFor())).toBe("warmed");
	expect(inputs).toHaveLength(3);
	expect(log.reports()).toMatchObject([{ warmed: 4, rounds: 1, protocol: "http/1.1", errors: [] }]);
});
