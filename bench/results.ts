/** Writes results as JSON into `bench/results/`, and as sections of docs/benchmarks.md. */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { cpus, tmpdir } from "node:os";
import { pathToFileURL } from "node:url";
import { median } from "../cli/statistics.js";
import { runWorker, workerFile } from "./worker.js";

/** The machine that measured. */
export interface Machine {
	cpu: string;
	cores: number;
	/** Processor time that it takes to load the AWS SDK (ms, median): how fast a core was at the time. */
	sdkLoadMs: number;
	date: string;
}

const sdkLoadMs = async (): Promise<number> => {
	const printed: number[] = [];
	while (printed.length < 7) printed.push(Number(await runWorker(workerFile("sdk-load.mjs"), [])));
	return Math.round(median(printed));
};

/** Settings from the command line. Only a run with the defaults changes committed results. */
export interface Settings {
	/** A smoke test with as few measurements as possible. */
	quick: boolean;
	seed: number;
	/** Consecutive pings. Default: the part's. */
	pings: number | undefined;
	/** Function memory in MB. Default: the part's. */
	memory: number[] | undefined;
	/** Environments requested. Default: the part's. */
	concurrency: number[] | undefined;
	/** A file of requests, or a folder of traces. Default: the part's. */
	traces: string | undefined;
}

/** Measurements that make up one section of the page. */
export interface Part<Results> {
	title: string;
	measure(settings: Settings): Promise<Results>;
	markdown(results: Results): string;
}

export const keptResults = new URL("results/", import.meta.url);
const otherResults = pathToFileURL(`${tmpdir()}/middy-lambda-warmer-bench/`);

/** The committed results of a part; undefined if there are none. */
export const readResults = async <Results>(name: string): Promise<(Results & { machine: Machine }) | undefined> => {
	try {
		return JSON.parse(await readFile(new URL(`${name}.json`, keptResults), "utf8")) as Results & { machine: Machine };
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
};

/** A part as the command line sees it. */
export const runnable = <Results extends object>(name: string, { title, measure, markdown }: Part<Results>) => {
	const print = ({ machine, ...results }: Results & { machine: Machine }) =>
		[
			`## ${title}`,
			markdown(results as Results),
			`${machine.cores} × ${machine.cpu}, ${machine.date}; a core loads the AWS SDK in ${machine.sdkLoadMs} ms. [All numbers](../bench/results/${name}.json)`,
		].join("\n\n");
	return {
		name,
		/** Measures, writes the results down and prints them. */
		async run(settings: Settings, keep: boolean): Promise<void> {
			const folder = keep ? keptResults : otherResults;
			const machine: Machine = {
				cpu: cpus()[0]?.model ?? "unknown",
				cores: cpus().length,
				sdkLoadMs: await sdkLoadMs(),
				date: new Date().toISOString().slice(0, 10),
			};
			const results = { machine, ...(await measure(settings)) };
			await mkdir(folder, { recursive: true });
			const file = new URL(`${name}.json`, folder);
			await writeFile(file, `${JSON.stringify(results, null, "\t")}\n`);
			console.log(`\n${print(results)}\n\n${file.pathname}`);
		},
		/** The section of the committed results, if there are any. */
		async section(): Promise<string | undefined> {
			const results = await readResults<Results>(name);
			return results && print(results);
		},
	};
};
