import { randomUUID } from "node:crypto";
import { rmdirSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import type { ConfinementMethod } from "./types.js";

/** Memory of a function with one full core; others have a proportional share (developer guide, "Memory"). */
const MB_PER_CORE = 1769;

/** Lambda hands out processor time in periods of this length. */
const PERIOD_US = 20_000;

interface Mechanism {
	method: ConfinementMethod;
	root: string;
	/** File to content, for so many µs in each period. */
	files: (quotaUs: number) => Record<string, string>;
}

const MECHANISMS: Mechanism[] = [
	{
		method: "control group, version 2",
		root: "/sys/fs/cgroup",
		files: (quotaUs) => ({ "cpu.max": `${quotaUs} ${PERIOD_US}` }),
	},
	{
		method: "control group, version 1",
		root: "/sys/fs/cgroup/cpu",
		files: (quotaUs) => ({ "cpu.cfs_period_us": `${PERIOD_US}`, "cpu.cfs_quota_us": `${quotaUs}` }),
	},
];

const createGroup = async ({ root, files }: Mechanism, memoryMb: number) => {
	const folder = `${root}/middy-lambda-warmer-${randomUUID()}`;
	const quotaUs = Math.round((memoryMb / MB_PER_CORE) * PERIOD_US);
	await mkdir(folder);
	try {
		for (const [file, content] of Object.entries(files(quotaUs))) {
			// The kernel creates the files. If it does not, the folder is not a control group.
			await writeFile(`${folder}/${file}`, content, { flag: "r+" });
		}
	} catch (error) {
		rmdirSync(folder);
		throw error;
	}
	return folder;
};

/** Gives processes the share of a core that belongs to a memory size. */
export interface Confinement {
	readonly method: ConfinementMethod;
	/**
	 * Makes a control group with the share of so many MB, and resolves with its folder; undefined if the system has none.
	 */
	group(memoryMb: number): Promise<string | undefined>;
}

/** No process is limited. */
export const NO_CONFINEMENT: Confinement = { method: "none", group: async () => undefined };

/** Finds the mechanism that this machine offers. */
export const findConfinement = async (): Promise<Confinement> => {
	for (const mechanism of MECHANISMS) {
		try {
			rmdirSync(await createGroup(mechanism, MB_PER_CORE));
			return { method: mechanism.method, group: (memoryMb) => createGroup(mechanism, memoryMb) };
		} catch {
			// The user lacks permission, or the system does not have this mechanism.
		}
	}
	return NO_CONFINEMENT;
};

/** Puts a process into a control group. Does nothing if the process has ended. */
export const confine = async (group: string, pid: number): Promise<void> => {
	try {
		await writeFile(`${group}/cgroup.procs`, `${pid}`, { flag: "r+" });
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
	}
};
