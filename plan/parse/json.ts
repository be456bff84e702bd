/**
 * JSON: an object a line, an array of objects, or the answer of CloudWatch Logs Insights. Pure.
 *
 * @module
 */

import { type Column, type Columns, findColumns, type ParsedRequest, readRequest } from "./columns.js";
import type { RecordReader } from "./csv.js";

/** Reads requests from objects whose fields are those of the first one that has a timestamp. */
export const createObjectReader = () => {
	let columns: Columns | undefined;
	let record: Readonly<Record<string, unknown>> = {};
	const field = ({ name }: Column): string | undefined => {
		const value = record[name];
		return value === undefined || value === null ? undefined : String(value);
	};
	return (value: unknown, request: ParsedRequest): string | undefined => {
		if (typeof value !== "object" || value === null) return "not an object";
		record = value as Record<string, unknown>;
		columns ??= findColumns(Object.keys(record));
		return columns ? readRequest(columns, field, request) : "no timestamp";
	};
};

/** Reads an object a line. */
export const createJsonLinesReader = (): RecordReader => {
	const readObject = createObjectReader();
	return (line, request) => {
		const value = parseJson(line);
		return value === undefined ? "not JSON" : readObject(value, request);
	};
};

/** The value of a JSON text; undefined if it is none. */
export const parseJson = (text: string): unknown => {
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
};

/** The records of a JSON document; undefined if it has none. */
export const recordsOf = (document: unknown): unknown[] | undefined => {
	const list = (document as { results?: unknown } | null)?.results ?? document;
	if (!Array.isArray(list)) return undefined;
	// `aws logs get-query-results` answers with a list of fields for each record.
	return list.map((record: unknown) =>
		Array.isArray(record)
			? Object.fromEntries(record.map(({ field, value }: { field: string; value: unknown }) => [field, value]))
			: record,
	);
};
