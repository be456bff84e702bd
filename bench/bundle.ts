import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** Bytes of a package bundled for Lambda. */
export interface BundleBytes {
	minified: number;
	gzipped: number;
}

/**
 * Bundles a package as a handler's bundle would have it: minified ES module, with everything that it can ever load but the
 * AWS SDK, which Lambda's runtimes bring, and Middy itself, which is there anyway.
 *
 * @param folder where the package is found
 */
export const bundle = async (
	name: string,
	folder: URL,
): Promise<BundleBytes> => {
	const { outputFiles } = await build({
		stdin: {
			contents: `export { default } from ${JSON.stringify(name)}`,
			resolveDir: fileURLToPath(folder),
		},
		bundle: true,
		minify: true,
		platform: "node",
		target: "node20",
		format: "esm",
		external: ["@aws-sdk/*", "@middy/core"],
		write: false,
	});
	const contents = outputFiles[0]?.contents ?? new Uint8Array();
	return { minified: contents.length, gzipped: gzipSync(contents).length };
};
