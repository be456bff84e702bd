import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "@jest/globals";
import { page, root } from "./support/markdown.js";

const source = readdirSync(new URL("src/", root))
	.map((file) => readFileSync(new URL(`src/${file}`, root), "utf8"))
	.join("\n");

test.each([...page("docs/troubleshooting.md").text.matchAll(/hint "([^"]+)"/g)].map(([, hint = ""]) => hint))(
	"the hint %j is one that the report has",
	(hint) => {
		expect(source).toContain(hint);
	},
);
