/**
 * `npm run release:dry`: everything about a release but the publishing. Checks version, changelog and tag, shows what
 * would be packed, and runs the checks of the tarball and of the generated documentation. With `--repository ADDRESS`
 * it writes where the project lives into package.json, and does nothing else.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { pack } from "./lib/packed.js";
import { type AddressFields, addressFields, addressProblem, readReleases } from "./lib/release.js";

const root = fileURLToPath(new URL("../", import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, "utf8");
const git = (...args: string[]): string => execFileSync("git", args, { cwd: root, encoding: "utf8" }).trim();

const problems: string[] = [];
const check = (holds: boolean, problem: string): void => {
	if (!holds) problems.push(problem);
};

const manifest = JSON.parse(read("package.json")) as AddressFields & {
	version: string;
};
const { values: args } = parseArgs({ options: { repository: { type: "string" } } });
if (args.repository !== undefined) {
	const addressed = { ...manifest, ...addressFields(args.repository) };
	writeFileSync(`${root}package.json`, `${JSON.stringify(addressed, null, "\t")}\n`);
	process.exit();
}
const { version } = manifest;
const lock = JSON.parse(read("package-lock.json")) as { version: string };
const [latest] = readReleases(read("CHANGELOG.md"));
const tag = `v${version}`;

check(lock.version === version, `package-lock.json is of version ${lock.version}`);
check(
	latest?.version === version,
	`the newest release in CHANGELOG.md is ${latest?.version ?? "missing"}, not ${version}`,
);
check(
	/^### (Added|Changed|Deprecated|Removed|Fixed|Security)$/m.test(latest?.notes ?? ""),
	`CHANGELOG.md says nothing about ${version}`,
);
check(git("tag", "--list", tag) === "", `${tag} is tagged already`);
const address = addressProblem(manifest);
check(address === undefined, address ?? "");
check(git("status", "--porcelain") === "", "the work tree is not clean");

const packed = pack("--dry-run");
console.log(`${packed.name}@${packed.version}, ${latest?.date ?? "no date"}\n`);
console.log(`${latest?.notes ?? ""}\n`);
for (const { path } of packed.files) console.log(`  ${path}`);
console.log(`${packed.files.length} files, ${packed.size} bytes packed, ${packed.unpackedSize} unpacked\n`);

for (const script of ["check:package", "docs -- --check"]) {
	const { status } = spawnSync("npm", ["run", ...script.split(" ")], { cwd: root, stdio: "inherit" });
	check(status === 0, `npm run ${script} failed`);
}

for (const problem of problems) console.error(`- ${problem}`);
console.log(
	problems.length === 0
		? `Ready: tag ${tag}, and the release workflow publishes it.`
		: `Not ready: ${problems.length} problem${problems.length > 1 ? "s" : ""}.`,
);
process.exitCode = problems.length === 0 ? 0 : 1;
