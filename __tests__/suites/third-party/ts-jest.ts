/** A CommonJS project with ts-jest. */

import { test } from "node:test";
import { installedCopy } from "./support/installed.js";
import { runNode22 } from "./support/node-22.js";

test("a CommonJS project with ts-jest passes, with what Middy needs there", async () => {
	using folder = await installedCopy("ts-jest");
	await runNode22(folder.path, "node_modules/jest/bin/jest.js", "--ci");
});
