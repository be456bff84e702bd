import { mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { type BuildOptions, build } from "esbuild";
import { type LocalLambda, startLocalLambda } from "../../local-lambda/index.js";
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

/** Bundles one of the shared handlers into one file, minified; returns its path. */
const bundle = async (name: string, folder: string, options: BuildOptions): Promise<string> => {
	const outdir = join(taskRoot, folder.replaceAll(/\W+/g, "-"));
	const { warnings } = await build({
		entryPoints: [fileURLToPath(handlerUrl(name))],
		bundle: true,
		platform: "node",
		target: "node20",
		minify: true,
		outdir,
		logLevel: "silent",
		...options,
	});
	expect(warnings).toEqual([]);
	return join(outdir, `${name}${options.outExtension?.[".js"]}`);
};

test.each<[string, BuildOptions]>([
	["CommonJS, the SDK left out", { ...cjs, external }],
	["CommonJS, all in one", cjs],
	["ES modules, the SDK left out", { ...esm, external }],
	["ES modules, all in one", esm],
])("a handler bundled to %s answers a ping with fan-out", async (name, options) => {
	lambda = await startApi({ ...service(), handler: await bundle("api", name, options) });
	const { payload, report } = await ping(lambda, {
		warmer: true,
		concurrency: 3,
	});
	expect(payload).toBe("warmed");
	expect(report).toMatchObject({ warmed: 3, cold: 3, failed: 0, errors: [] });
	const answers = await rush(lambda, 3);
	expect(answers.filter(({ coldStart }) => coldStart)).toEqual([]);
});

test.each<[string, BuildOptions]>([
	["CommonJS", { ...cjs, external }],
	["ES modules", { ...esm, external }],
])("one file of %s loads no built-in module for the warmer before a ping with fan-out", async (name, options) => {
	const [alone, api] = await Promise.all(
		["built-ins", "built-ins-warmed"].map(async (handler) => ({
			...service(),
			handler: await bundle(handler, `built-ins, ${name}`, options),
		})),
	);
	if (!alone || !api) throw new Error("there are two handlers");
	lambda = await startLocalLambda({ functions: { alone, api }, tls: {} });
	const { payload: expected } = await lambda.invoke("alone", {});
	const loadedByRequests = async (count: number): Promise<string[][]> =>
		(await rush(lambda, count)).map(({ payload }) => payload as string[]);
	expect(await loadedByRequests(1)).toEqual([expected]);

	await lambda.invoke("api", { warmer: true });
	expect(await loadedByRequests(1)).toEqual([expected]);

	const { report } = await ping(lambda, { warmer: true, concurrency: 2 });
	expect(report).toMatchObject({ warmed: 2, protocol: "h2" });
	const loaded = await loadedByRequests(2);
	// The initiator's environment has it, the child's has not.
	expect(loaded.filter((names) => names.includes("http2"))).toHaveLength(1);
	expect(loaded).toContainEqual(expected);
});
