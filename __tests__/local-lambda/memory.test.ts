import { existsSync } from "node:fs";
import { afterEach, expect, test } from "@jest/globals";
import type { LocalLambda } from "../../local-lambda/index.js";
import { groupOf, handlerUrl, pidsOf, startWith, stateOf, until } from "./support.js";

let lambda: LocalLambda;
afterEach(() => lambda.stop());

/** Runs a busy loop of so many ms in an environment, and returns the processor time that it got. */
const spin = async (ms: number) => {
	const { payload } = await lambda.invoke("api", { ms });
	return payload as { cpuMs: number; inInit: string; inHandler: string };
};

test("tells the handler its memory, by default 128 MB", async () => {
	lambda = await startWith({ memoryMb: 512 });
	expect((await lambda.invoke("api")).payload).toMatchObject({ context: { memoryLimitInMB: "512" } });
	await lambda.stop();
	lambda = await startWith();
	expect(lambda.confinement).toBe("none");
});

test("gives each environment its share of a core, if the system allows it, and freezes it all the same", async () => {
	lambda = await startWith({ handler: handlerUrl("spin"), memoryMb: 128 });
	if (lambda.confinement === "none") {
		// All that can be checked is that it works without.
		expect(await lambda.invoke("api", { ms: 1 })).toMatchObject({ status: 200 });
		return;
	}
	const [one, two] = await Promise.all([spin(1000), spin(1000)]);
	for (const { cpuMs } of [one, two]) {
		// 7 % of a second, rounded up to periods of 20 ms. A busy machine can only make it less.
		expect(cpuMs).toBeLessThan(150);
	}
	await lambda.settle();
	const pids = pidsOf(lambda);
	const groups = pids.map(groupOf);
	expect(new Set(groups).size).toBe(2);
	expect(groups.every((group) => group && existsSync(group))).toBe(true);
	await until(() => pids.every((pid) => stateOf(pid) === "T"));
	await lambda.stop();
	expect(groups.some((group) => group && existsSync(group))).toBe(false);
});

test("does not limit INIT", async () => {
	lambda = await startWith({ handler: handlerUrl("spin"), memoryMb: 128 });
	const { inInit, inHandler } = await spin(1);
	expect(inInit).not.toContain("middy-lambda-warmer");
	expect(inHandler.includes("middy-lambda-warmer")).toBe(lambda.confinement !== "none");
});
