import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs a file by Node.js alone in a fresh process, and resolves with what it printed. */
export const runNode = async (
	path: string,
	args: readonly string[],
): Promise<string> => {
	const { stdout } = await run(process.execPath, [path, ...args], {
		// The loader of TypeScript, which runs the benchmarks, has no part in what they measure.
		env: { PATH: process.env.PATH ?? "" },
	});
	return stdout;
};

/** Runs a file of `workers/` in place, where packages are the project's own. */
export const runWorker = (
	name: string,
	args: readonly string[],
): Promise<string> =>
	runNode(fileURLToPath(new URL(`workers/${name}`, import.meta.url)), args);
