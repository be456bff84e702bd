/** Measures what a package loads. */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { type BuildOptions, build } from "esbuild";
import { runWorker, workerFile } from "./worker.js";

/** The files that importing a package loads; with an event, also the files that its middleware loads to serve it. */
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

/** A package bundled for Lambda: minified, in one file, with everything that it can load. */
const oneFile = (name: string): BuildOptions => ({
	stdin: { contents: `export { default } from ${JSON.stringify(name)}`, resolveDir: import.meta.dirname },
	bundle: true,
	minify: true,
	platform: "node",
	target: "node20",
	// Lambda's runtimes include the SDK, and the handler needs Middy anyway.
	external: ["@aws-sdk/*", "@middy/core"],
});

/** Bytes of a package in one file, gzipped, without the AWS SDK and Middy. */
export const bundledBytes = async (name: string): Promise<number> => {
	const { outputFiles } = await build({ ...oneFile(name), format: "esm", write: false });
	return gzipSync(outputFiles?.[0]?.contents ?? "").length;
};

/** The built-in modules that a bundled package loads before its first event. */
export const bundledBuiltIns = async (name: string, format: "esm" | "cjs"): Promise<string[]> => {
	const folder = await mkdtemp(join(tmpdir(), "middy-lambda-warmer-bench-"));
	try {
		const outfile = join(folder, format === "esm" ? "bundle.mjs" : "bundle.cjs");
		await build({ ...oneFile(name), format, outfile });
		return JSON.parse(await runWorker(workerFile("built-ins.mjs"), [outfile]));
	} finally {
		await rm(folder, { recursive: true });
	}
};
