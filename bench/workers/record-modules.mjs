// Loader hooks that tell of every ES module, and every CommonJS module imported by one, that is loaded.

/** @type {import("node:worker_threads").MessagePort} */
let port;

export const initialize = (data) => {
	port = data.port;
};

export const load = (url, context, nextLoad) => {
	port.postMessage(url);
	return nextLoad(url, context);
};
