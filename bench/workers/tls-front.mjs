// Ends TLS in front of the local Lambda, whose Invoke API speaks HTTP: on Lambda a handshake is a part of each invocation
// that is sent. In a process of its own, so that it takes no time from the local Lambda. It tells its parent its port, and
// its parent tells it the port behind.
// Usage: fork tls-front.mjs <key file> <certificate file>
import { readFileSync } from "node:fs";
import { connect } from "node:net";
import { createServer } from "node:tls";

const [key = "", cert = ""] = process.argv.slice(2);
let portBehind = 0;
process.on("message", (port) => {
	portBehind = port;
});
process.on("disconnect", () => process.exit());

const server = createServer(
	{ key: readFileSync(key), cert: readFileSync(cert) },
	(client) => {
		const behind = connect(portBehind, "127.0.0.1");
		client.on("error", () => behind.destroy()).pipe(behind);
		behind.on("error", () => client.destroy()).pipe(client);
	},
);
server.listen(0, "127.0.0.1", () => process.send(server.address().port));
