import { execFile } from "node:child_process";
import { delimiter, dirname } from "node:path";
import { promisify } from "node:util";
import { nodeBinary } from "../../../../scripts/lib/installed.js";

/** Runs Node.js 22 in a folder; resolves with its standard output, rejects with all that it printed if it fails. */
export const runNode22 = async (cwd: string, ...args: string[]): Promise<string> => {
	const node = await nodeBinary(22);
	const env = {
		...process.env,
		CDK_DISABLE_CLI_TELEMETRY: "true",
		PATH: [dirname(node), process.env.PATH].join(delimiter),
	};
	try {
		return (await promisify(execFile)(node, args, { cwd, env })).stdout;
	} catch (error) {
		const { stdout, stderr } = error as { stdout: string; stderr: string };
		throw new Error(`${args.join(" ")} failed:\n${stdout}${stderr}`);
	}
};
