/** A streaming handler under aws-lambda-ric 3, the runtime client of Lambda's Node.js 22. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { type LocalLambda, startLocalLambda } from "../../../local-lambda/index.js";
import { nodeBinary, ricEntry } from "../../../scripts/lib/installed.js";
import { installedCopy } from "./support/installed.js";

const missing = ["cmake", "make", "g++"].filter((tool) => spawnSync(tool, ["--version"]).status !== 0);
const skip = missing.length > 0 && `aws-lambda-ric is compiled on install, which takes ${missing.join(", ")}`;

/**
 * Invokes, waits until the environment can take another request, and says whether a timer left over had to run first.
 */
const timerRan = async (lambda: LocalLambda, event: unknown, answer: string): Promise<boolean> => {
	lambda.reset();
	const { payload, functionError } = await lambda.invoke("api", event);
	assert.deepEqual([payload, functionError], [answer, undefined]);
	await lambda.settle();
	return lambda.logs.some(({ message }) => message === "the timer has run");
};

test("a ping frees the environment of a streaming handler at once, whatever timer is left", {
	skip,
}, async () => {
	using folder = await installedCopy("streaming");
	const ric = join(folder.path, "node_modules/aws-lambda-ric/dist");
	// The native client of version 3 has the same source as that of version 4, which is compiled already.
	copyFileSync(join(dirname(await ricEntry()), "rapid-client.node"), join(ric, "rapid-client.node"));
	await using lambda = await startLocalLambda({
		functions: {
			api: {
				handler: join(folder.path, "handler.mjs"),
				runtime: [
					await nodeBinary(22),
					"--no-experimental-require-module",
					join(folder.path, "node_modules/aws-lambda-ric/bin/index.mjs"),
					"handler.handler",
				],
				timeoutMs: 20_000,
			},
		},
	});
	assert.equal(await timerRan(lambda, { rawPath: "/" }, "business"), true);
	const ping = { warmer: true, concurrency: 2 };
	assert.equal(await timerRan(lambda, ping, "warmed"), false);
});
