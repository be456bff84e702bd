import { afterEach, describe, expect, test } from "@jest/globals";
import type { InvocationRecord, LocalLambda } from "../../local-lambda/index.js";
import { startLocalLambda } from "../../local-lambda/index.js";
import type { WarmupReport } from "../../src/index.js";
import {
	childrenOf,
	errorsOf,
	handlerUrl,
	pidsOf,
	ping,
	recordsOf,
	rush,
	service,
	startApi,
	warningsOf,
} from "./support.js";

/** What a child was told. */
const toldOf = ({ payload }: InvocationRecord) => payload as { __WARMER_DELAY__: number; __WARMER_UNTIL__: number };

let lambda: LocalLambda;
afterEach(() => lambda.stop());

describe("under delivery delays", () => {
	test.each([1, 2, 3])("coverage is repaired, and known exactly: seed %i", async (seed) => {
		// A child in four is later than the first hold, one in fifty than the second, and hardly any than the third.
		lambda = await startApi(service({ delay: 40 }), {
			seed,
			delivery: { RequestResponse: { median: 30, p99: 90 } },
		});
		const reports: WarmupReport[] = [];
		for (let i = 0; i < 8; i++) {
			const { report, requests } = await ping(lambda, {
				warmer: true,
				concurrency: 5,
			});
			expect(report.warmed).toBe(pidsOf(requests).size);
			expect(report.warmed).toBe(5);
			expect(report.errors).toEqual([]);
			expect(requests).toHaveLength(1 + 4 * report.rounds);
			reports.push(report);
		}
		expect(Math.max(...reports.map(({ rounds }) => rounds))).toBeGreaterThan(1);
		for (const { rounds, delay } of reports) {
			// Exactly the delay that was given; then doubled, or longer where a child was later than that.
			if (rounds === 1) expect(delay).toBe(40);
			else expect(delay).toBeGreaterThanOrEqual(40 * 2 ** (rounds - 1));
		}
		const answers = await rush(lambda, 5);
		expect(answers.filter(({ coldStart }) => coldStart)).toEqual([]);
	});

	test("a hold that was left out becomes as long as the delays need", async () => {
		lambda = await startApi(service(), {
			delivery: { RequestResponse: { median: 200, p99: 201 } },
		});
		const holds: unknown[] = [];
		for (let i = 0; i < 6; i++) {
			const { report, requests } = await ping(lambda, {
				warmer: true,
				concurrency: 3,
			});
			expect(report.warmed).toBe(3);
			const [, child] = requests;
			holds.push(child && toldOf(child).__WARMER_DELAY__);
		}
		expect(holds[0]).toBe(75);
		expect(holds.at(-1)).toBeGreaterThan(200);
	});
});

describe("reserved concurrency of 3, five asked for", () => {
	test("one round warms three, and the report says what was refused", async () => {
		lambda = await startApi(service({ delay: 500 }, { reservedConcurrency: 3 }));
		const { payload, report, requests } = await ping(lambda, {
			warmer: true,
			concurrency: 5,
		});
		expect(payload).toBe("warmed");
		expect(requests).toHaveLength(5);
		expect(report).toMatchObject({
			requested: 5,
			warmed: 3,
			throttled: 2,
			failed: 0,
			rounds: 1,
			errors: [
				{
					name: "TooManyRequestsException",
					count: 2,
					hint: expect.stringContaining("reserved concurrency"),
				},
			],
		});
		expect(warningsOf(lambda)).toEqual([expect.stringContaining("2 throttled")]);
		const answers = await rush(lambda, 3);
		expect(answers.filter(({ coldStart }) => coldStart)).toEqual([]);
	});
});

describe("a mixed fleet", () => {
	const deployedOld = (...invocations: number[]) => ({
		...service(
			{},
			{
				environment: { OLD_INVOCATIONS: JSON.stringify(invocations) },
			},
		),
		handler: handlerUrl("mixed"),
	});

	test("children that run lambda-warmer count as unverified, and start no further round", async () => {
		lambda = await startApi({ ...deployedOld(2, 4), coldStartMs: 500 });
		const { report } = await ping(lambda, { warmer: true, concurrency: 5 });
		expect(report).toMatchObject({
			requested: 5,
			warmed: 3,
			unverified: 2,
			failed: 0,
			rounds: 1,
		});
		expect(childrenOf(lambda)).toHaveLength(4);
		expect(pidsOf(lambda.invocations).size).toBe(5);
		expect(warningsOf(lambda)).toEqual([expect.stringContaining("2 unverified")]);
	});

	test("so do the environments of a target that runs nothing else", async () => {
		lambda = await startLocalLambda({
			functions: {
				api: service({ targets: ["legacy"] }),
				legacy: { ...deployedOld(1, 2, 3), coldStartMs: 500 },
			},
		});
		const { report } = await ping(lambda, {
			warmer: true,
			concurrency: 3,
			target: "legacy",
		});
		expect(report).toMatchObject({ warmed: 0, unverified: 3, rounds: 1 });
		expect(childrenOf(lambda)).toHaveLength(3);
	});

	test("our children understand lambda-warmer’s pings", async () => {
		lambda = await startApi({ ...deployedOld(1), coldStartMs: 500 });
		const { payload } = await lambda.invoke("api", {
			warmer: true,
			concurrency: 5,
		});
		expect(payload).toBe("warmed");
		await lambda.settle();
		expect(childrenOf(lambda)).toHaveLength(4);
		expect(pidsOf(lambda.invocations).size).toBe(5);

		const [first, ...records] = recordsOf(lambda);
		expect(records.map(({ count }) => count).sort()).toEqual([2, 3, 4, 5]);
		for (const record of records) {
			expect(record).toMatchObject({
				start: "cold",
				concurrency: 5,
				correlationId: first?.correlationId,
			});
		}
		const answers = await rush(lambda, 5);
		expect(answers.filter(({ coldStart }) => coldStart)).toEqual([]);
		expect(answers.map(({ payload }) => (payload as { deployment: string }).deployment).sort()).toEqual([
			"current",
			"current",
			"current",
			"current",
			"old",
		]);
		expect(errorsOf(lambda)).toEqual([]);
	});
});

describe("priming", () => {
	interface Primed {
		action: "primed";
		pid: number;
		begun: number;
		ended: number;
	}
	const primedIn = () =>
		lambda.logs.flatMap(({ message }) => ((message as Primed).action === "primed" ? [message as Primed] : []));
	const startPrimed = (delay: number, environment: Record<string, string>) =>
		startApi({
			...service({ delay, maxDelay: 2000 }, { environment }),
			handler: handlerUrl("primed"),
		});
	/** A ping of three environments that had all been started before. */
	const pingWarm = async () => {
		const event = { warmer: true, concurrency: 3 };
		await ping(lambda, event);
		lambda.reset();
		return ping(lambda, event);
	};

	test("runs in every environment, at the same time as the hold", async () => {
		lambda = await startPrimed(800, { PRIMING_MS: "20" });
		const { requests, report } = await pingWarm();
		expect(report).toMatchObject({ warmed: 3, rounds: 1, cold: 0 });
		expect(new Set(primedIn().map(({ pid }) => pid))).toEqual(pidsOf(requests));
		for (const child of childrenOf(lambda)) {
			const primed = primedIn().find(({ pid }) => pid === child.pid);
			expect(primed?.ended).toBeLessThan(toldOf(child).__WARMER_UNTIL__);
		}
	});

	test("is awaited when it takes longer than the hold", async () => {
		lambda = await startPrimed(20, { PRIMING_MS: "500" });
		const { report } = await pingWarm();
		expect(report).toMatchObject({ warmed: 3, rounds: 1 });
		const children = childrenOf(lambda);
		expect(children).toHaveLength(2);
		for (const { pid, billedMs } of children) {
			const { begun = 0, ended = 0 } = primedIn().find((primed) => primed.pid === pid) ?? {};
			expect(ended - begun).toBeGreaterThan(20);
			expect(billedMs).toBeGreaterThanOrEqual(ended - begun);
		}
	});

	test("logs a warning when it fails, and still counts the environment", async () => {
		lambda = await startPrimed(300, { PRIMING_MS: "0", PRIMING_FAILS: "yes" });
		const { payload, report } = await ping(lambda, {
			warmer: true,
			concurrency: 3,
		});
		expect(payload).toBe("warmed");
		expect(report).toMatchObject({ warmed: 3, failed: 0 });
		expect(warningsOf(lambda)).toEqual(Array(3).fill("onWarmup failed: no database"));
	});
});
