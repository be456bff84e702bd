/**
 * What the parts measure, as JSON and Markdown under `bench/results/`.
 *
 * @module
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { pathToFileURL } from "node:url";

/** Where results are kept. Those of a smoke run (`--quick`) are no figures to keep. */
export const resultsFolder: URL = process.argv.includes("--quick")
	? pathToFileURL(`${tmpdir()}/middy-lambda-warmer-bench/`)
	: new URL("results/", import.meta.url);

/** Where figures come from. */
export interface Machine {
	node: string;
	cpu: string;
	cores: number;
	date: string;
}

const machine = (): Machine => ({
	node: process.version,
	cpu: cpus()[0]?.model ?? "unknown",
	cores: cpus().length,
	date: new Date().toISOString().slice(0, 10),
});

/** Writes the results of a part, and prints the Markdown. */
export const writeResults = async (
	part: string,
	results: object,
	markdown: string,
): Promise<void> => {
	const facts = machine();
	const { node, cpu, cores, date } = facts;
	const text = `${markdown}\n\nNode.js ${node}, ${cores} × ${cpu}, ${date}.\n`;
	await mkdir(resultsFolder, { recursive: true });
	await writeFile(
		new URL(`${part}.json`, resultsFolder),
		`${JSON.stringify({ machine: facts, ...results }, null, "\t")}\n`,
	);
	await writeFile(new URL(`${part}.md`, resultsFolder), text);
	console.log(`\n${text}`);
};

/** Reads the results of a part; undefined if it has not run yet. */
export const readResults = async <Results>(
	part: string,
): Promise<(Results & { machine: Machine }) | undefined> => {
	try {
		return JSON.parse(
			await readFile(new URL(`${part}.json`, resultsFolder), "utf8"),
		) as Results & { machine: Machine };
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
};
