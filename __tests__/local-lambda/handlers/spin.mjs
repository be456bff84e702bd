import { existsSync, readFileSync } from "node:fs";

const file = "/proc/self/cgroup";
const groups = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
const inInit = groups();

/** Is busy for so many ms, and tells what processor time it got of them, and its control groups. */
export const handler = async ({ ms }) => {
	const begun = process.cpuUsage().user;
	const end = Date.now() + ms;
	while (Date.now() < end);
	const cpuMs = (process.cpuUsage().user - begun) / 1000;
	return { cpuMs, inInit, inHandler: groups() };
};
