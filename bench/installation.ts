/**
 * The contenders as npm would install them: copies in a `node_modules` of their own, so that none is found by a shorter
 * way than another.
 *
 * @module
 */

import { cp, mkdtemp, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const ours = "middy-lambda-warmer";

interface Manifest {
	version?: string;
	dependencies?: Record<string, string>;
	files?: string[];
}

const manifestOf = async (folder: string): Promise<Manifest> =>
	JSON.parse(await readFile(join(folder, "package.json"), "utf8"));

const exists = async (folder: string): Promise<boolean> => {
	try {
		await realpath(folder);
		return true;
	} catch {
		return false;
	}
};

const installOurs = async (to: string): Promise<void> => {
	const { files = [] } = await manifestOf(root);
	for (const file of ["package.json", ...files]) {
		if (await exists(join(root, file))) {
			await cp(join(root, file), join(to, file), { recursive: true });
		}
	}
};

const install = async (name: string, modules: string): Promise<void> => {
	const from = join(root, "node_modules", name);
	const to = join(modules, name);
	if (await exists(to)) return;
	if (name === ours) return installOurs(to);
	await cp(from, to, { recursive: true });
	const { dependencies = {} } = await manifestOf(from);
	for (const dependency of Object.keys(dependencies)) {
		// One that it does not share is in its own node_modules, and so was copied with it.
		if (!(await exists(join(from, "node_modules", dependency)))) {
			await install(dependency, modules);
		}
	}
};

/** A temporary folder with packages and their dependencies in its `node_modules`. Peers come only if they are named. */
export const installed = async (
	packages: readonly string[],
): Promise<AsyncDisposable & { folder: URL }> => {
	const folder = await realpath(
		await mkdtemp(join(tmpdir(), "middy-lambda-warmer-bench-")),
	);
	for (const name of packages) {
		await install(name, join(folder, "node_modules"));
	}
	return {
		folder: pathToFileURL(`${folder}/`),
		[Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
	};
};

/** The version of a package in this project's `node_modules`, or this project's own. */
export const versionOf = async (name: string): Promise<string> => {
	const { version } = await manifestOf(
		name === ours ? root : join(root, "node_modules", name),
	);
	return version ?? "unknown";
};
