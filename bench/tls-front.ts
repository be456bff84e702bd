import { execFile, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** TLS in front of an Invoke API. */
export interface TlsFront extends AsyncDisposable {
	/** The variables with which an environment's SDK finds and trusts it. */
	readonly environment: Record<string, string>;
	/** Sets the HTTP endpoint behind it. */
	leadTo(endpoint: string): void;
}

/** Starts a process that ends TLS for an HTTP endpoint. Needs `openssl`, for a certificate that lasts a day. */
export const startTlsFront = async (): Promise<TlsFront> => {
	const folder = await mkdtemp(join(tmpdir(), "middy-lambda-warmer-tls-"));
	const key = join(folder, "key.pem");
	const certificate = join(folder, "certificate.pem");
	await run("openssl", [
		...["req", "-x509", "-nodes", "-days", "1", "-subj", "/CN=localhost"],
		...["-newkey", "rsa:2048", "-keyout", key, "-out", certificate],
		...["-addext", "subjectAltName=DNS:localhost"],
	]);
	const front = fork(
		fileURLToPath(new URL("workers/tls-front.mjs", import.meta.url)),
		[key, certificate],
		{ execArgv: [] },
	);
	const [port] = await once(front, "message");
	return {
		environment: {
			AWS_ENDPOINT_URL_LAMBDA: `https://localhost:${port}`,
			NODE_EXTRA_CA_CERTS: certificate,
		},
		leadTo(endpoint) {
			front.send(Number(new URL(endpoint).port));
		},
		async [Symbol.asyncDispose]() {
			const gone = once(front, "exit");
			front.disconnect();
			await gone;
			await rm(folder, { recursive: true });
		},
	};
};
