import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const start = (folders: readonly string[]) =>
	spawn(
		process.execPath,
		[fileURLToPath(new URL("reaper.mjs", import.meta.url)), ...folders],
		// In a session of its own, so that a Ctrl-C meant for the parent does not end it first.
		{ detached: true, stdio: ["pipe", "ignore", "ignore"], env: {} },
	);

/** Sees to it that nothing outlives the local Lambda, even if that is killed. */
export class Watchdog {
	readonly #pids = new Set<number>();
	readonly #process: ReturnType<typeof start>;
	readonly #killAll = () => {
		for (const pid of this.#pids) {
			try {
				process.kill(pid, "SIGKILL");
			} catch {
				// It has ended, and nobody will come to hear of it.
			}
		}
	};

	/** @param folders removed at the end */
	constructor(folders: readonly string[]) {
		this.#process = start(folders);
		this.#process.unref();
		// If the watchdog itself was killed there is nothing to tell it; the exit hook remains.
		this.#process.stdin.on("error", () => {});
		process.on("exit", this.#killAll);
	}

	/** From now on the process ends with the local Lambda, and its control group, if it has one, with the process. */
	watch(pid: number, group = ""): void {
		this.#pids.add(pid);
		this.#process.stdin.write(`+${pid} ${group}\n`);
	}

	/** The process has ended: its id may soon be someone else's. */
	forget(pid: number): void {
		this.#pids.delete(pid);
		this.#process.stdin.write(`-${pid}\n`);
	}

	/** Ends the watchdog, and with it any process that is still watched. */
	async stop(): Promise<void> {
		process.off("exit", this.#killAll);
		if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
		this.#process.ref();
		this.#process.stdin.end();
		await once(this.#process, "exit");
	}
}
