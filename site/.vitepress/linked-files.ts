import { cp, mkdir } from "node:fs/promises";
import { dirname, join, relative, resolve } from "node:path";
import type { MarkdownRenderer } from "vitepress";

/** Linked files that are not pages, as paths from the repository's root. */
const linkedFiles = new Set<string>();

const isElsewhere = (link: string): boolean => /^([a-z]+:|#|\/)/.test(link);

/** Makes links to source files show text. A browser would play `.ts` as a video, and download `.yaml`. */
export const linkToText = (markdown: MarkdownRenderer, repository: string): void => {
	markdown.core.ruler.push("link-to-text", ({ tokens, env }) => {
		for (const token of tokens.flatMap(({ children }) => children ?? [])) {
			const link = token.type === "link_open" ? token.attrGet("href") : null;
			if (link === null || isElsewhere(link) || /\.(md|html)($|#)/.test(link)) continue;
			linkedFiles.add(relative(repository, resolve(dirname(env.path), link)));
			token.attrSet("href", `${link}.txt`);
		}
	});
};

/** Copies the files that were linked to, as text. */
export const copyLinkedFiles = async (repository: string, outDir: string): Promise<void> => {
	for (const file of linkedFiles) {
		const copy = join(outDir, `${file}.txt`);
		await mkdir(dirname(copy), { recursive: true });
		await cp(join(repository, file), copy);
	}
};
