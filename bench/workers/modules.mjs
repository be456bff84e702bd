// Prints the files that are loaded by importing a package, as JSON; with an event, also those that its middleware loads
// to serve it.
// Usage: node modules.mjs <package> [<event as JSON>]
import { createRequire, register } from "node:module";
import { pathToFileURL } from "node:url";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";

const { port1, port2 } = new MessageChannel();
register("./record-modules.mjs", import.meta.url, {
	data: { port: port2 },
	transferList: [port2],
});
const { cache } = createRequire(import.meta.url);

const [name, event] = process.argv.slice(2);
const { default: warmup } = await import(name);
if (event !== undefined) {
	const context = {
		invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:api",
		getRemainingTimeInMillis: () => 3000,
	};
	// What is loaded is the question, whatever becomes of the invocations.
	await warmup({ log: false }).before({ event: JSON.parse(event), context });
}

const files = new Set(
	Object.keys(cache).map((path) => pathToFileURL(path).href),
);
for (;;) {
	const { message } = receiveMessageOnPort(port1) ?? {};
	if (message === undefined) break;
	if (message.startsWith("file:")) files.add(message);
}
process.stdout.write(JSON.stringify([...files]));
