/** Whether the packed declarations fit those of a version of Middy. */

import { execFile } from "node:child_process";
import { cp, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { MiddyVersion } from "./matrix.js";

const sources = join(dirname(fileURLToPath(import.meta.url)), "types");
const compiler = createRequire(import.meta.url).resolve("typescript/bin/tsc");

const compilerOptions = {
	target: "ES2022",
	lib: ["ES2023"],
	types: ["node"],
	module: "NodeNext",
	moduleResolution: "NodeNext",
	strict: true,
	// The declarations themselves are what is checked.
	skipLibCheck: false,
	noEmit: true,
};

/** Compiles typed handlers in a folder that has Middy and the package installed. Rejects with the compiler's errors. */
export const checkTypes = async (middy: MiddyVersion, folder: string): Promise<void> => {
	const files = ["types/handler.mts"];
	if (middy === 7) files.push("types/durable.mts");
	await cp(sources, join(folder, "types"), { recursive: true });
	await writeFile(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
	try {
		await promisify(execFile)(process.execPath, [compiler, "-p", folder]);
	} catch (error) {
		throw new Error(String((error as { stdout?: string }).stdout ?? error));
	}
};
