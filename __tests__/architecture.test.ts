import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { type ImportKind, type SourceShape, shapeOf } from "../scripts/lib/source-shape.js";
import { root } from "./docs/support/markdown.js";

/** Which room may import which other, and how: types only, or values too. A file is free within its room. */
const MAY_IMPORT: Record<string, Record<string, ImportKind[]>> = {
	// Every cold start loads these files, so nothing below may come with them; a ping is loaded later.
	root: {
		ping: ["type", "later"],
		demand: ["type"],
		"fan-out": ["type"],
		transport: ["type"],
		report: ["type"],
	},
	ping: {
		"options.ts": ["type"],
		"environment.ts": ["type", "value"],
		demand: ["type", "value"],
		"fan-out": ["type", "value"],
		report: ["type", "value"],
	},
	"fan-out": {
		"options.ts": ["type"],
		demand: ["type", "value"],
		transport: ["type", "value"],
		report: ["type", "value"],
	},
	transport: { "options.ts": ["type"], report: ["type", "value"] },
	// The report adds up what environments served.
	report: { demand: ["type", "value"] },
	demand: {},
};

/** A pure file computes from its arguments only: it imports types and other pure files, and asks no clock. */
const PURE = [/^demand\//, /^fan-out\/(next-round|departure|hold)\.ts$/];

/** What a pure file does not use. */
const IMPURE_NAMES =
	/^(process|performance|console|globalThis|fetch|setTimeout|setInterval|setImmediate|Date\.now|Math\.random)$/;

const MAX_FILE_LINES = 200;
const MAX_FUNCTION_LINES = 50;
const MAX_CODE_LINES = 2_406;

const src = new URL("src/", root).pathname;
const files = readdirSync(src, { encoding: "utf8", recursive: true }).filter((name) => name.endsWith(".ts"));
const shapes = new Map<string, SourceShape>(
	files.map((file) => [file, shapeOf(file, readFileSync(join(src, file), "utf8"))]),
);
const loadedLater = (
	JSON.parse(readFileSync(new URL("scripts/lib/bundles.json", root), "utf8")) as { loadedLater: string[] }
).loadedLater.map((source) => source.replace("src/", ""));

const roomOf = (file: string): string => (file.includes("/") ? file.slice(0, file.indexOf("/")) : "root");
const isPure = (file: string): boolean => PURE.some((pattern) => pattern.test(file));

/** The imports within `src/`, of all files. */
const imports = [...shapes].flatMap(([from, shape]) =>
	shape.imports
		.filter(({ specifier }) => specifier.startsWith("."))
		.map(({ specifier, kind }) => ({ from, kind, to: join(from, "..", specifier).replace(/\.js$/, ".ts") })),
);
const say = ({ from, kind, to }: (typeof imports)[number]): string => `${from} imports the ${kind} of ${to}`;

describe("the rooms of src/", () => {
	test("are exactly the folders that the table lists", () => {
		expect([...new Set(files.map(roomOf))].sort()).toEqual(Object.keys(MAY_IMPORT).sort());
	});

	test("import only what the table allows", () => {
		const isAllowed = ({ from, kind, to }: (typeof imports)[number]): boolean => {
			if (roomOf(from) === roomOf(to)) return true;
			const allowed = MAY_IMPORT[roomOf(from)] ?? {};
			return (allowed[roomOf(to) === "root" ? to : roomOf(to)] ?? []).includes(kind);
		};
		expect(imports.filter((one) => !isAllowed(one)).map(say)).toEqual([]);
	});

	test("import separately bundled files only dynamically", () => {
		expect(files).toEqual(expect.arrayContaining(loadedLater));
		const eager = imports.filter(({ to, kind }) => loadedLater.includes(to) && kind === "value");
		expect(eager.map(say)).toEqual([]);
	});
});

describe("pure files", () => {
	test("exist for each pattern in the list", () => {
		for (const pattern of PURE) expect(files).toContainEqual(expect.stringMatching(pattern));
	});

	test("import only types and other pure files", () => {
		const impure = [...shapes].flatMap(([from, { imports }]) =>
			imports
				.filter(({ kind }) => isPure(from) && kind !== "type")
				.map(({ specifier }) => ({ from, to: join(from, "..", specifier).replace(/\.js$/, ".ts") }))
				.filter(({ to }) => !isPure(to)),
		);
		expect(impure).toEqual([]);
	});

	test("ask neither the clock nor the process", () => {
		const asked = [...shapes].flatMap(([file, { names }]) =>
			isPure(file) ? [...names].filter((name) => IMPURE_NAMES.test(name)).map((name) => `${file}: ${name}`) : [],
		);
		expect(asked).toEqual([]);
	});
});

describe("what is small enough to be read in one sitting", () => {
	test(`no file has more than ${MAX_FILE_LINES} lines`, () => {
		const long = [...shapes].filter(([, { lines }]) => lines > MAX_FILE_LINES);
		expect(long.map(([file, { lines }]) => `${file}: ${lines}`)).toEqual([]);
	});

	test(`no function has more than ${MAX_FUNCTION_LINES} lines`, () => {
		const long = [...shapes].flatMap(([file, { functions }]) =>
			functions
				.filter(({ lines }) => lines > MAX_FUNCTION_LINES)
				.map(({ name, line, lines }) => `${file}:${line} ${name}: ${lines}`),
		);
		expect(long).toEqual([]);
	});

	test(`all files together have at most ${MAX_CODE_LINES} lines of code`, () => {
		const sum = [...shapes.values()].reduce((total, { codeLines }) => total + codeLines, 0);
		expect(sum).toBeLessThanOrEqual(MAX_CODE_LINES);
	});
});
