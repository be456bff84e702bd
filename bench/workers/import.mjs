// Prints how many ms the import of a package takes. Others may be imported before it.
// Usage: node import.mjs <package> [<package imported before> …]
const [name, ...before] = process.argv.slice(2);
for (const other of before) await import(other);
const begun = performance.now();
await import(name);
process.stdout.write(String(performance.now() - begun));
