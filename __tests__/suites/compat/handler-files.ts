/** Handlers as they are deployed: as they are written, or bundled. */

import { cp, mkdir } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BuildOptions, build } from "esbuild";
import { handlerOf, type Row } from "./matrix.js";

const handlers = join(dirname(fileURLToPath(import.meta.url)), "handlers");

/** As CDK's NodejsFunction does: the SDK is left to Lambda's runtime. */
const esm: BuildOptions = { format: "esm", external: ["@aws-sdk/*"] };

/** The other choice: the SDK in the bundle. */
const cjs: BuildOptions = { format: "cjs" };

/** Puts a row's handler into a folder that has Middy and the package installed; returns its path. */
export const placeHandler = async (row: Row, folder: string): Promise<string> => {
	const source = handlerOf(row);
	if (!source) throw new Error("there is no such handler");
	const target = join(folder, row.loading);
	await mkdir(target, { recursive: true });
	const copy = join(target, source);
	await cp(join(handlers, source), copy);
	if (row.loading === "import" || row.loading === "require") return copy;
	const name = `${basename(source, extname(source))}-bundled`;
	const outfile = join(target, `${name}.${row.loading === "esm" ? "mjs" : "cjs"}`);
	await build({
		...(row.loading === "esm" ? esm : cjs),
		entryPoints: [copy],
		outfile,
		bundle: true,
		minify: true,
		platform: "node",
		target: "node20",
		logLevel: "error",
	});
	return outfile;
};
