#!/usr/bin/env node
/**
 * `middy-lambda-warmer`: what a ping does to a handler of one's own, and to a deployed function.
 *
 * @module
 */

import { constants } from "node:os";
import { CommandError, usageError } from "./command-error.js";

const usage = `Usage: middy-lambda-warmer <command> [options]

Commands:
  try <file>   serve a handler on a local Lambda: cold starts before and after a ping
  ping <name>  ping a deployed function, and print its report

Each has a --help of its own.`;

/** A command resolves with its exit code. */
interface Command {
	usage: string;
	/** @param signal ends it early; it then rejects, and leaves nothing running */
	run(args: string[], signal: AbortSignal): Promise<number>;
}

const commands: Readonly<Record<string, () => Promise<Command>>> = {
	try: () => import("./try-command.js"),
	ping: () => import("./ping-command.js"),
};

/** As a shell says it of SIGPIPE, which Windows does not know. */
const noReader = 141;

const interruption = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
	process.on(name, () => {
		process.exitCode = 128 + constants.signals[name];
		interruption.abort(new CommandError("interrupted"));
	});
}
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
	if (error.code !== "EPIPE") throw error;
	// Whoever reads this has read enough (`| head`); nobody is told.
	process.exitCode = noReader;
	interruption.abort(undefined);
});

const main = async ([name = "--help", ...args]: string[]): Promise<number> => {
	if (name === "--help") {
		console.log(usage);
		return 0;
	}
	const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
	if (!load) throw new CommandError(`there is no command ${name} (see --help)`);
	const command = await load();
	if (args.includes("--help")) {
		console.log(command.usage);
		return 0;
	}
	return command.run(args, interruption.signal);
};

/** What the user is told of an error; what is nobody's mistake but ours keeps its stack trace. */
const toCommandError = (error: unknown): CommandError => {
	if (error instanceof CommandError) return error;
	const { code, message } = error as NodeJS.ErrnoException;
	if (!code?.startsWith("ERR_PARSE_ARGS")) throw error;
	return usageError(message.split(/\.\s/, 1).join());
};

try {
	const code = await main(process.argv.slice(2));
	process.exitCode ??= code;
} catch (error) {
	const { signal } = interruption;
	if (!signal.aborted || signal.reason instanceof CommandError) {
		const { message, code } = toCommandError(signal.aborted ? signal.reason : error);
		console.error(`middy-lambda-warmer: ${message}`);
		process.exitCode ??= code;
	}
}
