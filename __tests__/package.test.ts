import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { build, type Metafile } from "esbuild";
import { readReleases } from "../scripts/changelog.js";
import { pack } from "../scripts/packed.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const json = (path: string) =>
	JSON.parse(readFileSync(join(root, path), "utf8"));
const manifest = json("package.json");

/** Names of the TypeScript files in a folder, without their extension. */
const modules = (folder: string): string[] =>
	readdirSync(join(root, folder))
		.filter((file) => file.endsWith(".ts"))
		.map((file) => file.slice(0, -".ts".length));

const declared = [
	...modules("src").map((name) => `dist/${name}`),
	...modules("cdk").map((name) => `dist/cdk/${name}`),
];

/** The middleware is bundled into one module, so that a cold start loads one file. */
const compiled = declared.filter(
	(module) => module === "dist/index" || module.startsWith("dist/cdk/"),
);

test("npm pack ships dist, the two readable files, the licence and the manifest, and nothing else", () => {
	const packed = pack("--dry-run");
	expect(packed.files.map(({ path }) => path).sort()).toEqual(
		[
			"CHANGELOG.md",
			"LICENSE",
			"README.md",
			"package.json",
			...declared.map((module) => `${module}.d.ts`),
			...compiled.flatMap((module) => [`${module}.js`, `${module}.js.map`]),
		].sort(),
	);
});

describe("the manifest", () => {
	test("has no runtime dependencies", () => {
		for (const kind of [
			"dependencies",
			"optionalDependencies",
			"bundleDependencies",
		]) {
			expect(manifest).not.toHaveProperty(kind);
		}
	});

	test("runs nothing when it is installed", () => {
		for (const script of [
			"preinstall",
			"install",
			"postinstall",
			"preprepare",
			"prepare",
			"postprepare",
		]) {
			expect(manifest.scripts).not.toHaveProperty(script);
		}
	});

	test("is published in public, with provenance", () => {
		expect(manifest.publishConfig).toEqual({
			access: "public",
			provenance: true,
		});
	});

	test("takes Middy 5, 6 and 7, and the CDK only if it is there", () => {
		expect(manifest.peerDependencies["@middy/core"]).toBe(
			"^5.0.0 || ^6.0.0 || ^7.0.0",
		);
		expect(manifest.peerDependenciesMeta).toEqual({
			"aws-cdk-lib": { optional: true },
			constructs: { optional: true },
		});
	});
});

test("the changelog's newest release is this version, and older ones follow", () => {
	const releases = readReleases(
		readFileSync(join(root, "CHANGELOG.md"), "utf8"),
	);
	expect(releases[0]).toEqual({
		version: manifest.version,
		date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
		notes: expect.stringMatching(
			/^### (Added|Changed|Deprecated|Removed|Fixed|Security)\n/,
		),
	});
	const dates = releases.map(({ date }) => date);
	expect(dates).toEqual([...dates].sort().reverse());
});

describe("source maps", () => {
	test.each(compiled)("%s.js brings its source, as it is now", (module) => {
		const path = `${module}.js`;
		expect(readFileSync(join(root, path), "utf8")).toMatch(
			/\n\/\/# sourceMappingURL=[\w-]+\.js\.map\s*$/,
		);
		const { sources, sourcesContent } = json(`${path}.map`);
		expect(sources).toHaveLength(
			module === "dist/index" ? modules("src").length - 1 : 1,
		);
		const folder = dirname(join(root, path));
		expect(sourcesContent).toEqual(
			sources.map((source: string) =>
				readFileSync(join(folder, source), "utf8"),
			),
		);
	});
});

describe("the module graph", () => {
	/** Every module that an entry point can load, and what each one imports. */
	const graph = async (entryPoint: string): Promise<Metafile["inputs"]> => {
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
		return metafile.inputs;
	};

	/** Packages that the modules import, by kind of import. */
	const packages = (inputs: Metafile["inputs"], kind: string): string[] => {
		const imports = Object.values(inputs).flatMap((input) => input.imports);
		return [
			...new Set(
				imports
					.filter((entry) => entry.external && entry.kind === kind)
					.map(({ path }) => path),
			),
		];
	};

	test("of the middleware is one module, and the SDK by import() alone", async () => {
		const inputs = await graph(manifest.exports["."].default);
		expect(Object.keys(inputs)).toEqual(["dist/index.js"]);
		expect(packages(inputs, "import-statement")).toEqual([]);
		expect(packages(inputs, "dynamic-import")).toEqual([
			"@aws-sdk/client-lambda",
		]);
	});

	test("of the CDK construct has no middleware", async () => {
		const inputs = await graph(manifest.exports["./cdk"].default);
		expect(
			Object.keys(inputs).filter((path) => !path.startsWith("dist/cdk/")),
		).toEqual([]);
		expect(packages(inputs, "import-statement")).toContain("constructs");
	});
});
