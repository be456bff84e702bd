import { afterEach, describe, expect, test } from "@jest/globals";
import type { LocalLambda } from "../../local-lambda/index.js";
import type { WarmupReport } from "../../src/index.js";
import { reportsOf, service, startApi } from "./support.js";

/** Each request of a burst takes long enough for all to overlap. */
const BURST_MS = 300;
const BURST = 6;
const MAX_CONCURRENCY = 20;

let lambda: LocalLambda;

afterEach(async () => {
	await lambda.stop();
});

const start = async (): Promise<void> => {
	const options = { concurrency: "auto", maxConcurrency: MAX_CONCURRENCY } as const;
	lambda = await startApi(service(options, { handler: new URL("./handlers/slow.mjs", import.meta.url) }), { tls: {} });
};

/** Six requests at once; returns how many waited for a cold start. */
const burst = async (): Promise<number> => {
	const requests = await Promise.all(Array.from({ length: BURST }, () => lambda.invoke("api", { sleepMs: BURST_MS })));
	await lambda.settle();
	return requests.filter(({ coldStart }) => coldStart).length;
};

const ping = async (event: object = {}): Promise<WarmupReport> => {
	const { payload } = await lambda.invoke("api", { warmer: true, report: true, ...event });
	await lambda.settle();
	return JSON.parse(String(payload)) as WarmupReport;
};

/** Kills the environment that initiated the last ping. */
const killInitiator = async (): Promise<void> => {
	const initiated = lambda.invocations.filter(({ via }) => via === "direct").at(-1);
	await lambda.kill(String(initiated?.environment));
};

describe("an automatic ping", () => {
	test("finds in one ping what a burst of six needs, and the next five bursts meet no cold start", async () => {
		await start();
		expect(await burst()).toBe(BURST);
		const report = await ping();
		expect(report.traffic).toMatchObject({ requests: BURST, coldStarts: BURST, peak: BURST });
		expect(report.recommended).toBe(BURST + 1);
		for (let number = 0; number < 5; number++) {
			expect(await burst()).toBe(0);
			const { requested, warmed } = await ping();
			expect(requested).toBeGreaterThanOrEqual(BURST);
			expect(requested).toBeLessThanOrEqual(10);
			expect(warmed).toBeGreaterThanOrEqual(requested);
		}
	});

	test("forgets nothing when the environment that initiated the last ping is killed", async () => {
		await start();
		await burst();
		await ping();
		await killInitiator();
		expect(await ping()).toMatchObject({ requested: BURST + 1, recommended: BURST + 1 });
	});

	test("asks a fresh copy of the function for the number of the old one when its demand is handed over", async () => {
		await start();
		await burst();
		const { demand } = await ping();
		await lambda.deploy("api");
		expect(await ping()).toMatchObject({ requested: 1, basis: "no requests seen yet" });
		await lambda.deploy("api");
		expect(await ping({ demand })).toMatchObject({
			requested: BURST + 1,
			warmed: BURST + 1,
			basis: expect.stringMatching(/^peak of 6 at \d{4}-\d\d-\d\dT\d\dZ, plus 1$/),
		});
	});

	test("never asks for more than maxConcurrency when a child event is forged", async () => {
		await start();
		const hour = Math.floor(Date.now() / 3_600_000);
		await lambda.invoke("api", {
			warmer: true,
			__WARMER_INVOCATION__: 2,
			__WARMER_CONCURRENCY__: 5000,
			__WARMER_VERIFY__: true,
			__WARMER_UNTIL__: 0,
			__WARMER_DEMAND__: { [hour]: 5000, [hour + 1]: 9999, x: 1 },
		});
		expect(await ping()).toMatchObject({ requested: MAX_CONCURRENCY });
		expect(reportsOf(lambda)).toHaveLength(1);
	});
});
