import { expect, test } from "@jest/globals";
import { readIdentity } from "../../src/fan-out/wire.js";
import { page } from "./support/markdown.js";
import { childFields } from "./support/service.js";

const protocol = page("docs/wire-protocol.md");
const answers = protocol.blocks.map(({ text }) => text).filter((text) => text.includes("startedAt"));

test("both forms of an answer are read as the same identity", () => {
	expect(answers).toHaveLength(2);
	const [quoted, raw] = answers.map((text) => readIdentity(new TextEncoder().encode(text.trim())));
	expect(quoted).toMatchObject({ id: expect.any(String), start: "warm" });
	expect(raw).toEqual(quoted);
});

test("every field of a child's event is specified, and no other", async () => {
	const specified = new Set(protocol.text.match(/__WARMER_[A-Z]+__/g));
	const sent = (await childFields()).filter((field) => field !== "warmer");
	expect([...specified].sort()).toEqual([...new Set(sent)].sort());
});

test.each([1024, 128, 256, 250, 75, 1000, 30_000])("the limit %i is named", (limit) => {
	expect(protocol.text).toMatch(new RegExp(`\\b${limit}\\b`));
});
