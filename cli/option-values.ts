import { statSync } from "node:fs";
import { dirname } from "node:path";
import { usageError } from "./command-error.js";

/** Parses the value of an option that is an integer. @throws CommandError if it is not one from `min` to `max` */
export const parseInteger = (option: string, text: string, min: number, max: number): number => {
	const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
	if (number >= min && number <= max) return number;
	throw usageError(`--${option} takes an integer from ${min} to ${max}, got ${JSON.stringify(text)}`);
};

const MS_PER_UNIT = { ms: 1, s: 1000, m: 60_000 };

/** Parses the value of an option that is a duration, in ms. @throws CommandError if it has no number or no unit */
export const parseDurationMs = (option: string, text: string): number => {
	const [, number, unit] = /^(\d{1,6})(ms|s|m)$/.exec(text) ?? [];
	if (unit === undefined) {
		throw usageError(`--${option} takes a duration such as 500ms, 2s or 5m, got ${JSON.stringify(text)}`);
	}
	return Number(number) * MS_PER_UNIT[unit as keyof typeof MS_PER_UNIT];
};

/** Checks, before the work begins, that an option names a file that can be written. @throws CommandError if not */
export const checkWritable = (option: string, file: string): void => {
	const folder = file === "" ? undefined : statSync(dirname(file), { throwIfNoEntry: false });
	if (!folder?.isDirectory()) {
		throw usageError(`--${option} takes a file in an existing folder, got ${JSON.stringify(file)}`);
	}
};
