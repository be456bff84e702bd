import { getExpressionAst, TFExpressionSyntaxTree as hcl } from "@cdktn/hcl2json";
import type { Json } from "./cloudformation.js";

type Node = hcl.ExpressionType;

/** What the first word of a reference stands for: `var`, `local`, a type of resource, a variable of a `for`. */
export type Scope = (root: string, next: string | undefined) => Promise<Json>;

/** The functions that the configurations call. */
const functions: Record<string, (...args: Json[]) => Json> = {
	coalesce: (...args) => args.find((arg) => arg !== null && arg !== "") ?? fail("coalesce: nothing but null"),
	compact: (list) => (list as Json[]).filter((item) => item !== null && item !== ""),
	join: (separator, list) => (list as string[]).join(String(separator)),
	jsonencode: (value) => JSON.stringify(value),
	one: (list) => (list as Json[])[0] ?? null,
	regex: (pattern, text) => new RegExp(String(pattern)).exec(String(text))?.[0] ?? fail(`regex: ${text}`),
	split: (separator, text) => String(text).split(String(separator)),
	substr: (text, offset, length) => String(text).slice(Number(offset), Number(offset) + Number(length)),
	tonumber: (text) => {
		if (text === null) return null;
		return Number.isNaN(Number(text)) ? fail(`tonumber: ${text}`) : Number(text);
	},
};

/** Evaluates a value as hcl2json writes it: text in which expressions stand in `${}`. */
export async function evaluateText(text: string, scope: Scope): Promise<Json> {
	const parts: Json[] = [];
	let literal = "";
	for (let index = 0; index < text.length; index++) {
		if (!text.startsWith("${", index)) {
			literal += text[index];
			continue;
		}
		const end = closingBrace(text, index + 1);
		if (literal) parts.push(literal);
		literal = "";
		parts.push(await evaluate(text.slice(index + 2, end), scope));
		index = end;
	}
	if (literal || parts.length === 0) parts.push(literal);
	return parts.length === 1 ? (parts[0] ?? null) : parts.join("");
}

function closingBrace(text: string, start: number): number {
	let depth = 0;
	for (let index = start; index < text.length; index++) {
		if (text[index] === "{") depth++;
		if (text[index] === "}" && --depth === 0) return index;
	}
	return fail(`no end: ${text}`);
}

async function evaluate(expression: string, scope: Scope): Promise<Json> {
	const node = await getExpressionAst("expression.hcl", expression);
	return node ? evaluateNode(node, scope) : fail(`not an expression: ${expression}`);
}

async function evaluateNode(node: Node, scope: Scope): Promise<Json> {
	const children = () => sequence(node.children.map((child) => () => evaluateNode(child, scope)));
	if (hcl.isLiteralValueExpression(node)) {
		// Text comes as it stands between its quotes.
		return JSON.parse(node.meta.type === "string" ? `"${node.meta.value}"` : node.meta.value);
	}
	if (hcl.isTemplateWrapExpression(node)) return (await children())[0] ?? null;
	if (hcl.isTemplateExpression(node)) return (await children()).join("");
	if (hcl.isTupleExpression(node)) return children();
	if (hcl.isScopeTraversalExpression(node)) return traverse(node, scope);
	if (hcl.isFunctionCallExpression(node)) return call(node, scope);
	if (hcl.isForExpression(node)) return evaluateFor(node, scope);
	if (hcl.isConditionalExpression(node)) {
		const { conditionExpression, trueExpression, falseExpression } = node.meta;
		return evaluate((await evaluate(conditionExpression, scope)) ? trueExpression : falseExpression, scope);
	}
	if (hcl.isBinaryOpExpression(node)) {
		const [left, right] = await children();
		const isEqual = JSON.stringify(left) === JSON.stringify(right);
		return node.meta.operator === "equal" ? isEqual : !isEqual;
	}
	if (hcl.isObjectExpression(node)) {
		const entries = Object.entries(node.meta.items).map(([key, value]) => async () => [
			key.startsWith("(") ? String(await evaluate(key.slice(1, -1), scope)) : key.replaceAll('"', ""),
			await evaluate(value, scope),
		]);
		return Object.fromEntries(await sequence(entries));
	}
	if (hcl.isSplatExpression(node)) {
		const list = (await evaluate(node.meta.sourceExpression, scope)) as Record<string, Json>[];
		return list.map((item) => item[node.meta.eachExpression.replace("[*].", "")] ?? null);
	}
	return fail(`${node.type} is not supported: ${node.meta.value}`);
}

async function traverse(node: hcl.ScopeTraversalExpression, scope: Scope): Promise<Json> {
	const [root = "", ...path] = node.meta.traversal.map(({ segment }) => segment);
	let value = await scope(root, path[0]);
	for (const segment of path) {
		if (value === null) return fail(`${node.meta.value}: null has no ${segment}`);
		value = (value as Record<string, Json>)[segment] ?? null;
	}
	return value;
}

async function call({ children, meta: { name } }: hcl.FunctionCallExpression, scope: Scope): Promise<Json> {
	const args = children.map((child) => () => evaluateNode(child, scope));
	if (name === "can")
		return (
			args[0]?.().then(
				() => true,
				() => false,
			) ?? false
		);
	if (name === "try") {
		for (const arg of args) {
			const result = await arg().then(
				(value) => ({ value }),
				() => undefined,
			);
			if (result) return result.value;
		}
	}
	const implementation = functions[name] ?? fail(`there is no function ${name}`);
	return implementation(...(await sequence(args)));
}

async function evaluateFor({ meta }: hcl.ForExpression, scope: Scope): Promise<Json> {
	const made: [string, Json][] = [];
	for (const [key, value] of Object.entries(Object(await evaluate(meta.collectionExpression, scope)))) {
		const inner: Scope = async (root, next) => {
			if (root === meta.keyVar) return key;
			return root === meta.valVar ? (value as Json) : scope(root, next);
		};
		if (meta.conditionalExpression && !(await evaluate(meta.conditionalExpression, inner))) continue;
		made.push([String(await evaluate(meta.keyExpression, inner)), await evaluate(meta.valueExpression, inner)]);
	}
	return Object.fromEntries(made);
}

/** One after the other, so that a resource that waits for itself is found. */
export async function sequence<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
	const results: T[] = [];
	for (const task of tasks) results.push(await task());
	return results;
}

export function fail(message: string): never {
	throw new Error(message);
}
