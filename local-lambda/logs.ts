import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** One line that an environment wrote to its standard output or error. */
export interface LogLine {
	environment: string;
	functionName: string;
	requestId?: string;
	/** `TRACE` to `FATAL`. A line without structure counts as `INFO`, or on standard error as `ERROR`. */
	level: string;
	/** What was logged: an object as it is, anything else as text. */
	message: unknown;
	/** When the line was read, in ms since the start of the local Lambda. */
	time: number;
}

/** Calls back with each line of a stream as soon as it is read, including an unfinished last one. */
export const readLines = (stream: Readable, onLine: (line: string) => void): void => {
	const decoder = new StringDecoder("utf8");
	let rest = "";
	stream.on("data", (chunk: Buffer) => {
		const lines = (rest + decoder.write(chunk)).split("\n");
		rest = lines.pop() ?? "";
		for (const line of lines) if (line) onLine(line);
	});
	stream.on("end", () => {
		if (rest) onLine(rest);
	});
};

const parseObject = (line: string): Record<string, unknown> | undefined => {
	if (!line.startsWith("{")) return undefined;
	try {
		return JSON.parse(line);
	} catch {
		return undefined;
	}
};

/**
 * Reads a line in Lambda's JSON log format. Any other JSON object is the message as a whole: it comes from a logging
 * library that bypasses `console`.
 */
export const parseLine = (line: string, defaultLevel: string): Pick<LogLine, "level" | "message" | "requestId"> => {
	const entry = parseObject(line);
	if (!entry) return { level: defaultLevel, message: line };
	const level = typeof entry.level === "string" ? entry.level : defaultLevel;
	const { requestId } = entry;
	if (typeof requestId !== "string" || !("message" in entry)) {
		return { level, message: entry };
	}
	return requestId === "-" || requestId === ""
		? { level, message: entry.message }
		: { level, message: entry.message, requestId };
};
