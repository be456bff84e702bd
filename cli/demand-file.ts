import { readFileSync, writeFileSync } from "node:fs";
import { createDemand, type Demand, mergeDemand } from "../src/demand/demand.js";
import { CommandError } from "./command-error.js";

/**
 * Reads what a ping hands over: a table that `--save` wrote, or the tables in one or more saved reports. Hours that are
 * more than a day old are left out.
 *
 * @throws CommandError if the file cannot be read or contains anything else
 */
export const readDemand = (file: string): Demand => {
	const now = Date.now();
	return parseValues(file)
		.map((value) => toTable(file, value))
		.map((table) => createDemand(now, (hour) => table[hour]))
		.reduce((one, other) => mergeDemand(one, other, now), {});
};

/** Writes a table for `--demand`. @throws CommandError if the file cannot be written */
export const saveDemand = (file: string, demand: Demand): void => {
	try {
		writeFileSync(file, `${JSON.stringify(demand)}\n`);
	} catch (error) {
		throw new CommandError(`could not save the demand: ${(error as Error).message}`);
	}
};

/** The JSON values in a file: one, or one for each line, as `--json` prints reports. */
const parseValues = (file: string): unknown[] => {
	let text: string;
	try {
		text = readFileSync(file, "utf8");
	} catch (error) {
		throw new CommandError(`--demand takes a file that can be read: ${(error as Error).message}`);
	}
	for (const parts of [[text], text.trim().split("\n")]) {
		try {
			return parts.map((part): unknown => JSON.parse(part));
		} catch {
			// Neither form, unless the other one fits.
		}
	}
	throw invalid(file, "is not JSON");
};

/** The table in a value: the value itself, or the part of a report. */
const toTable = (file: string, value: unknown): Record<string, unknown> => {
	const isReport = Object(value).action === "warmer-report";
	const table: unknown = isReport ? Object(value).demand : value;
	if (isReport && table === undefined) throw invalid(file, "is a report without a field demand, from before 0.3");
	if (typeof table !== "object" || table === null || Array.isArray(table)) throw invalid(file, "contains no table");
	const wrong = Object.entries(table).find(
		([hour, peak]) => !/^\d+$/.test(hour) || !Number.isInteger(peak) || peak < 1,
	);
	if (wrong) throw invalid(file, `contains ${JSON.stringify(wrong[0])}: ${JSON.stringify(wrong[1])}`);
	return table as Record<string, unknown>;
};

const invalid = (file: string, reason: string): CommandError =>
	new CommandError(
		`--demand takes a file that ping --save wrote, or a report that ping --json printed: ${file} ${reason}`,
	);
