/** The shape of a TypeScript file, read from its syntax tree: what it imports, and how long its parts are. */

import ts from "typescript";

/** How an import reaches the imported file: types are gone at run time, a later import loads it only when called. */
export type ImportKind = "value" | "type" | "later";

export interface Import {
	specifier: string;
	kind: ImportKind;
}

export interface FunctionShape {
	name: string;
	/** The line that it begins in, from 1. */
	line: number;
	/** A factory counts without the functions that it makes, which count by themselves. */
	lines: number;
}

export interface SourceShape {
	imports: Import[];
	functions: FunctionShape[];
	/** Every identifier, and every `object.property` of two identifiers. */
	names: Set<string>;
	/** All lines, as an editor counts them. */
	lines: number;
	/** Lines with code: neither blank nor only a comment. */
	codeLines: number;
}

/** Reads the shape of a file from its text. */
export const shapeOf = (fileName: string, text: string): SourceShape => {
	const file = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
	const imports: Import[] = [];
	const functions: FunctionShape[] = [];
	const names = new Set<string>();
	const codeLines = new Set<number>();
	const visit = (node: ts.Node): void => {
		const found = importOf(node);
		if (found) imports.push(found);
		if (isFunction(node)) functions.push(shapeOfFunction(node, file));
		if (ts.isIdentifier(node)) names.add(node.text);
		if (ts.isPropertyAccessExpression(node)) names.add(`${node.expression.getText(file)}.${node.name.text}`);
		if (node.getChildCount(file) === 0) {
			for (const line of linesOf(node, file)) codeLines.add(line);
		}
		// Doc comments are nodes too, but not children of what is code.
		for (const child of node.getChildren(file)) {
			if (!ts.isJSDoc(child)) visit(child);
		}
	};
	visit(file);
	return { imports, functions, names, lines: text.replace(/\n$/, "").split("\n").length, codeLines: codeLines.size };
};

const importOf = (node: ts.Node): Import | undefined => {
	if (ts.isImportDeclaration(node)) {
		return specifierOf(node.moduleSpecifier, node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword);
	}
	if (ts.isExportDeclaration(node)) return node.moduleSpecifier && specifierOf(node.moduleSpecifier, node.isTypeOnly);
	if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return specifierOf(node.argument.literal, true);
	if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
		const specifier = node.arguments[0] && specifierOf(node.arguments[0], false);
		return specifier && { ...specifier, kind: "later" };
	}
	return undefined;
};

const specifierOf = (node: ts.Node, isType: boolean): Import | undefined =>
	ts.isStringLiteralLike(node) ? { specifier: node.text, kind: isType ? "type" : "value" } : undefined;

type FunctionNode = ts.FunctionLikeDeclaration & { body: ts.Node };

const isFunction = (node: ts.Node): node is FunctionNode =>
	ts.isFunctionLike(node) && "body" in node && node.body !== undefined;

const shapeOfFunction = (node: FunctionNode, file: ts.SourceFile): FunctionShape => {
	const own = new Set(linesOf(node, file));
	for (const made of functionsMadeBy(node)) {
		for (const line of linesOf(made, file)) own.delete(line);
	}
	const { line } = file.getLineAndCharacterOfPosition(node.getStart(file));
	return { name: nameOf(node), line: line + 1, lines: own.size };
};

const linesOf = (node: ts.Node, file: ts.SourceFile): number[] => {
	if (node.getWidth(file) === 0) return [];
	const first = file.getLineAndCharacterOfPosition(node.getStart(file)).line;
	const last = file.getLineAndCharacterOfPosition(node.getEnd()).line;
	return Array.from({ length: last - first + 1 }, (_, index) => first + index);
};

const nameOf = (node: FunctionNode): string => {
	const named = node.name ? node : node.parent;
	return "name" in named && named.name ? (named.name as ts.Node).getText() : "(anonymous)";
};

/** The functions that a factory returns, and those that it declares for them; none if the function is no factory. */
const functionsMadeBy = (factory: FunctionNode): ts.Node[] => {
	const declared = new Map<string, ts.Node>();
	const returned: ts.Expression[] = [];
	if (ts.isBlock(factory.body)) {
		for (const statement of factory.body.statements) {
			if (ts.isFunctionDeclaration(statement) && statement.name) declared.set(statement.name.text, statement);
			if (ts.isReturnStatement(statement) && statement.expression) returned.push(statement.expression);
			if (!ts.isVariableStatement(statement)) continue;
			for (const { name, initializer } of statement.declarationList.declarations) {
				if (initializer && isFunction(initializer)) declared.set(name.getText(), initializer);
			}
		}
	} else {
		returned.push(factory.body as ts.Expression);
	}
	const made = returned.flatMap((expression) => functionsIn(expression, declared));
	return made.length > 0 ? [...new Set([...made, ...declared.values()])] : [];
};

/** The functions that a returned expression is or, as an object, has. */
const functionsIn = (expression: ts.Expression, declared: ReadonlyMap<string, ts.Node>): ts.Node[] => {
	if (isFunction(expression)) return [expression];
	if (ts.isParenthesizedExpression(expression)) return functionsIn(expression.expression, declared);
	if (ts.isIdentifier(expression)) return [declared.get(expression.text) ?? []].flat();
	if (!ts.isObjectLiteralExpression(expression)) return [];
	return expression.properties.flatMap((property) => {
		if (isFunction(property)) return [property];
		if (ts.isShorthandPropertyAssignment(property)) return [declared.get(property.name.text) ?? []].flat();
		return ts.isPropertyAssignment(property) ? functionsIn(property.initializer, declared) : [];
	});
};
