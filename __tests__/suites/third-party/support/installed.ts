import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { install, thirdPartyFolder } from "../../../../scripts/lib/installed.js";
import { packInto } from "../../../../scripts/lib/packed.js";

/** A new folder outside the project's own, with the packed package in it. */
export interface Folder extends Disposable {
	readonly path: string;
	readonly tarball: string;
}

/** Makes such a folder; it is gone when it is disposed of. */
const createFolder = (): Folder => {
	const path = mkdtempSync(join(tmpdir(), "middy-lambda-warmer-guest-"));
	return {
		path,
		tarball: packInto(path).tarball,
		[Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
	};
};

/** The same, with a copy of a folder beside this one, what its lockfile names, and the package. */
export const installedCopy = async (name: string, ...packages: string[]): Promise<Folder> => {
	const folder = createFolder();
	const source = fileURLToPath(new URL(`../${name}`, import.meta.url));
	cpSync(source, folder.path, { recursive: true });
	await install(folder.path, [folder.tarball, ...packages], "--ignore-scripts");
	return folder;
};

/**
 * A folder with a copy of `handler.mjs` of a folder beside this one, and the package. What the lockfile names is in the
 * folder above, which is kept, since its installation takes long.
 */
export const besideInstalled = async (name: string): Promise<Folder> => {
	const path = mkdtempSync(join(await thirdPartyFolder(name), "run-"));
	const { tarball } = packInto(path);
	cpSync(fileURLToPath(new URL(`../${name}/handler.mjs`, import.meta.url)), join(path, "handler.mjs"));
	writeFileSync(join(path, "package.json"), `{ "private": true }`);
	await install(path, [tarball], "--ignore-scripts", "--legacy-peer-deps");
	return { path, tarball, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};
