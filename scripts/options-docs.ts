/**
 * `npm run docs`: writes docs/options.md from the doc comments of src/options.ts. `--check` writes nothing and fails if
 * they differ.
 */

import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import ts from "typescript";
import { table } from "./lib/markdown.js";

interface Option {
	readonly name: string;
	readonly type: string;
	readonly default: string;
	/** Paragraphs, each on one line. */
	readonly text: string;
}

const root = new URL("../", import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), "utf8");

const write = (node: ts.Node): string => node.getText().replace(/\s+/g, " ");

/** The types of a union, but for the `undefined` that every option takes. */
const alternatives = (node: ts.TypeNode): ts.TypeNode[] =>
	(ts.isUnionTypeNode(node) ? [...node.types] : [node]).filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);

const fullType = (types: readonly ts.TypeNode[]): string => {
	const [only, ...others] = types;
	return only && ts.isParenthesizedTypeNode(only) && others.length === 0
		? write(only.type)
		: types.map(write).join(" | ");
};

/** Text of a comment, its line breaks within a paragraph undone. */
const flow = (comment: Parameters<typeof ts.getTextOfJSDocComment>[0]) =>
	(ts.getTextOfJSDocComment(comment) ?? "")
		.split(/\n\s*\n/)
		.map((paragraph) => paragraph.replace(/\s+/g, " ").trim())
		.join("\n\n");

const optionOf = (member: ts.PropertySignature): Option => {
	const name = member.name.getText();
	const [doc] = ts.getJSDocCommentsAndTags(member).filter(ts.isJSDoc);
	const text = flow(doc?.comment);
	const tag = doc?.tags?.find(({ tagName }) => tagName.text === "default");
	if (!member.type || !text || !tag) {
		throw new Error(`${name} needs a type, a doc comment and a @default`);
	}
	const value = flow(tag.comment);
	const types = alternatives(member.type);
	const isLiteral = /^(\d+|true|false|"[^"]*"|\[\])$/.test(value);
	return {
		name,
		type: fullType(types),
		default: isLiteral ? `\`${value}\`` : value,
		text,
	};
};

const readOptions = (): Option[] => {
	const source = ts.createSourceFile("options.ts", read("src/options.ts"), ts.ScriptTarget.ES2022, true);
	const options = source.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === "WarmupOptions");
	if (!options) throw new Error("src/options.ts has no WarmupOptions");
	return options.members.filter(ts.isPropertySignature).map(optionOf);
};

const firstSentence = (text: string): string => /^.+?\.(?=\s|$)/s.exec(text)?.[0].slice(0, -1) ?? text;

const shortTable = (options: readonly Option[]): string =>
	table(
		["option", "default", "meaning"],
		options.map(({ name, default: value, text }) => [
			`[\`${name}\`](#${name.toLowerCase()})`,
			value,
			firstSentence(text),
		]),
	);

const page = (
	options: readonly Option[],
): string => `<!-- Written by \`npm run docs\` from src/options.ts; do not edit. -->

# Options

Every option can be left out. An unknown option, or a value of the wrong type or range, throws a \`TypeError\` when the middleware is created. The error names the option, the value and what the option accepts. \`warmupValidateOptions(options)\` checks options alone.

A **ping** is an event that asks for warming. The invocation that receives a schedule's ping (the **initiator**) invokes the function again (its **children**). The **hold** is the time that a child stays busy.

${shortTable(options)}
${options
	.map(
		({ name, type, default: value, text }) => `
## \`${name}\`

${text}

- Type: \`${type}\`
- Default: ${value}
`,
	)
	.join("")}`;

const { values: args } = parseArgs({ options: { check: { type: "boolean", default: false } } });
const options = readOptions();
const generated = new Map([["docs/options.md", page(options)]]);
for (const [path, text] of generated) {
	const url = new URL(path, root);
	if (existsSync(url) && read(path) === text) continue;
	if (args.check) {
		console.error(`${path} does not match src/options.ts; npm run docs writes it`);
		process.exitCode = 1;
	} else {
		writeFileSync(url, text);
		console.log(`wrote ${path}`);
	}
}
