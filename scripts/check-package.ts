/** `npm run check:package`: publint and arethetypeswrong find nothing to say about the packed tarball. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { packInto } from "./lib/packed.js";

const attw = createRequire(import.meta.url).resolve("@arethetypeswrong/cli/package.json");

const folder = mkdtempSync(join(tmpdir(), "middy-lambda-warmer-package-"));
try {
	const { tarball, filename, size, files } = packInto(folder);
	console.log(`${filename}: ${files.length} files, ${size} bytes`);

	const { buffer } = new Uint8Array(readFileSync(tarball));
	const { messages, pkg } = await publint({ pack: { tarball: buffer }, strict: true });
	for (const message of messages) console.log(formatMessage(message, pkg));
	console.log(`publint: ${messages.length} messages`);
	if (messages.length > 0) process.exitCode = 1;

	try {
		execFileSync(process.execPath, [join(attw, "../dist/index.js"), tarball, "--no-emoji"], { stdio: "inherit" });
	} catch {
		process.exitCode = 1;
	}
} finally {
	rmSync(folder, { recursive: true });
}
