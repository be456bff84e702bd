/**
 * A fraction of a processor for one process, as a function has by its memory.
 *
 * @module
 */

import { mkdir, readFile, rmdir, writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";

/** A function has one processor at so many MB; with less, proportionally less of it. */
const mbPerProcessor = 1769;

/** In this period (ms) Lambda hands out processor time. */
const periodMs = 20;

/** Keeps processes to a fraction of a processor. */
export interface CpuQuota extends AsyncDisposable {
	/** How it does that. */
	readonly method: string;
	/** From now on this process has no more than its fraction. */
	confine(pid: number): Promise<void>;
	/** Runs something during which the confined process works. It may run free before and after, but is idle then. */
	during<Value>(work: () => Promise<Value>): Promise<Value>;
}

const name = `middy-lambda-warmer-bench-${process.pid}`;

/** A control group, made by writing these files of its folder. Fails where the user may not, or the system has none. */
const controlGroup = async (
	root: string,
	files: Record<string, string>,
	method: string,
): Promise<CpuQuota> => {
	const folder = `${root}/${name}`;
	await mkdir(folder);
	const remove = async () => {
		// The kernel needs a moment after the last process has gone.
		for (let attempt = 0; attempt < 50; attempt++) {
			const processes = await readFile(`${folder}/cgroup.procs`, "utf8");
			if (processes === "") break;
			await wait(100);
		}
		await rmdir(folder);
	};
	try {
		for (const [file, content] of Object.entries(files)) {
			// The kernel makes the files; where it does not, this is no control group.
			await writeFile(`${folder}/${file}`, content, { flag: "r+" });
		}
	} catch (error) {
		await rmdir(folder);
		throw error;
	}
	return {
		method,
		confine: (pid) =>
			writeFile(`${folder}/cgroup.procs`, String(pid), { flag: "r+" }),
		during: (work) => work(),
		[Symbol.asyncDispose]: remove,
	};
};

/** Stops and continues the process within each period. Coarser than a quota: time that it slept through is lost to it. */
const dutyCycle = (fraction: number): CpuQuota => {
	const pids = new Set<number>();
	const signal = (name: "SIGSTOP" | "SIGCONT") => {
		for (const pid of pids) process.kill(pid, name);
	};
	return {
		method: "stopped and continued in periods of 20 ms",
		async confine(pid) {
			pids.add(pid);
		},
		async during(work) {
			let over = false;
			const cycle = async () => {
				while (!over) {
					signal("SIGCONT");
					await wait(fraction * periodMs);
					// A process that was let go in the meantime must not stay stopped.
					if (over) break;
					signal("SIGSTOP");
					await wait((1 - fraction) * periodMs);
				}
			};
			const cycling = cycle();
			try {
				return await work();
			} finally {
				over = true;
				await cycling;
				signal("SIGCONT");
			}
		},
		async [Symbol.asyncDispose]() {
			pids.clear();
		},
	};
};

/** A quota as a function of this memory has, by the best means of this machine. */
export const cpuQuota = async (memoryMb: number): Promise<CpuQuota> => {
	const fraction = memoryMb / mbPerProcessor;
	const period = 1000 * periodMs;
	const quota = Math.round(fraction * period);
	const attempts = [
		() =>
			controlGroup(
				"/sys/fs/cgroup",
				{ "cpu.max": `${quota} ${period}` },
				"control group (version 2)",
			),
		() =>
			controlGroup(
				"/sys/fs/cgroup/cpu",
				{ "cpu.cfs_period_us": `${period}`, "cpu.cfs_quota_us": `${quota}` },
				"control group (version 1)",
			),
	];
	for (const attempt of attempts) {
		try {
			return await attempt();
		} catch {
			// Not this way on this machine: the next one.
		}
	}
	return dutyCycle(fraction);
};
