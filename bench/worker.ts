import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { lambdaFlags, type NodeVersion, nodeBinary } from "../scripts/lib/installed.js";
import { progress } from "./progress.js";

const run = promisify(execFile);

/** A file of `workers/`. There, packages are the project's own. */
export const workerFile = (name: string): string => fileURLToPath(new URL(`workers/${name}`, import.meta.url));

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

/** One of the cases that are measured in alternation. */
export interface Case {
	contender: string;
	node: NodeVersion;
	file: string;
	args: readonly string[];
	/** What each run printed. */
	printed: number[];
}

/** Runs all cases in alternating rounds, each in a fresh process, with the flags that Lambda starts Node.js with. */
export const runRounds = async (part: string, rounds: number, cases: readonly Case[]): Promise<void> => {
	const step = progress(part, rounds * cases.length);
	for (let round = 0; round < rounds; round++) {
		for (const index of cases.keys()) {
			// Each round begins with another case, so that no case always follows the same one.
			const one = cases[(index + round) % cases.length];
			if (!one) continue;
			const command = [await nodeBinary(one.node), ...lambdaFlags(one.node)];
			one.printed.push(Number(await runWorker(one.file, one.args, command)));
			step(`${one.contender}, Node.js ${one.node}`);
		}
	}
};

/** The values that a contender's case printed. */
export const printedBy = (cases: readonly Case[], contender: string, node: NodeVersion): readonly number[] =>
	cases.find((one) => one.contender === contender && one.node === node)?.printed ?? [];
