/**
 * Which field of a table or of a JSON object holds what. Pure.
 *
 * @module
 */

import { parseTimestamp } from "./time.js";

/** One request as read. The parser reuses the object, since there may be ten million of them. */
export interface ParsedRequest {
	/** Epoch ms. */
	at: number;
	/** NaN if not known. */
	durationMs: number;
	/** How long its cold start took; NaN if it met none, or if nobody knows. */
	initMs: number;
	/** Empty if not known. */
	functionName: string;
}

/** A field's name and what a number in it stands for. */
export interface Column {
	readonly name: string;
	readonly msPerUnit: number;
}

/** The fields of a table that `plan` reads. */
export interface Columns {
	readonly timestamp: Column;
	readonly duration: Column | undefined;
	readonly init: Column | undefined;
	readonly functionName: Column | undefined;
	/** Whether the timestamp is the end of the request, as in Lambda's REPORT lines. */
	readonly isEnd: boolean;
}

/** Names in lower case, without anything but letters and digits; the best one first. */
const NAMES = {
	timestamp:
		"timestamp time datetime date ts start starttime startedat startat requesttime timelocal timeiso8601 eventtime epoch createdat at",
	duration:
		"duration latency elapsed responsetime requestduration processingtime targetprocessingtime took requesttime",
	init: "initduration init",
	functionName: "function functionname log loggroup lambda name service",
};

const MS_PER_UNIT: Readonly<Record<string, number>> = {
	ms: 1,
	millis: 1,
	milliseconds: 1,
	us: 0.001,
	micros: 0.001,
	microseconds: 0.001,
	s: 1000,
	sec: 1000,
	seconds: 1000,
};

/** `@initDuration` is `initduration`, and `Latency (ms)` is `latencyms`. */
const normalize = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");

/** The column of a kind; a unit at the end of its name counts. */
const findColumn = (names: readonly string[], kind: keyof typeof NAMES): Column | undefined => {
	const units = Object.keys(MS_PER_UNIT).join("|");
	for (const wanted of NAMES[kind].split(" ")) {
		const pattern = new RegExp(`^${wanted}(${units})?$`);
		for (const name of names) {
			const [matched, unit] = pattern.exec(normalize(name)) ?? [];
			// nginx's $request_time is in seconds.
			const usual = wanted === "requesttime" ? "s" : "ms";
			if (matched !== undefined) return { name, msPerUnit: MS_PER_UNIT[unit ?? usual] ?? 1 };
		}
	}
	return undefined;
};

/** The columns of a table; undefined if none of them is a timestamp. */
export const findColumns = (names: readonly string[]): Columns | undefined => {
	const timestamp = findColumn(names, "timestamp");
	if (!timestamp) return undefined;
	const others = names.filter((name) => name !== timestamp.name);
	return {
		timestamp,
		duration: findColumn(others, "duration"),
		init: findColumn(others, "init"),
		functionName: findColumn(others, "functionName"),
		isEnd: names.includes("@duration"),
	};
};

/** The text of a field; undefined if there is none. */
export type FieldReader = (column: Column) => string | undefined;

/** Reads a request from a record. Returns what is wrong with it; undefined if nothing is. */
export const readRequest = (columns: Columns, field: FieldReader, request: ParsedRequest): string | undefined => {
	const readMs = (column: Column | undefined): number => {
		const text = column && field(column);
		// A cold start's fields are empty for other requests.
		return column && text ? Number(text) * column.msPerUnit : Number.NaN;
	};
	const text = field(columns.timestamp);
	if (text === undefined) return `no ${columns.timestamp.name}`;
	request.at = parseTimestamp(text);
	if (Number.isNaN(request.at)) return `${columns.timestamp.name} is not a time`;
	request.durationMs = readMs(columns.duration);
	if (request.durationMs < 0) return `${columns.duration?.name} is negative`;
	request.initMs = readMs(columns.init);
	request.functionName = (columns.functionName && field(columns.functionName)) ?? "";
	if (columns.isEnd) request.at -= (request.durationMs || 0) + (request.initMs || 0);
	return undefined;
};
