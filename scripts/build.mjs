/**
 * Builds `dist/` by the table of `lib/bundles.json`: the published entries, by their names in package.json's `exports`,
 * with the folders of their sources; and what `src/` loads later, by a ping or a fan-out, which stays a file of its own
 * beside the entry. Each is built as ESM and as CommonJS, with its whitespace, since stack traces and test runners print
 * it. Then the command line. Nothing is done where everything was built from the same sources before.
 */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import {
	copyFileSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";

const table = JSON.parse(readFileSync("scripts/lib/bundles.json", "utf8"));
const entries = Object.entries(table.entries).map(([name, folder]) => ({ folder, target: join("dist", name) }));
const loadedLater = new Set(table.loadedLater);

const formats = [
	{ format: "esm", extension: ".js" },
	{ format: "cjs", extension: ".cjs" },
];

const filesOf = (folder) =>
	readdirSync(folder, { recursive: true })
		.sort()
		.filter((name) => statSync(join(folder, name)).isFile());

/** Of everything that makes a difference to `dist/`, which keeps it in a file that is not published. */
const hashOfSources = () => {
	const sources = [...entries.map(({ folder }) => folder), "cli", "plan"].flatMap((folder) =>
		filesOf(folder).map((name) => join(folder, name)),
	);
	const settings = readdirSync(".").filter((name) => name.startsWith("tsconfig"));
	const hash = createHash("sha256");
	for (const file of [...sources, ...settings, "scripts/build.mjs", "scripts/lib/bundles.json", "package-lock.json"]) {
		hash.update(`${file}\n`).update(readFileSync(file));
	}
	return hash.digest("hex");
};

const sources = hashOfSources();
const stamp = "dist/.sources";
if (existsSync(stamp) && readFileSync(stamp, "utf8") === sources) process.exit();
rmSync("dist", { recursive: true, force: true });
mkdirSync("dist");

// The compiler works beside the bundler, as a process of its own.
const declared = mkdtempSync("dist/.declarations-");
const declaring = promisify(execFile)("tsc", ["-p", "tsconfig.build.json", "--outDir", declared]).then(
	() => undefined,
	({ stdout, message }) => stdout || message,
);

/** A name in `dist/` without folders, since what is loaded later lies beside the entry. */
const nameOf = (source) => basename(source, ".ts");

/** Leaves the import of what is loaded later as it is, with this format's extension. */
const keptApart = (extension) => ({
	name: "kept-apart",
	setup: ({ onResolve }) =>
		onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir, kind }) => {
			const source = relative(process.cwd(), join(resolveDir, path)).replace(/\.js$/, ".ts");
			if (kind === "entry-point" || !loadedLater.has(source)) return undefined;
			return { path: `./${nameOf(source)}${extension}`, external: true };
		}),
});

const bundle = (source, outfile, { format, extension }) =>
	build({
		entryPoints: [source],
		outfile: `${outfile}${extension}`,
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
		// The local Lambda starts programs that lie beside it. CommonJS says otherwise where that is.
		...(format === "cjs" &&
			source.startsWith("local-lambda/") && {
				define: { "import.meta.url": "moduleUrl" },
				banner: { js: 'const moduleUrl = require("node:url").pathToFileURL(__filename).href;' },
			}),
		// Serverless Framework 4 takes what CommonJS exports for the plugin, all others its default.
		...(format === "cjs" &&
			source.startsWith("serverless/") && {
				footer: { js: "module.exports = Object.assign(module.exports.default, { default: module.exports.default });" },
			}),
	});

for (const format of formats) {
	for (const { folder, target } of entries) {
		await bundle(`${folder}/index.ts`, join(target, "index"), format);
	}
	for (const source of loadedLater) {
		await bundle(source, join("dist", nameOf(source)), format);
	}
}
for (const program of ["runtime.mjs", "reaper.mjs"]) {
	copyFileSync(`local-lambda/${program}`, `dist/local/${program}`);
}

/** The command line loads the local Lambda as the published entry that it is. */
const publishedLocal = {
	name: "published-local",
	setup: ({ onResolve }) =>
		onResolve({ filter: /\/local-lambda\/index\.js$/ }, () => ({ path: "../local/index.js", external: true })),
};

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

const problem = await declaring;
if (problem) {
	console.error(problem);
	process.exit(1);
}
for (const { folder, target } of entries) {
	for (const name of filesOf(join(declared, folder))) {
		const types = readFileSync(join(declared, folder, name), "utf8");
		const file = join(target, name);
		mkdirSync(dirname(file), { recursive: true });
		writeFileSync(file, types);
		// A CommonJS project needs types that say so.
		writeFileSync(
			file.replace(/\.ts$/, ".cts"),
			types.replaceAll(/((?:from |import\(|import )"\.[^"]*)\.js"/g, '$1.cjs"'),
		);
	}
}
rmSync(declared, { recursive: true });
writeFileSync(stamp, sources);
