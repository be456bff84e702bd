/** What a package makes a process load. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { runWorker, workerFile } from "./worker.js";

/** The files that importing a package loads; with an event, also those that its middleware loads to serve it. */
export const loadedFiles = async (name: string, event?: object): Promise<string[]> =>
	JSON.parse(await runWorker(workerFile("modules.mjs"), event ? [name, JSON.stringify(event)] : [name]));

/** Bytes of files, each gzipped. */
export const gzippedBytes = async (files: readonly string[]): Promise<number> => {
	let bytes = 0;
	for (const file of files) {
		bytes += gzipSync(await readFile(fileURLToPath(file))).length;
	}
	return bytes;
};

/**
 * Bytes of a package bundled for Lambda, gzipped: minified, with everything that it can ever load but the AWS SDK,
 * which Lambda's runtimes bring, and Middy itself, which is there anyway.
 */
export const bundledBytes = async (name: string): Promise<number> => {
	const { outputFiles } = await build({
		stdin: { contents: `export { default } from ${JSON.stringify(name)}`, resolveDir: import.meta.dirname },
		bundle: true,
		minify: true,
		platform: "node",
		target: "node20",
		format: "esm",
		external: ["@aws-sdk/*", "@middy/core"],
		write: false,
	});
	return gzipSync(outputFiles[0]?.contents ?? "").length;
};
