import { existsSync } from "node:fs";
import { afterEach, expect, test } from "@jest/globals";
import type { LocalLambda } from "../../local-lambda/index.js";
import { groupOf, handlerUrl, pidsOf, startWith, stateOf, until } from "./support.js";

let lambda: LocalLambda;
afterEach(() => lambda.stop());

/** Processor time (ms) that a busy loop of so many ms takes. */
const spin = async (ms: number) => {
	const { payload } = await lambda.invoke("api", { ms });
	return payload as { cpuMs: number; inInit: string; inHandler: string };
};

test("the handler is told its memory, by default 128 MB", async () => {
	lambda = await startWith({ memoryMb: 512 });
	expect((await lambda.invoke("api")).payload).toMatchObject({ context: { memoryLimitInMB: "512" } });
	await lambda.stop();
	lambda = await startWith();
	expect(lambda.confinement).toBe("none");
});

test("each environment has its share of a processor, if the system allows, and is frozen all the same", async () => {
	lambda = await startWith({ handler: handlerUrl("spin"), memoryMb: 128 });
	if (lambda.confinement === "none") {
		// Nothing to check but that it works without.
		expect(await lambda.invoke("api", { ms: 1 })).toMatchObject({ status: 200 });
		return;
	}
	const [one, two] = await Promise.all([spin(1000), spin(1000)]);
	for (const { cpuMs } of [one, two]) {
		// 7 % of a second, with what periods of 20 ms round it up to. Never more, whatever else the machine does.
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

test("INIT is not confined", async () => {
	lambda = await startWith({ handler: handlerUrl("spin"), memoryMb: 128 });
	const { inInit, inHandler } = await spin(1);
	expect(inInit).not.toContain("middy-lambda-warmer");
	expect(inHandler.includes("middy-lambda-warmer")).toBe(lambda.confinement !== "none");
});
