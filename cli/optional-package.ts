import { CommandError } from "./command-error.js";

/**
 * Imports packages that not everybody installs.
 *
 * @param feature what needs them, for the message
 * @param packages their names, separated by a blank
 * @throws CommandError with the command that installs them, if they are missing
 */
export const importOptional = async <Module>(
	load: () => Promise<Module>,
	feature: string,
	packages: string,
): Promise<Module> => {
	try {
		return await load();
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code !== "ERR_MODULE_NOT_FOUND") throw error;
		throw new CommandError(`${feature} needs ${packages.replace(" ", " and ")}: npm install ${packages}`);
	}
};
