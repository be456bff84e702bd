// Prints how many ms it takes to load a package or a file. Usage: node import.mjs import|require <name> [<loaded before>]
import { createRequire } from "node:module";

const [way, name, before] = process.argv.slice(2);
const require = createRequire(import.meta.url);
if (before !== undefined) await import(before);
const begun = performance.now();
if (way === "require") require(name);
else await import(name);
const ms = performance.now() - begun;
// Not before the clock is read: the first use of standard output takes as long as an import.
process.stdout.write(String(ms));
