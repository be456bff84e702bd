import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { build, type Metafile } from "esbuild";
import { pack } from "../scripts/lib/packed.js";
import { addressFields, addressProblem, readReleases } from "../scripts/lib/release.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const json = (path: string) => JSON.parse(readFileSync(join(root, path), "utf8"));
const manifest = json("package.json");

const { entries, loadedLater } = json("scripts/lib/bundles.json") as {
	entries: Record<string, string>;
	loadedLater: string[];
};

/** Where each entry is, and the folder of its sources. */
const folders = Object.entries(entries).map(([name, folder]) => ({ target: join("dist", name), folder }));

/** Each bundle, without its extension, and the folder of its sources. */
const bundles: Record<string, string> = Object.fromEntries([
	...folders.map(({ target, folder }) => [join(target, "index"), folder]),
	...loadedLater.map((source) => [join("dist", basename(source, ".ts")), "src"]),
]);
const programs = Object.keys(bundles).flatMap((name) => [`${name}.js`, `${name}.cjs`]);

/** Declarations of every module of an entry, for both module systems. */
const declarations = folders.flatMap(({ target, folder }) =>
	readdirSync(join(root, folder), { encoding: "utf8", recursive: true })
		.filter((file) => file.endsWith(".ts"))
		.map((file) => join(target, file.slice(0, -".ts".length)))
		.flatMap((name) => [`${name}.d.ts`, `${name}.d.cts`]),
);

test("npm pack ships bundles, declarations, the tools, the Terraform module, the two readable files, the licence and the manifest", () => {
	const paths = pack("--dry-run").files.map(({ path }) => path);
	const isCommandLine = (path: string) => /^dist\/cli\/[\w-]+\.js$/.test(path);
	expect(paths.filter((path) => !isCommandLine(path)).sort()).toEqual(
		[
			"CHANGELOG.md",
			"LICENSE",
			"README.md",
			"package.json",
			"dist/local/reaper.mjs",
			"dist/local/runtime.mjs",
			...["alarms", "main", "outputs", "variables", "versions"].map((name) => `terraform/${name}.tf`),
			...declarations,
			...programs.flatMap((path) => [path, `${path}.map`]),
		].sort(),
	);
	expect(paths).toContain(manifest.bin["middy-lambda-warmer"]);
});

test("declarations import only declarations of their own module system that are shipped too", () => {
	const shipped = new Set(declarations);
	for (const path of declarations) {
		const types = readFileSync(join(root, path), "utf8");
		for (const [, specifier = ""] of types.matchAll(/(?:from |import\(|import )"(\.[^"]*)"/g)) {
			const imported = join(dirname(path), specifier).replace(/\.(c?)js$/, ".d.$1ts");
			expect({ path, imported, isShipped: shipped.has(imported) }).toEqual({
				path,
				imported: expect.stringMatching(path.endsWith(".d.cts") ? /\.d\.cts$/ : /\.d\.ts$/),
				isShipped: true,
			});
		}
	}
});

describe("the manifest", () => {
	test("exports each entry of the build, and nothing else but itself", () => {
		expect(Object.keys(manifest.exports).sort()).toEqual([...Object.keys(entries), "./package.json"].sort());
	});

	test("has no runtime dependencies", () => {
		for (const kind of ["dependencies", "optionalDependencies", "bundleDependencies"]) {
			expect(manifest).not.toHaveProperty(kind);
		}
	});

	test("runs nothing when it is installed", () => {
		for (const script of ["preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare"]) {
			expect(manifest.scripts).not.toHaveProperty(script);
		}
	});

	test("is published in public, with provenance", () => {
		expect(manifest.publishConfig).toEqual({ access: "public", provenance: true });
	});

	test("takes Middy 5, 6 and 7; of its peers, only Middy and the SDK must be there", () => {
		const { peerDependencies, peerDependenciesMeta } = manifest;
		expect(peerDependencies["@middy/core"]).toBe("^5.0.0 || ^6.0.0 || ^7.0.0");
		expect(Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional)).toEqual([
			"@aws-sdk/client-lambda",
			"@middy/core",
		]);
	});

	test("names files that are there", () => {
		const { exports, main, types, typesVersions, bin } = manifest;
		const named = JSON.stringify([exports, main, types, typesVersions, bin]);
		for (const [path] of named.matchAll(/dist\/[\w/.-]+/g)) {
			expect([path, existsSync(join(root, path))]).toEqual([path, true]);
		}
	});
});

describe("where the project lives", () => {
	const address = "https://github.com/owner/name";

	test("is said in three fields that follow from one address", () => {
		expect(addressProblem(addressFields(address))).toBeUndefined();
	});

	test.each([
		["nowhere", {}, /does not name the repository/],
		["in a placeholder", addressFields("https://github.com/<owner>/name"), /does not name the repository/],
		[
			"differently by the fields",
			{ ...addressFields(address), homepage: "https://example.com" },
			/homepage do not follow from https:\/\/github\.com\/owner\/name:/,
		],
	])("stops a release when it is said %s", (_, fields, problem) => {
		expect(addressProblem(fields)).toMatch(problem);
	});
});

test("the changelog's newest release is this version, and older ones follow", () => {
	const releases = readReleases(readFileSync(join(root, "CHANGELOG.md"), "utf8"));
	expect(releases[0]).toEqual({
		version: manifest.version,
		date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
		notes: expect.stringMatching(/^### (Added|Changed|Deprecated|Removed|Fixed|Security)\n/),
	});
	const dates = releases.map(({ date }) => date);
	expect(dates).toEqual([...dates].sort().reverse());
});

test.each(programs)("%s brings its sources, as they are now", (path) => {
	expect(readFileSync(join(root, path), "utf8")).toMatch(/\n\/\/# sourceMappingURL=[\w-]+\.c?js\.map\s*$/);
	const { sources, sourcesContent } = json(`${path}.map`);
	const folder = dirname(join(root, path));
	expect(sourcesContent).toEqual(sources.map((source: string) => readFileSync(join(folder, source), "utf8")));
	const own = bundles[path.replace(/\.c?js$/, "")] ?? "";
	// The constructs' warnings share pure code with the middleware.
	const folders = own === "cdk" ? ["cdk", "src"] : [own];
	for (const source of sources) expect(folders).toContain(relative(root, join(folder, source)).split("/")[0]);
});

describe("the module graph", () => {
	/** What each file that an entry point can load imports, and how. */
	const graph = async (entryPoint: string): Promise<Record<string, string[]>> => {
		const { metafile } = await build({
			entryPoints: [join(root, entryPoint)],
			absWorkingDir: root,
			bundle: true,
			platform: "node",
			format: "esm",
			packages: "external",
			metafile: true,
			write: false,
			logLevel: "silent",
		});
		const importsOf = ({ imports }: Metafile["inputs"][string]) => [
			...new Set(imports.map(({ path, kind }) => `${kind} ${path}`)),
		];
		return Object.fromEntries(Object.entries(metafile.inputs).map(([path, input]) => [path, importsOf(input)]));
	};

	test("loads one file in a cold start, a second with the first ping, and the AWS SDK if necessary", async () => {
		const [ping = ""] = loadedLater.map((source) => `dist/${basename(source, ".ts")}.js`);
		expect(await graph(manifest.exports["."].import.default)).toEqual({
			"dist/index.js": [`dynamic-import ${ping}`],
			[ping]: ["dynamic-import @aws-sdk/client-lambda"],
		});
	});

	test("of the CDK construct has the CDK, Node.js and nothing else", async () => {
		const files = await graph(manifest.exports["./cdk"].import.default);
		expect(Object.keys(files)).toEqual(["dist/cdk/index.js"]);
		for (const imported of files["dist/cdk/index.js"] ?? []) {
			expect(imported).toMatch(/^import-statement (aws-cdk-lib(\/[\w-]+)?|constructs|node:\w+)$/);
		}
	});

	test("of the Serverless plugin has the SDK only, for a framework that leaves it to its plugins", async () => {
		expect(await graph(manifest.exports["./serverless"].import.default)).toEqual({
			"dist/serverless/index.js": ["dynamic-import @aws-sdk/client-lambda"],
		});
	});

	test("of the local Lambda has Node.js and nothing else", async () => {
		const files = await graph(manifest.exports["./local"].import.default);
		expect(Object.keys(files)).toEqual(["dist/local/index.js"]);
		for (const imported of files["dist/local/index.js"] ?? []) {
			expect(imported).toMatch(/^import-statement node:/);
		}
	});
});
