/** A proxy between the function and Lambda, on the versions of Node.js whose agents follow proxy variables. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { test } from "node:test";
import { startLocalLambda } from "../../../local-lambda/index.js";
import { runtimeOn } from "./support/runtime.js";

const concurrency = 4;

/** A proxy that takes nothing but CONNECT. */
const startProxy = async () => {
	const targets: (string | undefined)[] = [];
	const sockets: Socket[] = [];
	const server = createServer((_request, response) => response.writeHead(405).end());
	server.on("connect", ({ url }, client: Socket) => {
		targets.push(url);
		const { hostname, port } = new URL(`http://${url}`);
		const upstream = connect(Number(port), hostname, () => {
			client.write("HTTP/1.1 200 Connection Established\r\n\r\n");
			upstream.pipe(client).pipe(upstream);
		});
		for (const socket of [client, upstream]) sockets.push(socket.on("error", () => {}));
	});
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	return {
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		/** What clients asked to be connected with. */
		targets,
		async [Symbol.asyncDispose]() {
			server.close();
			server.closeAllConnections();
			for (const socket of sockets) socket.destroy();
		},
	};
};

for (const version of [22, 24] as const) {
	test(`Node.js ${version}: children go through the proxy of HTTPS_PROXY, except to a host in NO_PROXY`, async () => {
		await using proxy = await startProxy();
		const common = {
			handler: new URL("../../e2e/handlers/api.mjs", import.meta.url),
			runtime: await runtimeOn(version),
			timeoutMs: 20_000,
		};
		const environment = { HTTPS_PROXY: proxy.url };
		await using lambda = await startLocalLambda({
			functions: {
				proxied: { ...common, environment },
				excepted: { ...common, environment: { ...environment, NO_PROXY: "localhost,127.0.0.1" } },
			},
			tls: {},
		});
		/** Pings a function; returns what the proxy was asked for. */
		const ping = async (name: string): Promise<(string | undefined)[]> => {
			proxy.targets.length = 0;
			const { payload } = await lambda.invoke(name, { warmer: true, concurrency, report: true });
			await lambda.settle();
			const { warmed, errors, protocol } = JSON.parse(String(payload));
			assert.deepEqual({ warmed, errors, protocol }, { warmed: concurrency, errors: [], protocol: "http/1.1" });
			return proxy.targets;
		};

		const { host } = new URL(lambda.endpoint);
		const targets = new Set(await ping("proxied"));
		assert.deepEqual([...targets], [host]);
		const children = lambda.invocations.filter(({ payload }) =>
			JSON.stringify(payload).includes("__WARMER_INVOCATION__"),
		);
		assert.equal(proxy.targets.length, children.length, "a child did not go through the proxy");
		assert.deepEqual(await ping("excepted"), []);
	});
}
