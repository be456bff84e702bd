import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { WarmupReport } from "middy-lambda-warmer";
import type { LocalLambda } from "../../local-lambda/index.js";

export const patience = 120_000;

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The command as published. */
export const commandLine = join(root, "dist/cli/index.js");

const started = new Set<ChildProcess>();

/** A running command, without a terminal. */
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

/** The variables that make a command call a local Lambda instead of AWS. */
export const variablesOf = (lambda: LocalLambda): Record<string, string> => ({
	...lambda.variables,
	AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: "true",
});

/** Ends the commands that a failed test has left running. */
export const killStarted = (): void => {
	for (const child of started) child.kill("SIGKILL");
	started.clear();
};

/** Path of a handler of these tests. */
export const handlerPath = (file: string): string => fileURLToPath(new URL(`handlers/${file}`, import.meta.url));

/** The report of a ping that warmed all of five environments, from a version without demand. */
export const report: WarmupReport = {
	action: "warmer-report",
	function: "orders:7",
	target: "orders:prod",
	correlationId: "id",
	requested: 5,
	warmed: 5,
	cold: 1,
	unverified: 0,
	throttled: 0,
	failed: 0,
	timedOut: 0,
	rounds: 2,
	delay: 46,
	durationMs: 96,
	protocol: "h2",
	errors: [],
};
