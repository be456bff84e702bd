import ts from "typescript";
import { fileName, page } from "../../../docs/support/markdown.js";

/**
 * Runs a block of docs/recipes.md, so that what is tested is what a reader copies.
 *
 * @param file the name that the block's first line gives
 * @param modules what the block imports, by specifier: namespaces of modules that the test shares with it
 * @returns what the block exports
 */
export const runRecipe = (file: string, modules: Record<string, object>): Record<string, unknown> => {
	const { blocks } = page("docs/recipes.md");
	const block = blocks.find((block) => fileName(block) === file);
	if (!block) throw new Error(`docs/recipes.md has no block for ${file}`);
	const { outputText } = ts.transpileModule(block.text, {
		compilerOptions: {
			module: ts.ModuleKind.CommonJS,
			target: ts.ScriptTarget.ES2022,
			esModuleInterop: true,
		},
	});
	const exports = {};
	const require = (specifier: string) => {
		const found = modules[specifier];
		if (!found) throw new Error(`${file} imports ${specifier}`);
		return { __esModule: true, ...found };
	};
	new Function("exports", "require", outputText)(exports, require);
	return exports;
};
