/** The package as it would be published. */

import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** What `npm pack --json` says of a tarball. */
export interface Packed {
	filename: string;
	name: string;
	version: string;
	/** Bytes. */
	size: number;
	/** Bytes. */
	unpackedSize: number;
	files: { path: string }[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Packs what is in `dist/` now into a folder; returns the path of the tarball beside what npm says of it. */
export const packInto = (folder: string): Packed & { tarball: string } => {
	const packed = pack("--pack-destination", folder);
	return { ...packed, tarball: join(folder, packed.filename) };
};

/** Packs what is in `dist/` now. */
export const pack = (...args: string[]): Packed => {
	const output = execFileSync(
		"npm",
		["pack", "--json", "--ignore-scripts", ...args],
		// npm's notices would drown what the caller prints.
		{ cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] },
	);
	const [packed] = JSON.parse(output) as Packed[];
	if (!packed) throw new Error("npm pack packed nothing");
	return packed;
};
