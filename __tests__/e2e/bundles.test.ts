import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type BuildOptions, build } from "esbuild";
import type { LocalLambda } from "../../local-lambda/index.js";
import { handlerUrl, ping, rush, service, startApi } from "./support.js";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Like a function's task root, with the SDK beside it that Lambda's runtimes bring. */
let taskRoot: string;
beforeAll(async () => {
	taskRoot = await mkdtemp(join(tmpdir(), "middy-lambda-warmer-"));
	await symlink(join(root, "node_modules"), join(taskRoot, "node_modules"));
});
afterAll(() => rm(taskRoot, { recursive: true }));

let lambda: LocalLambda;
afterEach(() => lambda?.stop());

const esm: BuildOptions = {
	format: "esm",
	outExtension: { ".js": ".mjs" },
	mainFields: ["module", "main"],
	// What AWS SAM and the CDK tell their users to add, for the CommonJS packages inside.
	banner: {
		js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
	},
};
const cjs: BuildOptions = { format: "cjs", outExtension: { ".js": ".cjs" } };
const external = ["@aws-sdk/*"];

test.each<[string, BuildOptions]>([
	["CommonJS, the SDK left out", { ...cjs, external }],
	["CommonJS, all in one", cjs],
	["ES modules, the SDK left out", { ...esm, external }],
	["ES modules, all in one", esm],
])("a handler bundled to %s answers a ping with fan-out", async (name, options) => {
	const outdir = join(taskRoot, name.replaceAll(/\W+/g, "-"));
	const { warnings, outputFiles } = await build({
		entryPoints: [fileURLToPath(handlerUrl("api"))],
		bundle: true,
		platform: "node",
		target: "node20",
		minify: true,
		outdir,
		metafile: true,
		logLevel: "silent",
		...options,
	});
	expect({ warnings, outputFiles }).toMatchObject({ warnings: [] });
	const extension = options.outExtension?.[".js"];
	lambda = await startApi({
		...service(),
		handler: join(outdir, `api${extension}`),
	});
	const { payload, report } = await ping(lambda, {
		warmer: true,
		concurrency: 3,
	});
	expect(payload).toBe("warmed");
	expect(report).toMatchObject({ warmed: 3, cold: 3, failed: 0, errors: [] });
	const answers = await rush(lambda, 3);
	expect(answers.filter(({ coldStart }) => coldStart)).toEqual([]);
});
