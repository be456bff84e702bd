import { readdirSync } from "node:fs";

const memory = () => {
	globalThis.gc();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
};

/** What this process is and holds, for a test to compare with what it was before. */
export const diagnose = () => ({
	pid: process.pid,
	// But for the log's pipes, which are there from the first line on.
	resources: process
		.getActiveResourcesInfo()
		.filter((resource) => resource !== "PipeWrap")
		.sort(),
	// Sockets that nothing waits for are no active resources, but they are files.
	files: readdirSync("/proc/self/fd").length,
	// Only with `--expose-gc`: in bytes, after a collection.
	...(globalThis.gc && { memory: memory() }),
});
