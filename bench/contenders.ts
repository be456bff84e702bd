/** The packages that are measured, and how each is pinged. */

import { mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { FunctionOptions } from "../local-lambda/index.js";

const handlerOf = (name: string): URL => new URL(`handlers/${name}.mjs`, import.meta.url);

/** A way of keeping the function `api` warm. */
export interface Contender {
	name: string;
	/** The functions that must be deployed, `api` among them. */
	functions(concurrency: number): Promise<Record<string, Pick<FunctionOptions, "handler" | "environment">>>;
	/** The function that the schedule invokes. */
	pinged: string;
	/** The event that the schedule sends. */
	event(concurrency: number): object;
}

const flagged = (concurrency: number) => ({ warmer: true, concurrency, report: true });

const ourselves = (name: string, options: object): Contender => ({
	name,
	async functions(concurrency) {
		const maxConcurrency = Math.max(50, concurrency);
		return {
			api: {
				handler: handlerOf("ours"),
				environment: { WARMUP_OPTIONS: JSON.stringify({ maxConcurrency, ...options }) },
			},
		};
	},
	pinged: "api",
	event: flagged,
});

export const ours = ourselves("middy-lambda-warmer", {});
const oursBySdk = ourselves("the same with the SDK", { awsClientOptions: {} });
const oursOverHttp1 = ourselves("the same over HTTP/1.1", { awsClientOptions: { requestHandler: {} } });

export const lambdaWarmer: Contender = {
	name: "lambda-warmer",
	functions: async () => ({ api: { handler: handlerOf("lambda-warmer") } }),
	pinged: "api",
	event: flagged,
};

export const middyWarmup: Contender = {
	name: "@middy/warmup",
	functions: async () => ({ api: { handler: handlerOf("middy-warmup") } }),
	pinged: "api",
	event: () => ({ source: "serverless-plugin-warmup" }),
};

/** Lets the plugin write its function into a folder from which the SDK resolves. */
const writePluginFunction = async (): Promise<URL> => {
	const folder = new URL("../node_modules/.cache/bench/", import.meta.url);
	const plugin = createRequire(import.meta.url)("serverless-plugin-warmup/src/warmer.js");
	await plugin.createWarmUpFunctionArtifact(
		[{ name: "api", config: { payload: '{"source":"serverless-plugin-warmup"}' } }],
		false,
		false,
		"us-east-1",
		fileURLToPath(folder),
	);
	await mkdir(folder, { recursive: true });
	const handler = new URL("warmer.mjs", folder);
	await writeFile(handler, 'export { warmUp as handler } from "./index.mjs";\n');
	return handler;
};

export const pluginWarmup: Contender = {
	name: "serverless-plugin-warmup",
	functions: async (concurrency) => ({
		api: { handler: handlerOf("plugin-warmup") },
		warmer: { handler: await writePluginFunction(), environment: { WARMUP_CONCURRENCY: String(concurrency) } },
	}),
	pinged: "warmer",
	event: () => ({}),
};

/** The contenders that invoke functions. */
export const fanningOut: readonly Contender[] = [ours, oursBySdk, oursOverHttp1, lambdaWarmer, pluginWarmup];
