/**
 * The unit tests of `src/`, for the inner loop (`npm run test:unit`) and for the mutation tests: they need no build and
 * start no process. They lie in `__tests__/` and, for each folder of `src/`, in a folder of the same name.
 */

import { readdirSync } from "node:fs";
import config from "./jest.config.mjs";

const rooms = readdirSync(new URL("src", import.meta.url), { withFileTypes: true })
	.filter((entry) => entry.isDirectory())
	.map(({ name }) => name);

/** @type {import("jest").Config} */
export default {
	...config,
	testMatch: ["<rootDir>/__tests__/*.test.ts", ...rooms.map((room) => `<rootDir>/__tests__/${room}/**/*.test.ts`)],
	testPathIgnorePatterns: [
		// Needs a build.
		"/__tests__/package\\.test\\.ts$",
		// As long as all others together.
		"/__tests__/(property|simulation)\\.test\\.ts$",
	],
};
