// Preloaded with `--import`: records every module that the process loads, ES modules and CommonJS alike.
import { createRequire, register } from "node:module";
import { pathToFileURL } from "node:url";
import { MessageChannel, receiveMessageOnPort } from "node:worker_threads";

const { port1: theirs, port2: ours } = new MessageChannel();
ours.unref();
const require = createRequire(import.meta.url);

const recorded = new Set();

/** The URLs of the modules that were loaded up to now. */
export const loadedModules = () => {
	for (;;) {
		const received = receiveMessageOnPort(ours);
		if (!received) break;
		recorded.add(received.message);
	}
	// What CommonJS modules require never passes through the hooks of all versions of Node.js.
	for (const path of Object.keys(require.cache)) {
		recorded.add(pathToFileURL(path).href);
	}
	return [...recorded];
};

register("./hooks.mjs", import.meta.url, {
	data: theirs,
	transferList: [theirs],
});
