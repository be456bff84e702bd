#!/usr/bin/env node
/**
 * `middy-lambda-warmer`: shows what a ping does, to a handler on this machine or to a deployed function.
 *
 * @module
 */

import { constants } from "node:os";
import { CommandError, usageError } from "./command-error.js";
import { createTerminal, type Terminal } from "./terminal.js";

const usage = `Usage: middy-lambda-warmer <command> [options]

Commands:
  try <file>   run a handler on a local Lambda: cold starts before and after a ping
  ping <name>  ping a deployed function, and print its report
  plan <file>  read when requests came: is a warmer worth it, and for how many?

Run a command with --help to see its options.`;

interface Command {
	usage: string;
	/**
	 * Resolves with the exit code.
	 *
	 * @param signal ends the command early; it then rejects, and leaves nothing running
	 */
	run(args: string[], signal: AbortSignal, terminal: Terminal): Promise<number>;
}

const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
	try: () => import("./try-command.js"),
	ping: () => import("./ping-command.js"),
	plan: () => import("./plan-command.js"),
};

/** The exit code that shells report for SIGPIPE. Windows has no such signal. */
const BROKEN_PIPE = 141;

const terminal = createTerminal();
const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
	process.on(name, () => {
		process.exitCode = 128 + constants.signals[name];
		interruption.abort(new CommandError("interrupted"));
	});
}
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
	if (error.code !== "EPIPE") throw error;
	// The reader has closed the pipe (`| head`), which is not an error of the command.
	process.exitCode = BROKEN_PIPE;
	interruption.abort();
});

const main = async ([name = "--help", ...args]: string[]): Promise<number> => {
	if (name === "--help") {
		terminal.say(usage);
		return 0;
	}
	const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
	if (!load) throw usageError(`unknown command ${name}`);
	const command = await load();
	if (args.includes("--help")) {
		terminal.say(command.usage);
		return 0;
	}
	return command.run(args, interruption.signal, terminal);
};

/** The message and exit code of an error. A defect of the command keeps its stack trace. */
const describe = (error: unknown): { message: string; code: number } => {
	if (error instanceof CommandError) return error;
	const { code, message, stack } = error as NodeJS.ErrnoException;
	if (code?.startsWith("ERR_PARSE_ARGS")) return usageError(message.split(/\.\s/, 1).join());
	return { message: stack ?? String(error), code: 2 };
};

try {
	const code = await main(process.argv.slice(2));
	process.exitCode ??= code;
} catch (error) {
	const { signal } = interruption;
	// A closed pipe has no reason of this kind, and nobody to read a message.
	if (!signal.aborted || signal.reason instanceof CommandError) {
		const { message, code } = describe(signal.aborted ? signal.reason : error);
		terminal.warn(`middy-lambda-warmer: ${message}`);
		process.exitCode ??= code;
	}
} finally {
	terminal.clearStatus();
}
