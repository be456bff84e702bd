import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { type Block, fileName, place, root } from "./markdown.js";

const folder = fileURLToPath(root);

/**
 * Type-checks blocks of TypeScript and JavaScript as modules of this project, all in one program. Blocks of a page that
 * name their files can import each other.
 *
 * @returns what the compiler has to say of each block
 */
export function typeCheck(blocks: readonly Block[]): Map<Block, string[]> {
	const files = new Map<string, Block>();
	for (const block of blocks) {
		const name = fileName(block) ?? `line-${block.line}.${block.language}`;
		files.set(`${folder}docs/blocks-of/${block.page}/${name}`, block);
	}
	if (files.size !== blocks.length) {
		throw new Error("two blocks of a page name the same file");
	}
	const program = ts.createProgram([...files.keys()], compilerOptions(), hostWith(files));
	return new Map(
		[...files].map(([file, block]) => {
			const source = program.getSourceFile(file);
			return [
				block,
				[...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map((diagnostic) =>
					describe(diagnostic, block),
				),
			];
		}),
	);
}

function compilerOptions(): ts.CompilerOptions {
	const { config } = ts.readConfigFile(`${folder}tsconfig.json`, ts.sys.readFile);
	const { options } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
	return { ...options, allowJs: true, checkJs: true, noEmit: true };
}

function hostWith(files: ReadonlyMap<string, Block>): ts.CompilerHost {
	const host = ts.createCompilerHost(compilerOptions());
	const folders = new Set<string>();
	for (const file of files.keys()) {
		for (let parent = dirname(file); parent.length > folder.length; parent = dirname(parent)) {
			folders.add(parent);
		}
	}
	const onDisk = {
		fileExists: host.fileExists.bind(host),
		readFile: host.readFile.bind(host),
		directoryExists: ts.sys.directoryExists.bind(ts.sys),
	};
	return Object.assign(host, {
		fileExists: (file: string) => files.has(file) || onDisk.fileExists(file),
		readFile: (file: string) => files.get(file)?.text ?? onDisk.readFile(file),
		directoryExists: (path: string) => folders.has(path.replace(/\/$/, "")) || onDisk.directoryExists(path),
		getSourceFile: (file: string, target: ts.CreateSourceFileOptions) => {
			const text = host.readFile(file);
			return text === undefined ? undefined : ts.createSourceFile(file, text, target);
		},
	});
}

function describe(diagnostic: ts.Diagnostic, block: Block): string {
	const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line;
	return `${place(block)}, line ${(line ?? 0) + 1} of it: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n")}`;
}
