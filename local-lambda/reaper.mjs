// Outlives the local Lambda by a moment: a stopped process cannot notice that its parent is gone, so someone else has
// to end it. Reads "+pid" and "-pid" lines; when the pipe closes, for whatever reason, kills what is left and ends.
const pids = new Set();
let rest = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
	const lines = (rest + chunk).split("\n");
	rest = lines.pop() ?? "";
	for (const line of lines) {
		const pid = Number(line.slice(1));
		if (line[0] === "+") pids.add(pid);
		else pids.delete(pid);
	}
});
process.stdin.on("close", () => {
	for (const pid of pids) {
		try {
			process.kill(pid, "SIGKILL");
		} catch {
			// It has ended in the meantime.
		}
	}
});
