import { existsSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { otherPages, pages, root } from "./support/markdown.js";

const all = [...pages, ...otherPages];
const relative = all.flatMap(({ path, links }) =>
	links.filter((link) => !/^[a-z]+:/.test(link)).map((link): [string, string] => [path, link]),
);

describe("relative links", () => {
	test.each(relative)("%s: %s", (path, link) => {
		const target = new URL(link, new URL(path, root));
		const fragment = target.hash.slice(1);
		target.hash = "";
		expect(existsSync(target)).toBe(true);
		if (!fragment) return;
		const linked = all.find((page) => new URL(page.path, root).href === target.href);
		expect([...(linked?.anchors ?? [])]).toContain(fragment);
	});
});

test("every page is linked from the README", () => {
	const readme = pages.find(({ path }) => path === "README.md");
	const others = pages.map(({ path }) => path).filter((path) => path !== "README.md");
	expect(readme?.links.map((link) => link.replace(/#.*/, ""))).toEqual(expect.arrayContaining(others));
});

test("external links are encrypted", () => {
	for (const { path, links } of all) {
		expect([path, links.filter((link) => link.startsWith("http:"))]).toEqual([path, []]);
	}
});
