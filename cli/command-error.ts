/** What the user is told in a sentence instead of a stack trace. */
export class CommandError extends Error {
	/** @param code the exit code: 1 where a claim did not hold, 2 where there was nothing to judge */
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

/** A whole number that an option was given. */
export const parseInteger = (option: string, text: string, least: number, most: number): number => {
	const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
	if (number >= least && number <= most) return number;
	throw usageError(`--${option} takes a whole number from ${least} to ${most}, got ${JSON.stringify(text)}`);
};

/** Loads an optional package; where it is not installed, says how to get it. */
export const importOptional = async <Module>(
	load: () => Promise<Module>,
	what: string,
	packages: string,
): Promise<Module> => {
	try {
		return await load();
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code !== "ERR_MODULE_NOT_FOUND") throw error;
		throw new CommandError(`${what} needs ${packages.replace(" ", " and ")}: npm install ${packages}`);
	}
};
