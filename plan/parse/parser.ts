/**
 * Reads requests from text of any supported format, which its first line tells. Pure.
 *
 * @module
 */

import { ALB_LOG, COMMON_LOG, readAlbLog, readCommonLog } from "./access-log.js";
import type { ParsedRequest } from "./columns.js";
import { createCsvReader, isWithinQuotes, type RecordReader } from "./csv.js";
import { createJsonLinesReader, createObjectReader, parseJson, recordsOf } from "./json.js";
import { createRecorder, type Recorded } from "./recorder.js";

/** A text without requests that can be read, and why. */
export class ParseError extends Error {}

/** A line that could not be read. */
export interface BadLine {
	/** From 1; in a JSON document, that of the record. */
	readonly number: number;
	readonly text: string;
	readonly problem: string;
}

/** What a text contains. */
export interface Parsed extends Recorded {
	/** Lines that could not be read (count), and the first of them. */
	readonly badLineCount: number;
	readonly badLines: readonly BadLine[];
}

export interface ParserOptions {
	/** The function whose requests count; default: all. */
	readonly functionName?: string | undefined;
	/** Used where the text has no durations (ms). */
	readonly assumedDurationMs: number;
}

const SHOWN_BAD_LINES = 3;

/** A line is cut to this length (characters) where it is shown. */
const SHOWN_LENGTH = 80;

/** A quoted field does not go on for longer than this (characters): a quote is missing. */
const MAX_RECORD_LENGTH = 100_000;

const BYTE_ORDER_MARK = /^\uFEFF/;

/** Recognizes the format of lines; undefined if it is none. */
const recognize = (line: string): { isRecord: boolean; isCsv: boolean; read: RecordReader } | undefined => {
	if (COMMON_LOG.test(line)) return { isRecord: true, isCsv: false, read: readCommonLog };
	if (ALB_LOG.test(line)) return { isRecord: true, isCsv: false, read: readAlbLog };
	if (line.startsWith("{")) return { isRecord: true, isCsv: false, read: createJsonLinesReader() };
	const csv = createCsvReader(line);
	return csv && { ...csv, isCsv: true };
};

/** A document starts with a bracket, or with an object that does not end in its line. */
const isDocument = (line: string): boolean => {
	if (line.startsWith("[")) return true;
	if (!line.startsWith("{")) return false;
	const value = parseJson(line);
	return value === undefined || recordsOf(value) !== undefined;
};

/** Reads a text piece by piece. */
export const createParser = ({ functionName, assumedDurationMs }: ParserOptions) => {
	const recorder = createRecorder(functionName, assumedDurationMs);
	const request: ParsedRequest = { at: 0, durationMs: 0, initMs: 0, functionName: "" };
	const badLines: BadLine[] = [];
	let badLineCount = 0;
	let format: ReturnType<typeof recognize>;
	let document: string[] | undefined;
	let rest = "";
	let record = "";
	let lineNumber = 0;
	let recordNumber = 1;

	const settle = (problem: string | undefined, number: number, text: string): void => {
		if (problem === undefined) {
			recorder.add(request);
			return;
		}
		badLineCount++;
		if (badLines.length < SHOWN_BAD_LINES) badLines.push({ number, text: text.slice(0, SHOWN_LENGTH), problem });
	};

	const readFirst = (line: string): void => {
		if (isDocument(line)) {
			document = [line];
			return;
		}
		format = recognize(line);
		if (!format) {
			throw new ParseError(
				`line ${lineNumber} has no timestamp: ${JSON.stringify(line.slice(0, SHOWN_LENGTH))}. Expected a CSV header with a column such as timestamp, JSON lines, an export of CloudWatch Logs Insights, or an access log`,
			);
		}
		if (format.isRecord) settle(format.read(line, request), lineNumber, line);
	};

	const readLine = (text: string): void => {
		const line = text.endsWith("\r") ? text.slice(0, -1) : text;
		lineNumber++;
		if (document) {
			document.push(line);
			return;
		}
		if (record === "") {
			if (line === "" || line.trim() === "") return;
			if (!format) {
				readFirst(line.replace(BYTE_ORDER_MARK, ""));
				return;
			}
			recordNumber = lineNumber;
		}
		record = record === "" ? line : `${record}\n${line}`;
		if (format?.isCsv && record.length < MAX_RECORD_LENGTH && isWithinQuotes(record)) return;
		const whole = record;
		record = "";
		settle(format?.read(whole, request), recordNumber, whole);
	};

	const readDocument = (text: string): void => {
		const value = parseJson(text);
		if (value === undefined) throw new ParseError("starts like a JSON document, but is not one");
		const records = recordsOf(value);
		if (!records) throw new ParseError("is a JSON document without a list of requests");
		const read = createObjectReader();
		for (const [index, each] of records.entries()) settle(read(each, request), index + 1, JSON.stringify(each) ?? "");
	};

	return {
		/** @throws ParseError if the first line has no timestamp */
		push(text: string): void {
			let start = 0;
			for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
				const line = rest + text.slice(start, end);
				rest = "";
				readLine(line);
				start = end + 1;
			}
			rest += text.slice(start);
		},
		/** @throws ParseError if there are no requests */
		end(): Parsed {
			if (rest !== "") readLine(rest);
			if (record !== "") settle(format?.read(record, request), recordNumber, record);
			if (document) readDocument(document.join("\n"));
			return { ...recorder.end(), badLineCount, badLines };
		},
	};
};
