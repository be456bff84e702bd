import { randomUUID } from "node:crypto";
import { rmdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import type { ConfinementMethod } from "./types.js";

/** A function has one processor at so many MB; with less, proportionally less of it. */
const MB_PER_PROCESSOR = 1769;

/** In this period Lambda hands out processor time. */
const PERIOD_US = 20_000;

interface Kind {
	method: ConfinementMethod;
	root: string;
	/** What to write into which file for so many µs in each period. */
	files: (quota: number) => Record<string, string>;
}

const kinds: Kind[] = [
	{
		method: "control group, version 2",
		root: "/sys/fs/cgroup",
		files: (quota) => ({ "cpu.max": `${quota} ${PERIOD_US}` }),
	},
	{
		method: "control group, version 1",
		root: "/sys/fs/cgroup/cpu",
		files: (quota) => ({ "cpu.cfs_period_us": `${PERIOD_US}`, "cpu.cfs_quota_us": `${quota}` }),
	},
];

const makeGroup = async ({ root, files }: Kind, memoryMb: number) => {
	const folder = `${root}/middy-lambda-warmer-${randomUUID()}`;
	const quota = Math.round((memoryMb / MB_PER_PROCESSOR) * PERIOD_US);
	await mkdir(folder);
	try {
		for (const [file, content] of Object.entries(files(quota))) {
			// The kernel makes the files; where it does not, this is no control group.
			await writeFile(`${folder}/${file}`, content, { flag: "r+" });
		}
	} catch (error) {
		rmdirSync(folder);
		throw error;
	}
	return folder;
};

/** Gives processes the share of a processor that goes with a memory size. */
export interface Confinement {
	readonly method: ConfinementMethod;
	/**
	 * Makes a control group with the share of so many MB, and resolves with its folder; undefined if there is no means.
	 */
	group(memoryMb: number): Promise<string | undefined>;
}

/** Nobody is confined. */
export const NO_CONFINEMENT: Confinement = { method: "none", group: async () => undefined };

/** Finds the means of this machine. */
export const findConfinement = async (): Promise<Confinement> => {
	for (const kind of kinds) {
		try {
			rmdirSync(await makeGroup(kind, MB_PER_PROCESSOR));
			return { method: kind.method, group: (memoryMb) => makeGroup(kind, memoryMb) };
		} catch {
			// The user may not, or the system has none of this kind.
		}
	}
	return NO_CONFINEMENT;
};

/** Puts a process into a control group. Does nothing if it has ended. */
export const confine = async (group: string, pid: number): Promise<void> => {
	try {
		await writeFile(`${group}/cgroup.procs`, `${pid}`, { flag: "r+" });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
};
