// Prints how many ms it takes to load a package, beside Middy. Usage: node import.mjs import|require <package>
import { createRequire } from "node:module";

const [way, name] = process.argv.slice(2);
const require = createRequire(import.meta.url);
await import("@middy/core");
const begun = performance.now();
if (way === "require") require(name);
else await import(name);
const ms = performance.now() - begun;
// Not before the clock is read: the first use of standard output takes as long as an import.
process.stdout.write(String(ms));
