import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A temporary folder for this run, so that what a test leaves (the CDK an assembly for each stack) ends with it. */
export default (): void => {
	process.env.TMPDIR = mkdtempSync(join(tmpdir(), "middy-lambda-warmer-tests-"));
};
