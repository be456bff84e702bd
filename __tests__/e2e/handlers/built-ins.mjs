import { builtinModules } from "node:module";
import middy from "@middy/core";

/** The built-in modules that this process has loaded. */
export const loadedBuiltIns = () => {
	const loaded = new Set(process.moduleLoadList.map((entry) => entry.replace("NativeModule ", "")));
	return builtinModules.filter((name) => loaded.has(name));
};

/** Answers with them; there is no warmer in it. */
export const handler = middy().handler(async () => loadedBuiltIns());
