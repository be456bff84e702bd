/**
 * Builds `dist/`: each entry as ESM and as CommonJS, with its whitespace, since stack traces and test runners print it.
 * What is loaded later stays a file of its own. And the tools: the local Lambda and the command line. Nothing is done
 * where it was all built from the same sources before.
 */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";

const formats = [
	{ format: "esm", extension: ".js" },
	{ format: "cjs", extension: ".cjs" },
];

/** What is loaded later: by the first ping, and by the first fan-out. */
const parts = ["warm-up", "fan-out"];

/** Leaves the import of a part as it is, by the extension of this format. */
const keptApart = (extension) => ({
	name: "kept-apart",
	setup: ({ onResolve }) =>
		onResolve({ filter: /^\.\// }, ({ path, kind }) => {
			const part = basename(path, ".js");
			if (kind === "entry-point" || !parts.includes(part)) return undefined;
			return { path: `./${part}${extension}`, external: true };
		}),
});

const bundle = (entry, outfile, { format, extension }, options = {}) =>
	build({
		entryPoints: [entry],
		outfile: `dist/${outfile}${extension}`,
		bundle: true,
		format,
		platform: "node",
		target: "node20",
		packages: "external",
		// CommonJS in jest knows no import().
		supported: { "dynamic-import": format === "esm" },
		sourcemap: true,
		logLevel: "warning",
		plugins: [keptApart(extension)],
		...options,
	});

/** The command line loads the local Lambda as the published entry that it is. */
const publishedLocal = {
	name: "published-local",
	setup: ({ onResolve }) =>
		onResolve({ filter: /\/local-lambda\/index\.js$/ }, () => ({ path: "../local/index.js", external: true })),
};

/** Of everything that makes a difference to `dist/`, which keeps it in a file that is not published. */
const hashOfSources = () => {
	const hash = createHash("sha256");
	for (const folder of ["src", "cdk", "local-lambda", "cli"]) {
		for (const file of readdirSync(folder).sort()) {
			hash.update(`${file}\n`).update(readFileSync(join(folder, file)));
		}
	}
	const settings = readdirSync(".").filter((name) => name.startsWith("tsconfig"));
	for (const file of ["scripts/build.mjs", "package-lock.json", ...settings]) {
		hash.update(readFileSync(file));
	}
	return hash.digest("hex");
};

const sources = hashOfSources();
const stamp = "dist/.sources";
if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources) process.exit();
rmSync("dist", { recursive: true, force: true });
await Promise.all(
	["build", "cdk", "local"].map(async (project) => {
		try {
			await promisify(execFile)("tsc", ["-p", `tsconfig.${project}.json`]);
		} catch ({ stdout, message }) {
			console.error(stdout || message);
			process.exit(1);
		}
	}),
);
for (const format of formats) {
	for (const name of ["index", ...parts]) {
		await bundle(`src/${name}.ts`, name, format);
	}
	await bundle("cdk/index.ts", "cdk/index", format);
	await bundle("local-lambda/index.ts", "local/index", format, {
		// Beside it lie the programs that it starts. CommonJS says otherwise where that is.
		...(format.format === "cjs" && {
			define: { "import.meta.url": "moduleUrl" },
			banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
		}),
	});
}
for (const program of ["runtime.mjs", "reaper.mjs"]) {
	copyFileSync(`local-lambda/${program}`, `dist/local/${program}`);
}

// A command needs no CommonJS; what one of several commands needs is a file of its own.
await build({
	entryPoints: ["cli/index.ts"],
	outdir: "dist/cli",
	bundle: true,
	splitting: true,
	format: "esm",
	platform: "node",
	target: "node20",
	packages: "external",
	logLevel: "warning",
	plugins: [publishedLocal],
});

// A CommonJS project needs types that say so.
for (const folder of ["dist", "dist/cdk", "dist/local"]) {
	for (const file of readdirSync(folder)) {
		if (!file.endsWith(".d.ts")) continue;
		const types = readFileSync(`${folder}/${file}`, "utf8");
		writeFileSync(`${folder}/${file.replace(/\.ts$/, ".cts")}`, types.replaceAll(/(from "\..*)\.js"/g, '$1.cjs"'));
	}
}
writeFileSync(stamp, sources);
