import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** A file of `workers/`. There, packages are the project's own. */
export const workerFile = (name: string): string =>
	fileURLToPath(new URL(`workers/${name}`, import.meta.url));

/** Runs a file by Node.js alone in a fresh process, and resolves with what it printed. */
export const runWorker = async (
	file: string,
	args: readonly string[],
	[node, ...flags]: readonly string[] = [],
): Promise<string> => {
	const { stdout } = await run(
		node ?? process.execPath,
		[...flags, file, ...args],
		// The loader of TypeScript, which runs the benchmarks, has no part in what they measure.
		{ env: { PATH: process.env.PATH ?? "" } },
	);
	return stdout;
};
