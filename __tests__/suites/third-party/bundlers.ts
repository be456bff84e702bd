/** The commands of docs/bundling.md: what each makes is deployed alone, and gets a request and a ping. */

import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { bundledRuntime, startLocalLambda } from "../../../local-lambda/index.js";
import { lambdaFlags, type NodeVersion, nodeBinary, nodeVersions } from "../../../scripts/lib/installed.js";
import type { WarmupReport } from "../../../src/index.js";
import { type Bundling, bundle, handlerFiles } from "./support/bundling.js";
import { installedCopy } from "./support/installed.js";

const concurrency = 5;

/** Deploys a handler to the local Lambda, and has it answer a request and then its first ping. */
const requestAndPing = async (handler: string, node: NodeVersion) => {
	const runtime = [await nodeBinary(node), ...lambdaFlags(node), bundledRuntime] as const;
	await using lambda = await startLocalLambda({
		functions: { orders: { handler, runtime, timeoutMs: 20_000 } },
		tls: {},
	});
	const request = await lambda.invoke("orders", { rawPath: "/" });
	assert.deepEqual([request.payload, request.functionError], [{ statusCode: 200 }, undefined]);
	const ping = await lambda.invoke("orders", { warmer: true, concurrency });
	await lambda.settle();
	const entries = lambda.logs.map(({ message }) => message as { action?: string; message?: string } | null);
	return {
		answer: ping.payload,
		report: entries.find((entry) => entry?.action === "warmer-report") as WarmupReport | undefined,
		warnings: entries.filter((entry) => entry?.action === "warmer-warning").map((entry) => entry?.message),
	};
};

const assertWarms = async (handler: string, node: NodeVersion): Promise<void> => {
	const { answer, report, warnings } = await requestAndPing(handler, node);
	assert.deepEqual(
		[answer, report?.warmed, report?.errors, report?.protocol, warnings],
		["warmed", concurrency, [], "h2", []],
	);
};

/** What only one version of Node.js need run, as long as every version runs both kinds of modules. */
const versionsFor = (bundling: Bundling): readonly NodeVersion[] =>
	bundling === "esbuild-esm" || bundling === "esbuild-cjs" ? nodeVersions : [24];

test("the bundlers of docs/bundling.md", async (t) => {
	using folder = await installedCopy("bundlers");
	let apps = 0;
	const createApp = async (): Promise<string> => {
		const app = join(folder.path, `app-${apps++}`);
		await cp(join(folder.path, "src"), join(app, "src"), { recursive: true });
		return app;
	};
	/** Copies what a bundler wrote to a folder that has nothing else, as Lambda's task root. */
	const deployed = async (app: string, ...names: string[]): Promise<string> => {
		const taskRoot = await mkdtemp("/tmp/middy-lambda-warmer-task-");
		t.after(() => rm(taskRoot, { recursive: true }));
		for (const name of names.length > 0 ? names : await readdir(join(app, "dist"))) {
			await cp(join(app, "dist", name), join(taskRoot, "dist", name), { recursive: true });
		}
		return taskRoot;
	};

	for (const bundling of Object.keys(handlerFiles) as Bundling[]) {
		await t.test(`${bundling}: the output, deployed alone, serves a request and then the first ping`, async () => {
			const app = await createApp();
			await bundle(app, bundling);
			const taskRoot = await deployed(app);
			if (bundling === "esbuild-external") {
				await mkdir(join(taskRoot, "node_modules"));
				await symlink(
					join(folder.path, "node_modules/middy-lambda-warmer"),
					join(taskRoot, "node_modules/middy-lambda-warmer"),
				);
			}
			for (const node of versionsFor(bundling)) await assertWarms(join(taskRoot, handlerFiles[bundling]), node);
		});
	}

	await t.test("Rollup's output.file fails without inlineDynamicImports, and says so", async () => {
		await assert.rejects(
			bundle(await createApp(), "rollup", (command) => command.replace(" --inlineDynamicImports", "")),
			/when building multiple chunks, the "output\.dir" option must be used/,
		);
	});

	await t.test("webpack's handler without its chunks serves requests, and a ping says which is missing", async () => {
		const app = await createApp();
		await bundle(app, "webpack");
		const taskRoot = await deployed(app, "orders");
		const { answer, warnings } = await requestAndPing(join(taskRoot, handlerFiles.webpack), 24);
		assert.match(JSON.stringify([answer, warnings]), /Cannot find module '\.\.\/\d+\.cjs'/);
	});
});
