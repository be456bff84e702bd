/** @type {import('node:worker_threads').MessagePort} */
let port;

export const initialize = (data) => {
	port = data;
};

/** Told before the module is evaluated, so nobody who waits for an import can ask too early. */
export const load = (url, context, nextLoad) => {
	port.postMessage(url);
	return nextLoad(url, context);
};
