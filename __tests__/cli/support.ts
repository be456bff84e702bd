import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { LocalLambda } from "../../local-lambda/index.js";

export const patience = 120_000;

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The command as it is published. */
export const commandLine = join(root, "dist/cli/index.js");

const started = new Set<ChildProcess>();

/** A command line that is running, without a terminal. */
export interface Run {
	child: ChildProcess;
	stdout: string;
	stderr: string;
	/** Resolves with the exit code. */
	ended: Promise<number | null>;
}

/** Starts `middy-lambda-warmer` with these arguments, from the repository's root. */
export const start = (
	args: readonly string[],
	variables: Record<string, string | undefined> = {},
	file = commandLine,
): Run => {
	const { NODE_OPTIONS: _, COLUMNS: __, ...env } = process.env;
	const child = spawn(process.execPath, [file, ...args], {
		cwd: root,
		env: { ...env, ...variables },
		stdio: ["ignore", "pipe", "pipe"],
	});
	started.add(child);
	const run: Run = {
		child,
		stdout: "",
		stderr: "",
		ended: once(child, "close").then(([code]) => code as number | null),
	};
	child.stdout.setEncoding("utf8").on("data", (text) => {
		run.stdout += text;
	});
	child.stderr.setEncoding("utf8").on("data", (text) => {
		run.stderr += text;
	});
	return run;
};

/** How a command comes to call a local Lambda in the place of AWS. */
export const variablesOf = (lambda: LocalLambda): Record<string, string> => ({
	...lambda.variables,
	AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
});

/** Ends what a failed test has left. */
export const killStarted = (): void => {
	for (const child of started) child.kill("SIGKILL");
	started.clear();
};

/** Path of a handler that these tests share. */
export const handlerPath = (file: string): string => fileURLToPath(new URL(`handlers/${file}`, import.meta.url));
