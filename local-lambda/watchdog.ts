import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const start = (folders: readonly string[]) =>
	spawn(
		process.execPath,
		[fileURLToPath(new URL("reaper.mjs", import.meta.url)), ...folders],
		// A separate session: otherwise a Ctrl-C for the parent would end the watchdog first.
		{ detached: true, stdio: ["pipe", "ignore", "ignore"], env: {} },
	);

/** Ends every process together with the local Lambda, even if the local Lambda is killed. */
export class Watchdog {
	readonly #pids = new Set<number>();
	readonly #process: ReturnType<typeof start>;
	readonly #killAll = () => {
		for (const pid of this.#pids) {
			try {
				process.kill(pid, "SIGKILL");
			} catch {
				// It has ended, and its exit will not be noticed any more.
			}
		}
	};

	/** @param folders folders to remove at the end */
	constructor(folders: readonly string[]) {
		this.#process = start(folders);
		this.#process.unref();
		// If the watchdog itself was killed, the exit hook remains.
		this.#process.stdin.on("error", () => {});
		process.on("exit", this.#killAll);
	}

	/** Watches a process. Its control group, if it has one, is removed once the process has ended. */
	watch(pid: number, group = ""): void {
		this.#pids.add(pid);
		this.#process.stdin.write(`+${pid} ${group}\n`);
	}

	/** The process has ended: its id may soon belong to another one. */
	forget(pid: number): void {
		this.#pids.delete(pid);
		this.#process.stdin.write(`-${pid}\n`);
	}

	/** Ends the watchdog, and every process that it still watches. */
	async stop(): Promise<void> {
		process.off("exit", this.#killAll);
		if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
		this.#process.ref();
		this.#process.stdin.end();
		await once(this.#process, "exit");
	}
}
