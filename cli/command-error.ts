/** An error that the user sees as one message, without a stack trace. */
export class CommandError extends Error {
	/** @param code exit code: 1 if environments are not known to be warm, 2 if nothing could be tested */
	constructor(
		message: string,
		readonly code: 1 | 2 = 2,
	) {
		super(message);
	}
}

/** A mistake in the command line. */
export const usageError = (message: string): CommandError =>
	new CommandError(`${message.replace(/\.$/, "")} (see --help)`);
