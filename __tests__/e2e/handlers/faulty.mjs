import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import middy from "@middy/core";
import warmup from "middy-lambda-warmer";
import { diagnose } from "./diagnostics.mjs";

/** What goes wrong at present: the content of a file, so that a test can begin and end it while processes live. */
const fault = () => {
	const { FAULT_FILE = "" } = process.env;
	return existsSync(FAULT_FILE) ? readFileSync(FAULT_FILE, "utf8") : "";
};

if (fault() === "init throws") throw new TypeError("no configuration");

/** Something before the warmer in the chain that fails for children. */
const troublesome = {
	before: async ({ event }) => {
		if (!("__WARMER_INVOCATION__" in event)) return;
		if (fault() === "handler throws") throw new RangeError("no luck");
		if (fault() === "slow") await sleep(60_000);
	},
};

export const handler = middy()
	.use(troublesome)
	.use(warmup(JSON.parse(process.env.WARMUP_OPTIONS ?? "{}")))
	.handler(async (event) => {
		const answer = { event, ...diagnose() };
		if (event.linger?.pid === process.pid) await sleep(event.linger.lingerMs);
		return answer;
	});
