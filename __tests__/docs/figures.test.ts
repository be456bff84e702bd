import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { formatMs } from "../../cli/terminal.js";
import { markedSection, page, root, tableWith } from "./support/markdown.js";

/** What a figure says that it shows. */
const dataOf = (figure: string): Record<string, number | string | string[]> => {
	const svg = readFileSync(new URL(`docs/${figure}.svg`, root), "utf8");
	return JSON.parse(/<metadata>(.*?)<\/metadata>/.exec(svg)?.[1] ?? "");
};

test("the README's first figure shows the numbers that its text claims", () => {
	const [, text = ""] = /!\[([^\]]*)\]\(docs\/timeline.svg\)/.exec(page("README.md").text) ?? [];
	const { requested, warmed, coldStartsBefore, coldStartsAfter } = dataOf("timeline");
	expect(warmed).toBe(requested);
	expect(text.match(/\d+/g)?.map(Number)).toEqual([requested, coldStartsBefore, coldStartsAfter]);
});

test("the README's first figure shows the run whose medians are in the first table", () => {
	const { medianMsBefore, medianMsAfter } = dataOf("timeline");
	const medians = tableWith(page("README.md"), "cold starts").map(([, , median = ""]) => median);
	expect(medians).toEqual([medianMsBefore, medianMsAfter].map((ms) => `${formatMs(Number(ms))} ms`));
});

describe("the repair that docs/verified-warming.md explains is the one that its figure shows", () => {
	const data = dataOf("repair");
	const text = markedSection(page("docs/verified-warming.md"), "repair");

	test.each([data.initiator, data.shared, data.missed].flat())("%s", (environment) => {
		expect(text).toContain(`\`${environment}\``);
	});

	test("states the same number of environments and the same hold", () => {
		expect(text).toContain(`${data.reached} of ${data.requested} ids`);
		expect(text).toContain(`a hold of ${data.hold} ms`);
	});
});
