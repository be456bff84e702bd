import { once } from "node:events";
import type { Server } from "node:net";
import type { Readable } from "node:stream";

/** Listens on a free port of the loopback interface; resolves with `host:port`. */
export const listen = async (server: Server): Promise<string> => {
	server.listen(0, "127.0.0.1");
	await once(server, "listening");
	const address = server.address();
	if (address === null || typeof address === "string") {
		throw new Error("Expected a TCP server");
	}
	return `${address.address}:${address.port}`;
};

/** The body of a request. Rejects if the sender disconnects before the end. */
export const readBody = async (request: Readable): Promise<Buffer> => {
	const chunks: Buffer[] = [];
	for await (const chunk of request) chunks.push(chunk);
	const [only] = chunks;
	return chunks.length === 1 && only ? only : Buffer.concat(chunks);
};
