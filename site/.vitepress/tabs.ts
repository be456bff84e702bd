import type { MarkdownRenderer } from "vitepress";

type Token = ReturnType<MarkdownRenderer["parse"]>[number];

const isMarker = ({ type, content }: Token, edge: "start" | "end"): boolean =>
	type === "html_block" && content.trim() === `<!-- tabs:${edge} -->`;

/** Keeps the code blocks of a section, each labeled with the heading above it. */
const labelBlocks = (tokens: readonly Token[]): Token[] => {
	let label = "";
	return tokens.flatMap((token, index) => {
		if (token.type === "heading_open") label = tokens[index + 1]?.content ?? "";
		if (token.type !== "fence") return [];
		token.info = `${token.info} [${label}]`;
		return [token];
	});
};

/**
 * Turns the headed code blocks between `<!-- tabs:start -->` and `<!-- tabs:end -->` into a code group of VitePress.
 * GitHub shows the same Markdown as headings and blocks.
 */
export const showTabs = (markdown: MarkdownRenderer): void => {
	// Runs before anchors and the outline are made, because it removes the headings.
	markdown.core.ruler.after("block", "tabs", (state) => {
		for (;;) {
			const start = state.tokens.findIndex((token) => isMarker(token, "start"));
			if (start < 0) return;
			const end = state.tokens.findIndex((token) => isMarker(token, "end"));
			if (end < start) throw new Error(`${state.env.path}: tabs are not closed`);
			const open = new state.Token("container_code-group_open", "div", 1);
			const close = new state.Token("container_code-group_close", "div", -1);
			const blocks = labelBlocks(state.tokens.slice(start + 1, end));
			state.tokens.splice(start, end - start + 1, open, ...blocks, close);
		}
	});
};
