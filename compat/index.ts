/**
 * `npm run test:compat`: the packed package beside every version of Middy, on every version of Node.js, loaded in every
 * way, in every execution mode. Writes the tables of docs/compatibility.md.
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import typescript from "typescript";
import { bundledRuntime } from "../local-lambda/index.js";
import { replacePart } from "../scripts/markdown.js";
import { packInto } from "../scripts/packed.js";
import { runCell } from "./cell.js";
import { placeHandler } from "./handler-files.js";
import {
	installedVersion,
	installMiddy,
	installNode,
	installRic,
	nodeVersionOf,
} from "./installation.js";
import {
	type Column,
	columns,
	type MiddyVersion,
	middyVersions,
	type NodeVersion,
	type Row,
	rows,
} from "./matrix.js";
import { part } from "./table.js";
import { checkTypes } from "./type-check.js";

const usage = `Usage: npm run test:compat -- [--quick] [--no-table] [--help]

  --quick     leave out aws-lambda-ric, which is compiled on install (cmake, make, g++), and every version
              of Node.js but the oldest and the newest; write no table
  --no-table  write no table
  --help      show this
`;

const { values: args } = parseArgs({
	options: {
		quick: { type: "boolean", default: false },
		"no-table": { type: "boolean", default: false },
		help: { type: "boolean", default: false },
	},
});
if (args.help) {
	console.log(usage);
	process.exit();
}
const project = dirname(dirname(fileURLToPath(import.meta.url)));
const chosenColumns = args.quick
	? columns.filter(({ node, runtime }) => runtime === "loop" && node !== 22)
	: columns;

interface Task {
	readonly name: string;
	readonly run: () => Promise<void>;
}

const passed = new Set<string>();
let failures = 0;

const perform = async ({ name, run }: Task): Promise<void> => {
	try {
		await run();
		passed.add(name);
		console.log(`ok      ${name}`);
	} catch (error) {
		failures++;
		console.log(
			`FAILED  ${name}\n${error instanceof Error ? error.message : error}`,
		);
	}
};

/** Two at a time at most: each runs several processes of its own. */
const performAll = async (tasks: readonly Task[]): Promise<void> => {
	const queue = tasks.values();
	const work = async () => {
		for (const task of queue) await perform(task);
	};
	await Promise.all(
		Array.from({ length: Math.min(2, availableParallelism()) }, work),
	);
};

const cellName = ({ middy, mode, loading }: Row, { node, runtime }: Column) =>
	`Middy ${middy}, ${mode}, ${loading}, Node.js ${node}${runtime === "ric" ? ", aws-lambda-ric" : ""}`;
const typesName = (middy: MiddyVersion) => `Middy ${middy}, types`;

const folder = await mkdtemp(join(tmpdir(), "middy-lambda-warmer-compat-"));
try {
	console.log("Packing and installing …");
	const { tarball } = packInto(folder);
	const folders = new Map<MiddyVersion, string>();
	for (const middy of middyVersions) {
		folders.set(middy, await installMiddy(middy, tarball, folder));
	}
	const binaries = new Map<NodeVersion, string>();
	for (const { node } of chosenColumns) {
		if (!binaries.has(node)) binaries.set(node, await installNode(node));
	}
	const ric = args.quick ? "" : await installRic();
	const folderOf = (middy: MiddyVersion) => folders.get(middy) ?? "";

	const command = ({ node, runtime }: Column): [string, string] => [
		binaries.get(node) ?? "",
		runtime === "ric" ? ric : bundledRuntime,
	];
	await performAll([
		...middyVersions.map((middy) => ({
			name: typesName(middy),
			run: () => checkTypes(middy, folderOf(middy)),
		})),
		...rows.flatMap((row) => {
			let handler: Promise<string> | undefined;
			return chosenColumns.map((column) => ({
				name: cellName(row, column),
				run: async () => {
					handler ??= placeHandler(row, folderOf(row.middy));
					await runCell(await handler, row, command(column));
				},
			}));
		}),
	]);

	if (!args.quick && !args["no-table"]) {
		const manifest = await readFile(join(project, "package.json"), "utf8");
		const middy = new Map<MiddyVersion, string>();
		for (const [version, path] of folders) {
			middy.set(version, await installedVersion(path, "@middy/core"));
		}
		const node = new Map<NodeVersion, string>();
		for (const [version, binary] of binaries) {
			node.set(version, await nodeVersionOf(binary));
		}
		const results = {
			date: new Date().toISOString().slice(0, 10),
			packageVersion: (JSON.parse(manifest) as { version: string }).version,
			typescript: typescript.version,
			ric: await installedVersion(
				dirname(dirname(dirname(ric))),
				"aws-lambda-ric",
			),
			middy,
			node,
			passed: (row: Row, column: Column) => passed.has(cellName(row, column)),
			typesPassed: (middy: MiddyVersion) => passed.has(typesName(middy)),
		};
		await replacePart(
			join(project, "docs/compatibility.md"),
			"compat",
			part(results),
		);
	}
} finally {
	await rm(folder, { recursive: true });
}
if (args.quick) {
	console.log("Left out (--quick): aws-lambda-ric and Node.js 22.");
}
console.log(`${passed.size} passed, ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;
