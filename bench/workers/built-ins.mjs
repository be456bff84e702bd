// Prints the built-in modules that loading a file loads, as JSON. Usage: node built-ins.mjs <file>.mjs|<file>.cjs
import { builtinModules, createRequire } from "node:module";

const file = process.argv[2];
const require = createRequire(import.meta.url);
const loadedBuiltIns = () => {
	const loaded = new Set(process.moduleLoadList.map((entry) => entry.replace("NativeModule ", "")));
	return builtinModules.filter((name) => loaded.has(name));
};

// What the loader of ES modules itself needs to load a file is not the file's doing.
await import("data:text/javascript,");
const before = new Set(loadedBuiltIns());
if (file.endsWith(".cjs")) require(file);
else await import(file);
const loaded = loadedBuiltIns().filter((name) => !before.has(name));
// Not before the list is made: standard output is a stream, which loads more.
process.stdout.write(JSON.stringify(loaded));
