import { expect, jest, test } from "@jest/globals";
import type { Http2Connection, Http2Host } from "../src/http2.js";
import { http2Pool } from "../src/http2-pool.js";

const request = { headers: {}, body: undefined };

/** A host whose connections allow so many streams, answer nothing, and can be told to close. */
const play = (streams = 3) => {
	const connections: { sent: number; isOpen: boolean; isClosed: boolean }[] = [];
	const connect = jest.fn(async (_timeout: number, _signal: AbortSignal): Promise<Http2Connection> => {
		const played = { sent: 0, isOpen: true, isClosed: false };
		connections.push(played);
		return {
			streams,
			isOpen: () => played.isOpen,
			underWay: () => played.sent,
			request: () => {
				played.sent++;
				return new Promise(() => {});
			},
			close: () => {
				played.isClosed = true;
			},
		};
	});
	const host: Http2Host = { connect };
	return { host, connect, connections };
};

test("has as many connections as the server's stream limit asks for, with no queue on any", async () => {
	const { host, connections } = play(3);
	const pool = http2Pool(1000);
	expect(await pool.open(host, 7)).toBe(true);
	for (let number = 0; number < 7; number++) pool.request(request);
	expect(connections.map(({ sent }) => sent)).toEqual([3, 2, 2]);
	// A further round of the same ping needs no more.
	expect(await pool.open(host, 7)).toBe(true);
	expect(await pool.open(host, 1)).toBe(true);
	expect(connections).toHaveLength(3);
});

test("replaces what was closed, and sends nothing over it", async () => {
	const { host, connections } = play(3);
	const pool = http2Pool(1000);
	await pool.open(host, 6);
	for (const connection of connections) connection.isOpen = false;
	await expect(pool.request(request)).rejects.toMatchObject({ code: "ERR_HTTP2_INVALID_SESSION" });
	await pool.open(host, 4);
	pool.request(request);
	expect(connections.map(({ sent }) => sent)).toEqual([0, 0, 1, 0]);
});

test("opens none where the server speaks no HTTP/2", async () => {
	const pool = http2Pool(1000);
	expect(await pool.open({ connect: async () => undefined }, 5)).toBe(false);
});

test("closes every connection, and lets none open after that", async () => {
	const { host, connect, connections } = play(1);
	const pool = http2Pool(1234);
	await pool.open(host, 2);
	const [timeout, signal] = connect.mock.calls[0] ?? [];
	expect(timeout).toBe(1234);
	expect(signal?.aborted).toBe(false);
	pool.close();
	expect(connections.map(({ isClosed }) => isClosed)).toEqual([true, true]);
	expect(signal?.aborted).toBe(true);
});
