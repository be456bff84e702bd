import { setTimeout as sleep } from "node:timers/promises";
import middy from "@middy/core";
import warmup from "middy-lambda-warmer";

const { PRIMING_MS, PRIMING_FAILS, WARMUP_OPTIONS = "{}" } = process.env;

/** Says when its priming began and ended, in every environment that a ping reaches. */
const onWarmup = async () => {
	const begun = Date.now();
	await sleep(Number(PRIMING_MS));
	if (PRIMING_FAILS) throw new Error("no database");
	console.log({ action: "primed", pid: process.pid, begun, ended: Date.now() });
};

export const handler = middy()
	.use(warmup({ onWarmup, ...JSON.parse(WARMUP_OPTIONS) }))
	.handler(async () => process.pid);
