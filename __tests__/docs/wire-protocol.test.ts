import { expect, test } from "@jest/globals";
import { readIdentity, writeIdentity } from "../../src/fan-out/wire.js";
import { page, tableWith } from "./support/markdown.js";
import { childFields } from "./support/service.js";

const protocol = page("docs/wire-protocol.md");
const answers = protocol.blocks.map(({ text }) => text).filter((text) => text.includes("startedAt"));

test("shows two forms of an answer that are read as the same identity", () => {
	expect(answers).toHaveLength(2);
	const [quoted, raw] = answers.map((text) => readIdentity(new TextEncoder().encode(text.trim())));
	expect(quoted).toMatchObject({ id: expect.any(String), start: "warm" });
	expect(raw).toEqual(quoted);
});

test("specifies every field of a child's answer, and no other", () => {
	const served = { requests: 1, coldStart: false, sinceMs: 2, busySeconds: [3] };
	const answer = writeIdentity({ id: "id", start: "warm", startedAt: 1, served, demand: {} });
	const { traffic, ...fields } = JSON.parse(answer) as { traffic: object };
	const namesOf = (rows: readonly string[][]) => rows.map(([name = ""]) => name.replaceAll("`", ""));
	const specified = protocol.tables.find((rows) => namesOf(rows).includes("startedAt")) ?? [];
	expect(namesOf(specified.slice(1)).sort()).toEqual([...Object.keys(fields), "traffic"].sort());
	expect(namesOf(tableWith(protocol, "field of `traffic`")).sort()).toEqual(Object.keys(traffic).sort());
});

test("specifies every field of a child's event, and no other", async () => {
	const specified = new Set(protocol.text.match(/__WARMER_[A-Z]+__/g));
	const sent = (await childFields()).filter((field) => field !== "warmer");
	expect([...specified].sort()).toEqual([...new Set(sent)].sort());
});

test.each([1024, 128, 256, 250, 600, 75, 1000, 30_000])("names the limit %i", (limit) => {
	expect(protocol.text).toMatch(new RegExp(`\\b${limit}\\b`));
});
