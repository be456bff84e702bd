/**
 * Installs the versions of Node.js, Sentry and, with a compiler, the official runtime that the compatibility matrix and
 * the third-party suite need. Both install them themselves where they are missing: this is for doing it earlier, beside
 * something else.
 */

import { spawnSync } from "node:child_process";
import { nodeBinary, nodeVersions, ricEntry, thirdPartyFolder } from "./lib/installed.js";

const hasCompiler = ["cmake", "make", "g++"].every((tool) => spawnSync(tool, ["--version"]).status === 0);
await Promise.all([nodeBinary(nodeVersions[0]), thirdPartyFolder("sentry"), hasCompiler && ricEntry()]);
