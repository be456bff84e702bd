import { beforeAll, describe, expect, test } from "@jest/globals";
import { createTerminal, escapeControls, type Output, render, wrap } from "../../cli/terminal.js";

/** A stream that keeps what is written. */
const createOutput = (properties: Partial<Output> = {}) => {
	const output = {
		...properties,
		text: "",
		write(text: string) {
			output.text += text;
			return true;
		},
	};
	return output;
};

beforeAll(() => {
	delete process.env.COLUMNS;
});

/** Clears the screen and sets the window's title. */
const HOSTILE = "\u001b[2J\u001b]0;owned\u0007";

describe("text from elsewhere", () => {
	test("cannot control the terminal, wherever it is printed", () => {
		const [stdout, stderr] = [createOutput({ isTTY: true, hasColors: () => true }), createOutput({ isTTY: true })];
		const terminal = createTerminal(stdout, stderr);
		terminal.say(HOSTILE, [{ text: HOSTILE }]);
		terminal.tell(HOSTILE);
		terminal.warn(HOSTILE);
		terminal.status(HOSTILE);
		terminal.clearStatus();
		expect(stdout.text).toBe("\\u001b[2J\\u001b]0;owned\\u0007\n".repeat(3));
		expect(stderr.text.replaceAll("\r\u001b[2K", "")).not.toMatch(/(?!\n)\p{Cc}/u);
	});

	test("cannot end or change the style that it is printed in", () => {
		expect(render([{ text: "\u001b[0mred\u001b[31m", style: "dim" }], true)).toBe(
			"\u001b[2m\\u001b[0mred\\u001b[31m\u001b[22m",
		);
	});

	test.each([
		["a carriage return, which would overwrite the line", "a\rb", "a\\u000db"],
		["C1 controls, which some terminals take for escape sequences", "\u009b2J", "\\u009b2J"],
		["delete", "\u007f", "\\u007f"],
		["marks that reorder text", "\u202etxt.exe\u2066", "\\u202etxt.exe\\u2066"],
	])("has %s escaped", (_, text, escaped) => {
		expect(escapeControls(text)).toBe(escaped);
	});

	test("keeps tabs, line breaks and all that is printable", () => {
		const text = "Zoë\t→ 日本語 🎉\n  at handler";
		expect(escapeControls(text)).toBe(text);
	});

	test("remains the same value if it is JSON", () => {
		const json = JSON.stringify({ message: `${HOSTILE}\u009b\u007f\u202e` });
		expect(JSON.parse(escapeControls(json))).toEqual(JSON.parse(json));
	});
});

describe("color", () => {
	const line = [{ text: "plain " }, { text: "green", style: "green" as const }];

	test.each([
		["a terminal with colors", { isTTY: true, hasColors: () => true }, "plain \u001b[32mgreen\u001b[39m\n"],
		["a terminal without, as with NO_COLOR", { isTTY: true, hasColors: () => false }, "plain green\n"],
		["a pipe", {}, "plain green\n"],
	])("on %s", (_, properties, text) => {
		const stdout = createOutput(properties);
		createTerminal(stdout).say(line);
		expect(stdout.text).toBe(text);
	});
});

describe("the status", () => {
	test("goes to standard error and is removed before other output", () => {
		const [stdout, stderr] = [createOutput(), createOutput({ isTTY: true, columns: 80 })];
		const terminal = createTerminal(stdout, stderr);
		terminal.status("Pinging orders");
		expect(stderr.text).toMatch(/Pinging orders … 0 s$/);
		terminal.say("done");
		expect(stderr.text.endsWith("0 s\r\u001b[2K")).toBe(true);
		expect(stdout.text).toBe("done\n");
		const before = stderr.text;
		terminal.clearStatus();
		expect(stderr.text).toBe(before);
	});

	test("is never longer than a line, which is all that can be cleared", () => {
		const stderr = createOutput({ isTTY: true, columns: 20 });
		const terminal = createTerminal(createOutput(), stderr);
		terminal.status("a".repeat(50));
		terminal.clearStatus();
		expect(stderr.text.split("\r\u001b[2K")).toEqual(["", "a".repeat(19), ""]);
	});

	test("is not shown where standard error is not a terminal", () => {
		const stderr = createOutput();
		createTerminal(createOutput(), stderr).status("Pinging orders");
		expect(stderr.text).toBe("");
	});
});

test.each([
	["the terminal's width", { columns: 100 }, 100],
	["60 in a narrow terminal", { columns: 20 }, 60],
	["120 in a wide terminal", { columns: 300 }, 120],
	["80 if the terminal does not know", { columns: 0 }, 80],
])("the width is %s", (_, properties, width) => {
	expect(createTerminal(createOutput(properties)).width).toBe(width);
});

test("wraps at blanks, and keeps the indent", () => {
	expect(wrap("  a long sentence", 9)).toEqual(["  a long", "  sentence"]);
	expect(wrap("unbreakable words", 5)).toEqual(["unbreakable", "words"]);
});
