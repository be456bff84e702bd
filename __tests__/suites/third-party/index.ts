import { run } from "node:test";
import { spec } from "node:test/reporters";
import { fileURLToPath } from "node:url";

/** Those that take longest come first, so that none of them is left for the end. */
const parts = [
	"cdk-app",
	"ts-jest",
	"bundlers",
	"serverless-offline",
	"serverless",
	"sentry",
	"streaming",
	"cdk-oldest",
	"frameworks",
	"clients",
	"nginx",
	"proxy",
];

/**
 * Runs the packed package among other people's software, each in a folder of its own. What a part needs and does not
 * find, it names, and is left out.
 *
 * @param chosen names of parts; all, if there is none
 * @returns whether none has failed
 */
export const runThirdParty = async (chosen: readonly string[]): Promise<boolean> => {
	for (const part of chosen) {
		if (parts.includes(part)) continue;
		throw new Error(`there is no part ${part}, only ${parts.join(", ")}`);
	}
	let passed = true;
	const events = run({
		files: (chosen.length > 0 ? chosen : parts).map((part) => fileURLToPath(new URL(`${part}.ts`, import.meta.url))),
		// Installing, which takes longest, goes on beside pinging; more would keep pings waiting.
		concurrency: 2,
	}).on("test:fail", () => {
		passed = false;
	});
	for await (const text of events.compose(new spec())) {
		process.stdout.write(text);
	}
	return passed;
};
