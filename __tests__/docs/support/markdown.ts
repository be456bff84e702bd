import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { marked, type Token } from "marked";

export const root = new URL("../../../", import.meta.url);

/** A fenced block of code. */
export interface Block {
	/** File of the page, relative to the root of the project. */
	page: string;
	/** Line of the opening fence. */
	line: number;
	language: string;
	/** What the fence says beside the language. */
	name: string;
	text: string;
}

/** A page of the documentation. */
export interface Page {
	/** Relative to the root of the project. */
	path: string;
	text: string;
	blocks: Block[];
	/** Targets of links and images, as they are written. */
	links: string[];
	/** Fragments that a link may name. */
	anchors: Set<string>;
	/** Rows of every table, as the text of their cells. */
	tables: string[][][];
}

/** The README and every page in `docs/`. */
export const pages: readonly Page[] = [
	"README.md",
	...readdirSync(new URL("docs/", root))
		.filter((file) => file.endsWith(".md"))
		.map((file) => `docs/${file}`),
].map(readPage);

/** Everything else that a visitor of the repository reads. */
export const otherPages: readonly Page[] = [
	"CHANGELOG.md",
	"CONTRIBUTING.md",
	"SECURITY.md",
	"examples/deploy/README.md",
	"examples/deploy/scheduler/README.md",
	"examples/observability/README.md",
].map(readPage);

export function page(path: string): Page {
	const found = pages.find((candidate) => candidate.path === path);
	if (!found) throw new Error(`there is no ${path}`);
	return found;
}

/** The file name that a block has, in its fence or in a first line of comment: `// src/handler.ts`. */
export function fileName({ name, text }: Block): string | undefined {
	return name || /^\/\/ ([\w./-]+\.\w+)\n/.exec(text)?.[1];
}

/** What stands between a page's two markers. */
export function markedSection({ text, path }: Page, name: string): string {
	const section = new RegExp(`<!-- ${name}:start -->\n([\\s\\S]*?)<!-- ${name}:end -->`).exec(text)?.[1];
	if (section === undefined) throw new Error(`${path} has no section ${name}`);
	return section;
}

/** The rows, without the head, of the page's first table with this column. */
export function tableWith({ path, tables }: Page, column: string): string[][] {
	const table = tables.find(([head]) => head?.includes(column));
	if (!table) throw new Error(`${path} has no table with ${column}`);
	return table.slice(1);
}

function readPage(path: string): Page {
	const text = expandTabs(readFileSync(new URL(path, root), "utf8"));
	const result: Page = {
		path,
		text,
		blocks: [],
		links: [],
		anchors: new Set(),
		tables: [],
	};
	let from = 0;
	marked.walkTokens(marked.lexer(text), (token: Token) => {
		switch (token.type) {
			case "code": {
				const [language = "", name = ""] = (token.lang ?? "").split(/\s/);
				const at = text.indexOf(token.raw.trimEnd(), from);
				if (at < 0) throw new Error(`${path}: a block was lost: ${token.raw}`);
				from = at + 1;
				result.blocks.push({
					page: path,
					line: text.slice(0, at).split("\n").length,
					language,
					name,
					text: `${token.text}\n`,
				});
				break;
			}
			case "link":
			case "image":
				result.links.push(token.href);
				break;
			case "heading":
				result.anchors.add(unused(result.anchors, slug(token.text)));
				break;
			case "table":
				result.tables.push(
					[token.header, ...token.rows].map((row: { text: string }[]) => row.map((cell) => cell.text)),
				);
				break;
			case "html":
				for (const [, href = ""] of token.text.matchAll(/(?:href|src)="([^"]+)"/g)) {
					result.links.push(href);
				}
		}
	});
	return result;
}

// As `marked` does before it reads anything, so that its tokens are found in the text again.
function expandTabs(text: string): string {
	return text.replace(/^( *)(\t+)/gm, (_, spaces: string, tabs: string) => spaces + "    ".repeat(tabs.length));
}

// As GitHub makes the fragment of a heading.
function slug(heading: string): string {
	return heading
		.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1")
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\s_-]/gu, "")
		.replace(/\s/g, "-");
}

function unused(taken: Set<string>, name: string): string {
	let candidate = name;
	for (let i = 1; taken.has(candidate); i++) candidate = `${name}-${i}`;
	return candidate;
}

/** Where a block stands, for a test's name. */
export function place({ page, line, language }: Block): string {
	return `${basename(page)}:${line} (${language || "no language"})`;
}
