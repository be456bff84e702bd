/** Sentry with its default settings, which warns when an invocation comes close to the function's timeout. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { createGunzip } from "node:zlib";
import { startLocalLambda } from "../../../local-lambda/index.js";
import { besideInstalled } from "./support/installed.js";
import { runtimeOn } from "./support/runtime.js";

const timeoutMs = 3000;
const ping = { warmer: true, concurrency: 3 };

const listen = async (server: Server): Promise<number> => {
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return (server.address() as AddressInfo).port;
};

/** A Sentry server that records what it gets. */
const startSentry = async () => {
	const envelopes: string[] = [];
	const server = createHttpServer(async (request, response) => {
		const isCompressed = request.headers["content-encoding"] === "gzip";
		envelopes.push(await text(isCompressed ? request.pipe(createGunzip()) : request));
		response.end("{}");
	});
	const port = await listen(server);
	return {
		dsn: `http://key@127.0.0.1:${port}/1`,
		/** The names of the functions that Sentry was warned of. */
		warnings: (): string[] =>
			envelopes.flatMap((envelope) => /Possible function timeout: (\w+)/.exec(envelope)?.[1] ?? []),
		async [Symbol.asyncDispose]() {
			server.close();
			server.closeAllConnections();
		},
	};
};

/** Accepts connections, and never says anything: the TLS handshake does not end. */
const startSilence = async () => {
	const sockets: Socket[] = [];
	const server = createServer((socket) => sockets.push(socket.on("error", () => {})));
	const port = await listen(server);
	return {
		url: `https://localhost:${port}`,
		connectionCount: () => sockets.length,
		async [Symbol.asyncDispose]() {
			server.close();
			for (const socket of sockets) socket.destroy();
		},
	};
};

test("Sentry does not warn of a ping that cannot reach Lambda, as it does of a slow request", async () => {
	using folder = await besideInstalled("sentry");
	await using sentry = await startSentry();
	await using silence = await startSilence();
	const handler = join(folder.path, "handler.mjs");
	const environment = { TEST_SENTRY_DSN: sentry.dsn };
	const common = { handler, runtime: await runtimeOn(24), timeoutMs };
	await using lambda = await startLocalLambda({
		functions: {
			slow: { ...common, environment },
			unanswered: { ...common, environment },
			unconnected: { ...common, environment: { ...environment, AWS_ENDPOINT_URL_LAMBDA: silence.url } },
		},
		tls: {},
		fault: ({ payload }) => (JSON.stringify(payload).includes("__WARMER_INVOCATION__") ? "hang" : undefined),
	});

	// Environments that start at the same time slow each other down, which an invocation's time must not include.
	await Promise.all(["slow", "unanswered", "unconnected"].map((name) => lambda.initialize(name)));
	const [slow, ...pings] = await Promise.all([
		// Sentry warns 500 ms before the timeout. Its timer is due first on a slow machine, too, and most of the rest is
		// left to send the warning.
		lambda.invoke("slow", { busyMs: timeoutMs - 480 }),
		lambda.invoke("unanswered", ping),
		lambda.invoke("unconnected", ping),
	]);
	assert.equal(slow.payload, "business");
	assert.deepEqual(
		pings.map(({ payload, functionError }) => [payload, functionError]),
		[
			["warmed", undefined],
			["warmed", undefined],
		],
	);
	await lambda.settle();
	assert.ok(silence.connectionCount() > 0, "the ping has not tried to connect");
	// The slow request shows that warnings arrive.
	assert.deepEqual(sentry.warnings(), ["slow"]);
});
