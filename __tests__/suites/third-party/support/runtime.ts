import { bundledRuntime } from "../../../../local-lambda/index.js";
import { lambdaFlags, type NodeVersion, nodeBinary } from "../../../../scripts/lib/installed.js";

/** The local Lambda's own runtime on a version of Node.js, with Lambda's flags. */
export const runtimeOn = async (version: NodeVersion): Promise<[string, ...string[]]> => [
	await nodeBinary(version),
	...lambdaFlags(version),
	bundledRuntime,
];
