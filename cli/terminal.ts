import { styleText } from "node:util";

/** How a segment looks in a terminal that shows colors. */
export type Style = "bold" | "dim" | "yellow" | "magenta" | "green";

/** Text in one style. */
export interface Segment {
	text: string;
	style?: Style;
}

/** One line of output. */
export type Line = string | readonly Segment[];

/** Where a command's output goes. */
export interface Terminal {
	/** In characters, from 60 to 120. */
	width: number;
	/** Prints lines unchanged. */
	say(...lines: Line[]): void;
	/** Prints sentences, each wrapped to the width. */
	tell(...sentences: string[]): void;
	/** Prints a blank line and a wrapped headline. */
	heading(text: string): void;
	/** Prints lines to standard error. */
	warn(...lines: string[]): void;
	/**
	 * Shows what the command is waiting for and for how long, until the next output. Only on a terminal, and on standard
	 * error, so that standard output stays clean.
	 */
	status(text: string): void;
	/** Removes the status. */
	clearStatus(): void;
}

/** The part of a stream that a terminal uses. */
export type Output = Pick<NodeJS.WriteStream, "write"> &
	Partial<Pick<NodeJS.WriteStream, "isTTY" | "columns" | "hasColors">>;

/**
 * Control characters and the marks that reorder text, apart from tab and newline. Answers, logs and error messages come
 * from elsewhere; raw, they could clear the screen or rewrite earlier lines.
 */
const UNSAFE = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]/gu;

/** Makes control characters visible, in the notation of JSON: valid JSON keeps its meaning. */
export const escapeControls = (text: string): string =>
	text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** A line as the terminal gets it: text is escaped before it is styled. */
export const render = (line: Line, color: boolean): string => {
	if (typeof line === "string") return escapeControls(line);
	return line
		.map(({ text, style }) => {
			const safe = escapeControls(text);
			return color && style && safe ? styleText(style, safe, { validateStream: false }) : safe;
		})
		.join("");
};

/** Breaks a text at its blanks. Only a line that consists of one long word exceeds the width. */
export const wrap = (text: string, width: number): string[] => {
	const lines: string[] = [];
	const indent = /^ */.exec(text)?.[0] ?? "";
	let line = indent;
	for (const word of text.trim().split(/\s+/)) {
		if (line.trim() && line.length + 1 + word.length > width) {
			lines.push(line);
			line = indent;
		}
		line += line.trim() ? ` ${word}` : word;
	}
	return [...lines, line];
};

/** For pipes, and for terminals that report 0 columns. */
const DEFAULT_COLUMNS = 80;

const CLEAR_LINE = "\r\u001b[2K";

/** A status line with the seconds since it was set. */
const createStatusLine = (stream: Output) => {
	let timer: NodeJS.Timeout | undefined;
	const clear = () => {
		if (timer === undefined) return;
		clearInterval(timer);
		timer = undefined;
		stream.write(CLEAR_LINE);
	};
	return {
		show(text: string) {
			if (!stream.isTTY || process.env.TERM === "dumb") return;
			clear();
			const startedAt = performance.now();
			const draw = () => {
				const seconds = Math.floor((performance.now() - startedAt) / 1000);
				const line = `${escapeControls(text)} … ${seconds} s`;
				// A line that wraps could not be cleared.
				stream.write(CLEAR_LINE + line.slice(0, (stream.columns || DEFAULT_COLUMNS) - 1));
			};
			draw();
			timer = setInterval(draw, 1000).unref();
		},
		clear,
	};
};

/**
 * A terminal on these streams. There is color if standard output is a terminal that shows colors and neither `NO_COLOR`
 * nor `NODE_DISABLE_COLORS` is set.
 */
export const createTerminal = (stdout: Output = process.stdout, stderr: Output = process.stderr): Terminal => {
	const columns = stdout.columns || Number(process.env.COLUMNS) || DEFAULT_COLUMNS;
	const width = Math.min(120, Math.max(60, columns));
	const color = stdout.isTTY === true && stdout.hasColors?.() === true;
	const statusLine = createStatusLine(stderr);
	const say = (...lines: Line[]) => {
		statusLine.clear();
		for (const line of lines) stdout.write(`${render(line, color)}\n`);
	};
	const wrapped = (text: string) => wrap(escapeControls(text), width);
	return {
		width,
		say,
		tell: (...sentences) => say(...sentences.flatMap(wrapped)),
		heading: (text) => say("", ...wrapped(text).map((line): Line => [{ text: line, style: "bold" }])),
		warn(...lines) {
			statusLine.clear();
			for (const line of lines) stderr.write(`${escapeControls(line)}\n`);
		},
		status: statusLine.show,
		clearStatus: statusLine.clear,
	};
};

/** A duration for people, in ms: whole, or with one decimal below 10. */
export const formatMs = (value: number): string =>
	value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 1 : 0 });
