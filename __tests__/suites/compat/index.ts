/**
 * `npm run test:compat`: the packed package beside every version of Middy, on every version of Node.js, loaded in every
 * way, in every execution mode. Writes the tables of docs/compatibility.md.
 */

import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import typescript from "typescript";
import { bundledRuntime } from "../../../local-lambda/index.js";
import {
	installCopy,
	installedVersion,
	lambdaFlags,
	type NodeVersion,
	nodeBinary,
	nodeVersionOf,
	nodeVersions,
	ricEntry,
} from "../../../scripts/lib/installed.js";
import { replacePart } from "../../../scripts/lib/markdown.js";
import { packInto } from "../../../scripts/lib/packed.js";
import { runThirdParty } from "../third-party/index.js";
import { runCell } from "./cell.js";
import { placeHandler } from "./handler-files.js";
import { type Column, columns, type MiddyVersion, middyVersions, type Row, rows } from "./matrix.js";
import { part } from "./table.js";
import { checkTypes } from "./type-check.js";

const usage = `Usage: npm run test:compat -- [--quick] [--no-table] [PART …]
       npm run test:compat -- third-party [PART …]

  third-party run the parts of __tests__/suites/third-party, or those named: "nginx", "ts-jest"
  PART        run only the cells whose name has it: "types", "Node.js 26", "Middy 7, durable"; write no table
  --quick     leave out aws-lambda-ric, which is compiled on install (cmake, make, g++), and every version
              of Node.js but the oldest and the newest; write no table
  --no-table  write no table
`;

const { values: args, positionals: parts } = parseArgs({
	allowPositionals: true,
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
if (parts[0] === "third-party") {
	process.exit((await runThirdParty(parts.slice(1))) ? 0 : 1);
}
const project = fileURLToPath(new URL("../../../", import.meta.url));
const oldest = nodeVersions[0];
const newest = nodeVersions.at(-1);
const isChosen = (name: string) => parts.length === 0 || parts.some((part) => name.includes(part));
const chosenColumns = columns.filter(
	({ node, runtime }) => !args.quick || (runtime === "loop" && (node === oldest || node === newest)),
);

const passed = new Set<string>();
let failures = 0;

interface Task {
	name: string;
	run(): Promise<void>;
	/** A long installation that it waits for. */
	install?: (() => Promise<unknown>) | undefined;
}

/** Runs what is left of the queue. */
const work = async (queue: Iterable<Task>): Promise<void> => {
	for (const { name, run } of queue) {
		try {
			await run();
			passed.add(name);
			console.log(`ok      ${name}`);
		} catch (error) {
			failures++;
			const why = error instanceof Error ? error.message : error;
			console.log(`FAILED  ${name}\n${why}`);
		}
	}
};

/** What is made when it is asked for, and once. */
const once = <Value>(make: () => Promise<Value>): (() => Promise<Value>) => {
	let made: Promise<Value> | undefined;
	return () => {
		made ??= make();
		return made;
	};
};

const cellName = ({ middy, mode, loading }: Row, { node, runtime }: Column) =>
	`Middy ${middy}, ${mode}, ${loading}, Node.js ${node}${runtime === "ric" ? ", aws-lambda-ric" : ""}`;
const typesName = (middy: MiddyVersion) => `Middy ${middy}, types`;

const manifest = JSON.parse(await readFile(join(project, "package.json"), "utf8")) as {
	version: string;
	peerDependencies: Record<string, string>;
};

/** The lowest version of the AWS SDK that the package takes. The other cells have the newest. */
const sdkFloor = `@aws-sdk/client-lambda@${manifest.peerDependencies["@aws-sdk/client-lambda"]?.replace("^", "")}`;
const sdkRow: Row = { middy: 7, mode: "standard", loading: "import" };

const folder = await mkdtemp(join(tmpdir(), "middy-lambda-warmer-compat-"));
try {
	console.log("Packing and installing …");
	const { tarball } = packInto(folder);
	const folderOf = (middy: MiddyVersion) => join(folder, `middy-${middy}`);
	await Promise.all(middyVersions.map((middy) => installCopy(`middy-${middy}`, folderOf(middy), [tarball])));
	const ric = once(ricEntry);
	const sdkHandler = once(async () => {
		const target = join(folder, "sdk-floor");
		await installCopy("middy-7", target, [tarball, sdkFloor]);
		return placeHandler(sdkRow, target);
	});
	const all: Task[] = [
		...middyVersions.map((middy) => ({ name: typesName(middy), run: () => checkTypes(middy, folderOf(middy)) })),
		...rows.flatMap((row) => {
			const handler = once(() => placeHandler(row, folderOf(row.middy)));
			return chosenColumns.map(({ node, runtime }) => ({
				name: cellName(row, { node, runtime }),
				install: runtime === "ric" ? ric : undefined,
				run: async () =>
					runCell(await handler(), row, [
						await nodeBinary(node),
						...lambdaFlags(node),
						runtime === "ric" ? await ric() : bundledRuntime,
					]),
			}));
		}),
		{
			name: sdkFloor,
			install: sdkHandler,
			run: async () => {
				const runtime = [process.execPath, bundledRuntime] as const;
				await runCell(await sdkHandler(), sdkRow, runtime, "http/1.1", { WITH_SDK: "yes" });
			},
		},
	];
	const chosen = all.filter(({ name }) => isChosen(name));
	if (chosen.length === 0) throw new Error(`No cell has ${parts.join(" or ")}`);
	// Long installations go on beside the cells that need none of them. The cells that do report a failed one.
	for (const install of new Set(chosen.map(({ install }) => install))) install?.().catch(() => {});
	const tasks = [...chosen.filter(({ install }) => !install), ...chosen.filter(({ install }) => install)];
	// Two at a time: each runs several processes of its own.
	const queue = tasks.values();
	await Promise.all([work(queue), work(queue)]);

	if (!args.quick && !args["no-table"] && parts.length === 0) {
		const middy = new Map<MiddyVersion, string>();
		for (const version of middyVersions) {
			const found = await installedVersion(folderOf(version), "@middy/core");
			middy.set(version, found);
		}
		const node = new Map<NodeVersion, string>();
		for (const version of nodeVersions) {
			node.set(version, await nodeVersionOf(await nodeBinary(version)));
		}
		const results = {
			date: new Date().toISOString().slice(0, 10),
			packageVersion: manifest.version,
			typescript: typescript.version,
			ric: await installedVersion(join(await ric(), "../../.."), "aws-lambda-ric"),
			middy,
			node,
			passed: (row: Row, column: Column) => passed.has(cellName(row, column)),
			sdk: await Promise.all([
				sdkFloor.slice(sdkFloor.lastIndexOf("@") + 1),
				installedVersion(folderOf(7), "@aws-sdk/client-lambda"),
			]),
			sdkPassed: passed.has(sdkFloor),
			typesPassed: (middy: MiddyVersion) => passed.has(typesName(middy)),
		};
		await replacePart(join(project, "docs/compatibility.md"), "compat", part(results));
	}
} finally {
	await rm(folder, { recursive: true });
}
if (args.quick) {
	console.log(`Left out (--quick): aws-lambda-ric, and Node.js between ${oldest} and ${newest}.`);
}
console.log(`${passed.size} passed, ${failures} failed`);
process.exitCode = failures > 0 ? 1 : 0;
