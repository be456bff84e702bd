import { rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";

/** Removes the folder that `setup.ts` made. */
export default (): void => {
	const folder = tmpdir();
	process.env.TMPDIR = dirname(folder);
	// A process that was killed is cleaned up after by another one, at the same time perhaps.
	rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
};
