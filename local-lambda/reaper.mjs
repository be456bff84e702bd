// Outlives the local Lambda by a moment: a stopped process cannot notice that its parent is gone, so another process has
// to end it. Reads lines "+pid FOLDER" and "-pid", where FOLDER is the control group of the process, if it has one. When
// the pipe closes, for whatever reason, it kills the processes that are left, removes the folders given as arguments,
// and exits.
import { rmdirSync, rmSync } from "node:fs";

/** @type {Map<number, string>} */
const groups = new Map();
let rest = "";

/** Retries, because the kernel needs a moment after the last process has ended. @param {string} folder */
const removeGroup = (folder, attempts = 50) => {
	try {
		if (folder) rmdirSync(folder);
	} catch (error) {
		if (error.code === "EBUSY" && attempts > 0) {
			setTimeout(removeGroup, 20, folder, attempts - 1);
		}
	}
};

process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
	const lines = (rest + chunk).split("\n");
	rest = lines.pop() ?? "";
	for (const line of lines) {
		const [id = "", folder = ""] = line.slice(1).split(" ");
		const pid = Number(id);
		if (line[0] === "+") {
			groups.set(pid, folder);
		} else {
			removeGroup(groups.get(pid) ?? "");
			groups.delete(pid);
		}
	}
});
process.stdin.on("close", () => {
	for (const [pid, folder] of groups) {
		try {
			process.kill(pid, "SIGKILL");
		} catch {
			// It has ended in the meantime.
		}
		removeGroup(folder);
	}
	for (const folder of process.argv.slice(2)) {
		rmSync(folder, { recursive: true, force: true });
	}
});
