import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { nodeBinary } from "../../../../scripts/lib/installed.js";
import { type Block, fileName, page } from "../../../docs/support/markdown.js";

/** The commands of docs/bundling.md by the names of their blocks, and where each leaves the handler. */
export const handlerFiles = {
	"esbuild-esm": "dist/handler.mjs",
	"esbuild-cjs": "dist/handler.cjs",
	"esbuild-split": "dist/handler.mjs",
	"esbuild-external": "dist/handler.mjs",
	rollup: "dist/handler.mjs",
	webpack: "dist/orders/handler.cjs",
	tsdown: "dist/handler.mjs",
} as const;

export type Bundling = keyof typeof handlerFiles;

const { blocks } = page("docs/bundling.md");

const textOf = (isWanted: (block: Block) => boolean, name: string): string => {
	const block = blocks.find(isWanted);
	if (!block) throw new Error(`docs/bundling.md has no block for ${name}`);
	return block.text;
};

/**
 * Bundles `src/handler.mjs` as docs/bundling.md says, so that what is tested and measured is what a reader copies.
 *
 * @param app has `src/handler.mjs`, and finds the bundlers in a folder above
 * @param edit changes the command
 * @returns the path of the handler
 * @throws what the bundler prints
 */
export const bundle = async (app: string, bundling: Bundling, edit = (command: string) => command): Promise<string> => {
	const [bundler = ""] = bundling.split("-");
	const config = `${bundler}.config.mjs`;
	if (blocks.some((block) => fileName(block) === config)) {
		const text = textOf((block) => fileName(block) === config, config);
		await writeFile(join(app, config), text);
	}
	// npx takes half a second to find what lies beside the app.
	const command = textOf(({ name }) => name === bundling, bundling).replace(/^npx /, "");
	const path = [dirname(await nodeBinary(24)), join(app, "../node_modules/.bin"), process.env.PATH].join(delimiter);
	await promisify(execFile)("bash", ["-c", edit(command)], { cwd: app, env: { ...process.env, PATH: path } });
	return join(app, handlerFiles[bundling]);
};
