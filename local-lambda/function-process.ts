import { type ChildProcess, spawn } from "node:child_process";
import { exitReason } from "./function-error.js";
import { readLines } from "./logs.js";
import type { Watchdog } from "./watchdog.js";

/** What becomes of a process. */
export interface ProcessHandlers {
	onLine: (line: string, defaultLevel: "INFO" | "ERROR") => void;
	/** The process has exited. */
	onExit: (reason: string) => void;
	/** The process could not be started. */
	onError: (error: Error) => void;
}

/**
 * Starts the process of an environment, under the watchdog.
 *
 * @param group folder of its control group
 */
export const startProcess = (
	[command, ...args]: readonly [string, ...string[]],
	env: Record<string, string>,
	group: string | undefined,
	watchdog: Watchdog,
	{ onLine, onExit, onError }: ProcessHandlers,
): ChildProcess => {
	const child = spawn(command, args, { cwd: env.LAMBDA_TASK_ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
	const { pid } = child;
	if (pid !== undefined) {
		watchdog.watch(pid, group);
		child.once("exit", () => watchdog.forget(pid));
	}
	child.once("error", onError);
	child.once("exit", (code, signal) => onExit(exitReason(code, signal)));
	readLines(child.stdout, (line) => onLine(line, "INFO"));
	readLines(child.stderr, (line) => onLine(line, "ERROR"));
	return child;
};
