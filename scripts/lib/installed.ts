/** What the compatibility matrix and the benchmarks install: from npm, outside the project's own folder. */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);
const cache = join(tmpdir(), "middy-lambda-warmer-packages");
/** This project's own folder. */
export const projectFolder = fileURLToPath(new URL("../../", import.meta.url));
const suites = join(projectFolder, "__tests__/suites");
const lockfiles = join(suites, "compat");

/** Versions of Node.js that come from npm. */
export const nodeVersions = [20, 22, 24, 26] as const;
export type NodeVersion = (typeof nodeVersions)[number];

/** node-gyp downloads the headers of Node.js, unless they lie beside the binary, as in most distributions. */
const nodeHeaders = (): Record<string, string> => {
	const prefix = dirname(dirname(process.execPath));
	return existsSync(join(prefix, "include/node/node_api.h")) ? { npm_config_nodedir: prefix } : {};
};

/** Installs into a folder: by its lockfile, and beside that the packages named. */
export const install = async (
	folder: string,
	packages: readonly string[] = [],
	...options: string[]
): Promise<void> => {
	const npm = (...args: string[]) =>
		execute("npm", [...args, ...options], {
			cwd: folder,
			env: { ...process.env, ...nodeHeaders() },
			maxBuffer: 2 ** 26,
		});
	if (existsSync(join(folder, "package-lock.json"))) await npm("ci");
	if (packages.length > 0) await npm("install", "--no-save", ...packages);
};

/** Installs a copy of a folder of lockfiles, and beside it the packages named. */
export const installCopy = async (name: string, target: string, packages: readonly string[]): Promise<void> => {
	await cp(join(lockfiles, name), target, { recursive: true });
	await install(target, packages, "--ignore-scripts");
};

/** The same for large or compiled packages: kept until lockfile or machine is another one. Resolves with the folder. */
const installOnce = async (name: string, parent = lockfiles, ...options: string[]): Promise<string> => {
	const source = join(parent, name);
	const key = createHash("sha256")
		.update(await readFile(join(source, "package-lock.json")))
		.update(`${process.platform} ${process.arch}`)
		.digest("hex")
		.slice(0, 16);
	const target = join(cache, `${name}-${key}`);
	if (existsSync(target)) return target;
	await mkdir(cache, { recursive: true });
	const unfinished = await mkdtemp(join(cache, `${name}-unfinished-`));
	try {
		await cp(source, unfinished, { recursive: true });
		await install(unfinished, [], ...options);
		await rename(unfinished, target);
	} catch (error) {
		await rm(unfinished, { recursive: true });
		// Another run may have been faster.
		if (!existsSync(target)) throw error;
	}
	return target;
};

/** Path of a Node.js binary (Linux on x64). */
export const nodeBinary = async (version: NodeVersion): Promise<string> =>
	join(await installOnce("node"), `node_modules/node-${version}/bin/node`);

/** Path of the official runtime's entry; it is compiled by its install scripts (cmake, make, g++). */
export const ricEntry = async (): Promise<string> =>
	join(await installOnce("ric"), "node_modules/aws-lambda-ric/index.mjs");

/** The folder in which large software of the third-party suite is installed. */
export const thirdPartyFolder = (name: string): Promise<string> =>
	installOnce(name, join(suites, "third-party"), "--ignore-scripts");

/** The version of a package that a folder has installed. */
export const installedVersion = async (folder: string, name: string): Promise<string> => {
	const manifest = await readFile(join(folder, "node_modules", name, "package.json"), "utf8");
	return (JSON.parse(manifest) as { version: string }).version;
};

/** What a Node.js binary calls itself. */
export const nodeVersionOf = async (binary: string): Promise<string> =>
	(await execute(binary, ["--version"])).stdout.trim().slice(1);

/** The flags that Lambda starts a version of Node.js with, as far as they change what can be loaded. */
export const lambdaFlags = (version: NodeVersion): string[] =>
	version < 24 ? ["--no-experimental-require-module"] : [];
