import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { readDemand, saveDemand } from "../../cli/demand-file.js";
import { report } from "./support.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "demand-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

const write = (text: string): string => {
	const file = join(folder, "demand.json");
	writeFileSync(file, text);
	return file;
};

const hour = Math.floor(Date.now() / 3_600_000);
const demand = { [hour - 1]: 6, [hour]: 2 };

test("reads a saved table back unchanged", () => {
	const file = join(folder, "saved.json");
	saveDemand(file, demand);
	expect(readDemand(file)).toEqual(demand);
	expect(readFileSync(file, "utf8")).toMatch(/^\{.*\}\n$/);
});

test("reads the table in a report, and merges those of several", () => {
	expect(readDemand(write(JSON.stringify({ ...report, demand }, null, 2)))).toEqual(demand);
	const lines = [demand, { [hour]: 9 }].map((table) => JSON.stringify({ ...report, demand: table }));
	expect(readDemand(write(`${lines.join("\n")}\n`))).toEqual({ [hour - 1]: 6, [hour]: 9 });
});

test("leaves out hours that are more than a day old", () => {
	expect(readDemand(write(JSON.stringify({ ...demand, [hour - 26]: 50 })))).toEqual(demand);
});

test.each([
	["{", "is not JSON"],
	["", "is not JSON"],
	["[]", "contains no table"],
	["7", "contains no table"],
	['{ "today": 6 }', 'contains "today": 6'],
	['{ "494611": 0 }', 'contains "494611": 0'],
	['{ "494611": "6" }', 'contains "494611": "6"'],
	[JSON.stringify(report), "before 0.3"],
])("refuses %j, because it %s", (text, reason) => {
	expect(() => readDemand(write(text))).toThrow(reason);
});

test("says which file cannot be read or written", () => {
	const missing = join(folder, "no-such-folder", "demand.json");
	expect(() => readDemand(missing)).toThrow(missing);
	expect(() => saveDemand(missing, demand)).toThrow(missing);
});
