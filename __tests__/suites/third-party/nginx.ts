/** Pings through nginx, whose HTTP/2 and TLS are nobody's here, in front of the local Lambda. */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { createCertificate } from "../../../local-lambda/certificate.js";
import { startLocalLambda } from "../../../local-lambda/index.js";
import type { WarmupReport } from "../../../src/index.js";
import { freePort } from "./support/free-port.js";

const env = {
	...process.env,
	// Not in everybody's path.
	PATH: [process.env.PATH, "/usr/sbin"].join(delimiter),
};
const hasNginx = spawnSync("nginx", ["-v"], { env }).status === 0;

/** What differs between the servers. */
interface Variant {
	readonly name: string;
	readonly http2: boolean;
	readonly directives: string;
	readonly concurrency: number;
	readonly protocol: WarmupReport["protocol"];
	/** If nginx refuses requests, what every error in the report says. */
	readonly refusal?: RegExp;
	/** Whether this many connections brought the children of both pings. */
	readonly connections: (count: number) => boolean;
}

const variants: readonly Variant[] = [
	{
		name: "all children of a ping on one HTTP/2 connection",
		http2: true,
		directives: "",
		concurrency: 10,
		protocol: "h2",
		connections: (count) => count === 2,
	},
	{
		name: "as many connections as a stream limit of 4 takes",
		http2: true,
		directives: "http2_max_concurrent_streams 4;",
		concurrency: 10,
		protocol: "h2",
		connections: (count) => count >= 6,
	},
	{
		name: "GOAWAY after the third request of each connection",
		http2: true,
		directives: "keepalive_requests 3;",
		concurrency: 10,
		protocol: "h2",
		refusal: /REFUSED_STREAM/,
		connections: (count) => count >= 2,
	},
	{
		name: "HTTP/1.1 where nginx offers no other",
		http2: false,
		directives: "",
		concurrency: 5,
		protocol: "http/1.1",
		connections: (count) => count >= 4,
	},
];

const configuration = (folder: string, port: number, endpoint: string, { http2, directives }: Variant): string => `
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
	client_body_temp_path ${folder}/body;
	proxy_temp_path ${folder}/proxy;
	fastcgi_temp_path ${folder}/fastcgi;
	uwsgi_temp_path ${folder}/uwsgi;
	scgi_temp_path ${folder}/scgi;
	log_format requests '$server_protocol $connection';
	access_log ${folder}/access.log requests;
	server {
		listen 127.0.0.1:${port} ssl${http2 ? " http2" : ""};
		ssl_certificate ${folder}/certificate.pem;
		ssl_certificate_key ${folder}/key.pem;
		${directives}
		# The signature covers the host that the client addressed.
		location / { proxy_pass ${endpoint}; proxy_set_header Host $http_host; }
	}
}
`;

const accepts = async (port: number): Promise<boolean> => {
	const socket = connect(port, "127.0.0.1");
	try {
		await once(socket, "connect");
		return true;
	} catch {
		return false;
	} finally {
		socket.destroy();
	}
};

/** Starts nginx; resolves once it accepts connections. */
const startNginx = async (
	port: number,
	endpoint: string,
	variant: Variant,
	{ key, cert }: { key: Buffer; cert: Buffer },
) => {
	const folder = mkdtempSync(join(tmpdir(), "middy-lambda-warmer-nginx-"));
	writeFileSync(join(folder, "key.pem"), key);
	writeFileSync(join(folder, "certificate.pem"), cert);
	writeFileSync(join(folder, "nginx.conf"), configuration(folder, port, endpoint, variant));
	const nginx = spawn("nginx", ["-p", folder, "-c", "nginx.conf"], {
		env,
		stdio: "inherit",
	});
	const exit = once(nginx, "exit");
	while (!(await accepts(port))) {
		if (nginx.exitCode !== null) throw new Error("nginx has ended");
		await sleep(20);
	}
	return {
		/** Protocol and number of the connection of every request. */
		requests: (): string[][] =>
			readFileSync(join(folder, "access.log"), "utf8")
				.trim()
				.split("\n")
				.map((line) => line.split(" ")),
		async [Symbol.asyncDispose]() {
			nginx.kill("SIGTERM");
			await exit;
			rmSync(folder, { recursive: true });
		},
	};
};

const skip = !hasNginx && "nginx is not installed (apt-get install nginx-light)";

for (const variant of variants) {
	test(`nginx: ${variant.name}`, { skip }, async (t) => {
		const { concurrency, protocol } = variant;
		const port = await freePort();
		const certificate = await createCertificate();
		t.after(() => rmSync(certificate.folder, { recursive: true }));
		await using lambda = await startLocalLambda({
			functions: {
				api: {
					handler: new URL("../../e2e/handlers/api.mjs", import.meta.url),
					timeoutMs: 20_000,
					environment: {
						AWS_ENDPOINT_URL_LAMBDA: `https://localhost:${port}`,
						NODE_EXTRA_CA_CERTS: certificate.file,
					},
				},
			},
		});
		await using nginx = await startNginx(port, lambda.endpoint, variant, certificate);
		for (let ping = 0; ping < 2; ping++) {
			lambda.reset();
			const { payload } = await lambda.invoke("api", {
				warmer: true,
				concurrency,
				report: true,
			});
			await lambda.settle();
			const report: WarmupReport = JSON.parse(String(payload));
			const { warmed, errors } = report;
			assert.equal(report.protocol, protocol);
			// Refused children are sent again on another connection, within the hold or in another round.
			assert.equal(warmed, concurrency, JSON.stringify(report));
			if (variant.refusal === undefined) assert.deepEqual(errors, []);
			else for (const { message } of errors) assert.match(message, variant.refusal);
		}
		const requests = nginx.requests();
		assert.ok(requests.length >= 2 * (concurrency - 1));
		const expected = variant.http2 ? "HTTP/2.0" : "HTTP/1.1";
		for (const [used] of requests) assert.equal(used, expected);
		const connections = new Set(requests.map(([, connection]) => connection));
		assert.ok(variant.connections(connections.size), `${connections.size} connections`);
	});
}
