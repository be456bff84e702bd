import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import type { Resources } from "./cloudformation.js";

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const osls = path("node_modules/osls/bin/serverless.js");

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

/** What a command of the framework printed and left behind. */
export interface Finished {
	readonly exitCode: number;
	readonly output: string;
	readonly resources: Resources;
	readonly zip: (functionName: string) => Promise<Buffer>;
	/** Removes everything that the command left behind. */
	readonly clean: () => Promise<void>;
}

/**
 * Runs the framework on a copy of a service, with the built package in `node_modules`.
 *
 * @param service folder of the service, relative to the root of the project
 * @param edit changes `serverless.yml` first
 */
export async function run(
	service: string,
	args: readonly string[] = ["package"],
	{ edit = (yaml: string) => yaml, env = {} }: { edit?: (yaml: string) => string; env?: NodeJS.ProcessEnv } = {},
): Promise<Finished> {
	const folder = await mkdtemp(join(tmpdir(), "serverless-"));
	const cwd = join(folder, "serverless");
	const file = join(cwd, "serverless.yml");
	await cp(path(service), cwd, { recursive: true });
	await writeFile(file, edit(await readFile(file, "utf8")));
	await mkdir(join(cwd, "node_modules"));
	await symlink(path("."), join(cwd, "node_modules/middy-lambda-warmer"));
	await buildHandler(join(folder, "dist/handler.mjs"));
	const { exitCode, output } = await promisify(execFile)(process.execPath, [osls, ...args], {
		cwd,
		// No settings, plugins or credentials of the user who runs the tests.
		env: { PATH: process.env.PATH, HOME: folder, CI: "true", ...env },
	}).then(
		({ stdout, stderr }) => ({ exitCode: 0, output: stdout + stderr }),
		({ code, stdout, stderr }) => ({ exitCode: Number(code), output: `${stdout}${stderr}` }),
	);
	const left = (name: string) => readFile(join(cwd, ".serverless", name));
	const template = await left("cloudformation-template-update-stack.json").catch(() => '{ "Resources": {} }');
	return {
		exitCode,
		output,
		resources: JSON.parse(String(template)).Resources,
		zip: (functionName) => left(`${functionName}.zip`),
		clean: () => rm(folder, { recursive: true }),
	};
}
