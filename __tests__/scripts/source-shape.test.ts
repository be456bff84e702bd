import { describe, expect, test } from "@jest/globals";
import { shapeOf } from "../../scripts/lib/source-shape.js";

const shape = (...lines: string[]) => shapeOf("file.ts", `${lines.join("\n")}\n`);

describe("the imports of a file", () => {
	test.each([
		['import { a } from "./a.js";', "value"],
		['import * as a from "./a.js";', "value"],
		['import "./a.js";', "value"],
		['export { a } from "./a.js";', "value"],
		['export * from "./a.js";', "value"],
		// Such an import remains at run time, for its side effects.
		['import { type A } from "./a.js";', "value"],
		['import type { A } from "./a.js";', "type"],
		['export type { A } from "./a.js";', "type"],
		['let a: import("./a.js").A;', "type"],
		['const load = () => import("./a.js");', "later"],
	])("%s is of the kind %s", (text, kind) => {
		expect(shape(text).imports).toEqual([{ specifier: "./a.js", kind }]);
	});

	test("are not taken from comments and strings", () => {
		expect(shape('// import "./a.js"', "const text = 'import \"./a.js\"';").imports).toEqual([]);
	});
});

describe("the length of a function", () => {
	const lengths = (...lines: string[]) =>
		Object.fromEntries(shape(...lines).functions.map(({ name, lines }) => [name, lines]));

	test("counts its lines from the first to the last, callbacks included", () => {
		expect(
			lengths("const f = (", "	a: number[],", ") => {", "	a.map((n) => {", "		return n;", "	});", "};"),
		).toEqual({
			f: 7,
			"(anonymous)": 3,
		});
	});

	test("leaves out, for a factory, the functions that it returns or makes for them", () => {
		expect(
			lengths(
				"function createCounter() {",
				"	let count = 0;",
				"	const step = () => {",
				"		count++;",
				"	};",
				"	return {",
				"		step,",
				"		reset() {",
				"			count = 0;",
				"		},",
				"	};",
				"}",
			),
		).toEqual({ createCounter: 6, step: 3, reset: 3 });
	});

	test("leaves out a function that is returned at once", () => {
		expect(lengths("const bind = (a: number) =>", "	(b: number) => {", "		return a + b;", "	};")).toEqual({
			bind: 1,
			"(anonymous)": 3,
		});
	});
});

test("lines of code are neither blank nor only a comment", () => {
	const { lines, codeLines } = shape("/** A doc", " * comment. */", "const a = 1; // one", "", "const b = `", "text`;");
	expect([lines, codeLines]).toEqual([6, 3]);
});

test("names are identifiers and members, also of what is only called", () => {
	expect([...shape("// process", "const at = Date.now();").names]).toEqual(["at", "Date.now", "Date", "now"]);
});
