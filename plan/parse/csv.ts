/**
 * Tables as text: a header, then a record a line. Pure.
 *
 * @module
 */

import { type Column, findColumns, type ParsedRequest, readRequest } from "./columns.js";
import { parseTimestamp } from "./time.js";

/** Reads a request from a record. Returns what is wrong with it; undefined if nothing is. */
export type RecordReader = (record: string, request: ParsedRequest) => string | undefined;

const SEPARATORS = [",", "\t", ";"];

/** Splits a record into its fields. A quoted one may contain separators, and quotes that are doubled. */
export const splitRecord = (record: string, separator: string): string[] => {
	if (!record.includes('"')) return record.split(separator);
	const fields: string[] = [];
	let start = 0;
	while (start <= record.length) {
		if (record[start] === '"') {
			let end = record.indexOf('"', start + 1);
			while (end >= 0 && record[end + 1] === '"') end = record.indexOf('"', end + 2);
			if (end < 0) end = record.length;
			fields.push(record.slice(start + 1, end).replaceAll('""', '"'));
			start = end + 2;
		} else {
			const next = record.indexOf(separator, start);
			const end = next < 0 ? record.length : next;
			fields.push(record.slice(start, end));
			start = end + 1;
		}
	}
	return fields;
};

/** Whether a line ends within a quoted field, so that the record goes on in the next one. */
export const isWithinQuotes = (record: string): boolean => {
	let count = 0;
	for (let at = record.indexOf('"'); at >= 0; at = record.indexOf('"', at + 1)) count++;
	return count % 2 === 1;
};

/**
 * Makes the reader of a table from its first line; undefined if that names no timestamp.
 *
 * @returns whether the first line is a record itself, since there is no header, and the reader
 */
export const createCsvReader = (head: string): { isRecord: boolean; read: RecordReader } | undefined => {
	for (const separator of SEPARATORS) {
		const names = splitRecord(head, separator).map((name) => name.trim());
		const isHeader = findColumns(names) !== undefined;
		const first = names.findIndex((field) => !Number.isNaN(parseTimestamp(field)));
		const columns = findColumns(isHeader ? names : names.map((_, index) => (index === first ? "timestamp" : "")));
		if (!columns) continue;
		const indexOf = new Map(names.map((name, index) => [isHeader ? name : index === first ? "timestamp" : "", index]));
		let fields: string[] = [];
		const field = ({ name }: Column) => fields[indexOf.get(name) ?? -1];
		return {
			isRecord: !isHeader,
			read(record, request) {
				fields = splitRecord(record, separator);
				return readRequest(columns, field, request);
			},
		};
	}
	return undefined;
};
