/**
 * The connections of one ping: as many as its requests need.
 *
 * @module
 */

import type { Http2Connection, Http2Host, Http2Request, HttpResponse } from "./http2.js";

/** Connections to one host, none at first. */
export interface Http2Pool {
	/**
	 * Connects for so many requests at once (count), with what is still open; false where the server speaks no HTTP/2.
	 * Rejects as `Http2Host.connect` does.
	 */
	open(host: Http2Host, requests: number): Promise<boolean>;
	/** Sends a request over the connection that has least to do. Rejects where none is open, or sending fails. */
	request(request: Http2Request): Promise<HttpResponse>;
	/** Closes every connection, an unfinished one too. */
	close(): void;
}

/** @param timeout for connecting (ms) */
export const http2Pool = (timeout: number): Http2Pool => {
	let connections: Http2Connection[] = [];
	const closing = new AbortController();

	const add = async (host: Http2Host) => {
		const connection = await host.connect(timeout, closing.signal);
		if (connection) connections.push(connection);
		return connection;
	};

	return {
		open: async (host, requests) => {
			connections = connections.filter((connection) => connection.isOpen());
			const first = connections[0] ?? (await add(host));
			if (!first) return false;
			const missing = Math.ceil(requests / first.streams) - connections.length;
			await Promise.all(Array.from({ length: Math.max(0, missing) }, () => add(host)));
			return true;
		},
		request: async (request) => {
			const [connection] = connections
				.filter((each) => each.isOpen())
				.sort((one, other) => one.underWay() - other.underWay());
			if (connection) return connection.request(request);
			throw Object.assign(new Error("the connection was closed"), { code: "ERR_HTTP2_INVALID_SESSION" });
		},
		close: () => {
			closing.abort();
			for (const connection of connections) connection.close();
		},
	};
};
