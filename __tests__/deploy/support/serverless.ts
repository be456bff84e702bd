import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Resources } from "./cloudformation.js";

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const serverless = path("node_modules/osls/bin/serverless.js");

/**
 * Bundles the examples' handler as the README's command does, with this package's source in the place of the package.
 */
export const buildHandler = (outfile: string) =>
	build({
		entryPoints: [path("examples/deploy/handler.ts")],
		alias: { "middy-lambda-warmer": path("src/index.ts") },
		bundle: true,
		platform: "node",
		target: "node24",
		format: "esm",
		external: ["@aws-sdk/*"],
		outfile,
		metafile: true,
	});

/**
 * What `serverless package` makes of the example, in a folder of its own beside the bundle that the README makes.
 *
 * @param edit changes `serverless.yml` first
 */
export async function packaged(edit = (yaml: string): string => yaml): Promise<{ resources: Resources; zip: Buffer }> {
	const folder = await mkdtemp(join(tmpdir(), "serverless-"));
	try {
		const service = join(folder, "serverless");
		const file = join(service, "serverless.yml");
		await cp(path("examples/deploy/serverless"), service, { recursive: true });
		await writeFile(file, edit(await readFile(file, "utf8")));
		await buildHandler(join(folder, "dist/handler.mjs"));
		await promisify(execFile)(process.execPath, [serverless, "package"], {
			cwd: service,
			// No settings, plugins or credentials of whoever runs the tests.
			env: { PATH: process.env.PATH, HOME: folder, CI: "true" },
		});
		const made = (name: string) => readFile(join(service, ".serverless", name));
		const template = await made("cloudformation-template-update-stack.json");
		return { resources: JSON.parse(String(template)).Resources, zip: await made("orders.zip") };
	} finally {
		await rm(folder, { recursive: true });
	}
}
