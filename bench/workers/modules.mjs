// Prints the files that are loaded by importing a package, as JSON; with an event, also those that its middleware loads
// to serve it. Usage: node modules.mjs <package> [<event as JSON>]
import { loadedModules } from "../../__tests__/e2e/module-graph/record.mjs";

const [name, event] = process.argv.slice(2);
const before = new Set(loadedModules());
const { default: warmup } = await import(name);
if (event !== undefined) {
	const context = {
		invokedFunctionArn: "arn:aws:lambda:eu-west-1:123456789012:function:api",
		getRemainingTimeInMillis: () => 3000,
	};
	// Only the loaded files matter, not the results of the invocations.
	await warmup({ log: false }).before({ event: JSON.parse(event), context });
}
const files = loadedModules().filter((url) => url.startsWith("file:") && !before.has(url));
process.stdout.write(JSON.stringify(files));
