// Prints how many ms the import of a package takes. Others may be imported before it.
// Usage: node import.mjs <package> [<package imported before> …]
const [name, ...before] = process.argv.slice(2);
for (const other of before) await import(other);
const begun = performance.now();
await import(name);
const ms = performance.now() - begun;
// Not before the clock is read: the first use of standard output takes as long as an import.
process.stdout.write(String(ms));
