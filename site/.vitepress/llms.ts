import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { sidebar } from "./sidebar.js";

const SUMMARY = "Middy middleware that keeps N execution environments of an AWS Lambda function warm, and verifies it.";

/** Writes `llms.txt` (llmstxt.org), and the Markdown of each page that it lists. */
export const writeLlmsTxt = async (repository: string, outDir: string): Promise<void> => {
	const lines = ["# middy-lambda-warmer", "", `> ${SUMMARY}`];
	for (const { text: section, items } of sidebar) {
		lines.push("", `## ${section}`, "");
		for (const { text, link } of items) {
			const path = `${link.slice(1)}.md`;
			// The planner is a program, and docs/plan.md describes it.
			if (path === "planner.md") continue;
			const copy = join(outDir, path);
			await mkdir(dirname(copy), { recursive: true });
			await writeFile(copy, await readFile(join(repository, path.startsWith("reference/") ? "site" : "", path)));
			lines.push(`- [${text}](${path})`);
		}
	}
	await writeFile(join(outDir, "llms.txt"), `${lines.join("\n")}\n`);
};
