/**
 * The direct transport: requests signed by this package, over as many HTTP/2 connections as a ping needs.
 *
 * @module
 */

import { explainFailure } from "../report/errors.js";
import {
	createHttp2Connector,
	type Http2Connection,
	type Http2Connector,
	type Http2Request,
	type HttpResponse,
} from "./http2-connection.js";
import {
	endpointFromEnvironment,
	type InvokeEndpoint,
	readResponse,
	toRequest,
	unsignedHeaders,
} from "./invoke-api.js";
import { createSigner } from "./sigv4.js";
import { CONNECTION_TIMEOUT_MS, type Transport } from "./transport.js";

/** Returns a function that begins a ping's transport. The connector keeps its TLS session ticket between pings. */
export function createDirectTransport(): () => Transport {
	let known: { readonly authority: string; readonly connector: Http2Connector } | undefined;

	const connectorFor = ({ authority, hostname, port }: InvokeEndpoint): Http2Connector => {
		if (known?.authority !== authority) known = { authority, connector: createHttp2Connector(hostname, port) };
		return known.connector;
	};

	return () => {
		const closing = new AbortController();
		let connections: Http2Connection[] = [];
		let endpoint: InvokeEndpoint | undefined;
		let sign: ReturnType<typeof createSigner>;
		let reconnecting: Promise<unknown> | undefined;

		const connect = async (to: InvokeEndpoint): Promise<Http2Connection | undefined> => {
			const connection = await connectorFor(to).connect(CONNECTION_TIMEOUT_MS, closing.signal);
			if (connection) connections.push(connection);
			return connection;
		};

		/** The open connection with the fewest streams; a new one if a GOAWAY or a reset has closed them all. */
		const request = async (to: InvokeEndpoint, signed: Http2Request): Promise<HttpResponse> => {
			const findConnection = () =>
				connections
					.filter((connection) => connection.isOpen())
					.sort((one, other) => one.activeStreams() - other.activeStreams())[0];
			let connection = findConnection();
			if (!connection) {
				reconnecting ??= connect(to).finally(() => {
					reconnecting = undefined;
				});
				await reconnecting;
				connection = findConnection();
			}
			if (connection) return connection.request(signed);
			throw Object.assign(new Error("the connection was closed"), { code: "ERR_HTTP2_INVALID_SESSION" });
		};

		return {
			open: async (children) => {
				endpoint = endpointFromEnvironment();
				if (!endpoint) return false;
				const to = endpoint;
				connections = connections.filter((connection) => connection.isOpen());
				const first = connections[0] ?? (await connect(to));
				if (!first) return false;
				sign = createSigner(to, "lambda");
				const missing = Math.ceil(children / first.maxStreams) - connections.length;
				await Promise.all(Array.from({ length: Math.max(0, missing) }, () => connect(to)));
				return true;
			},
			prepare: async (invocation) => {
				const to = endpoint as InvokeEndpoint;
				const target = invocation.FunctionName;
				const { headers, body } = sign(toRequest(to, invocation));
				const signed = { headers: { ...headers, ...unsignedHeaders() }, body };
				return async () => {
					try {
						return readResponse(await request(to, signed), target);
					} catch (error) {
						return { kind: "failed", failure: explainFailure(error, target) };
					}
				};
			},
			close: () => {
				closing.abort();
				for (const connection of connections) connection.close();
			},
		};
	};
}
