import { afterEach, describe, expect, test } from "@jest/globals";
import { createDelivery } from "../../local-lambda/delivery.js";
import type { LocalLambda, LocalLambdaOptions } from "../../local-lambda/index.js";
import { handlerUrl, pidsOf, startWith, stateOf, until } from "./support.js";

/** The beginning and the end of each process's start, in order. */
const startsIn = ({ timeline }: LocalLambda) =>
	timeline.events.map(({ kind }) => kind).filter((kind) => ["spawn", "ready", "exit"].includes(kind));

let lambda: LocalLambda;
afterEach(() => lambda.stop());

describe("a request", () => {
	test("gets a process of its own when others are busy", async () => {
		lambda = await startWith();
		const answers = await Promise.all([1, 2, 3].map(() => lambda.invoke("api", { waitMs: 200 })));
		expect(new Set(answers.map(({ environment }) => environment)).size).toBe(3);
		expect(new Set(pidsOf(lambda)).size).toBe(3);
		expect(answers.every(({ coldStart }) => coldStart)).toBe(true);
	});

	test("reuses an idle environment, the most recently used first", async () => {
		lambda = await startWith();
		const slow = lambda.invoke("api", { waitMs: 400 });
		await lambda.invoke("api");
		const later = await slow;
		for (let i = 0; i < 3; i++) {
			const answer = await lambda.invoke("api");
			expect(answer.environment).toBe(later.environment);
			expect(answer.coldStart).toBe(false);
		}
	});

	describe("when several environments are idle", () => {
		/** Which environments serve six requests, by the order (1 to 3) in which they came to rest before. */
		const serving = async (options: Partial<LocalLambdaOptions>) => {
			lambda = await startWith({}, options);
			await Promise.all([0, 100, 200].map((waitMs) => lambda.invoke("api", { waitMs })));
			const rested = lambda.timeline.events
				.filter(({ kind }) => kind === "respond")
				.map(({ environment }) => environment);
			expect(new Set(rested).size).toBe(3);
			const order: number[] = [];
			for (let i = 0; i < 6; i++) {
				const { environment } = await lambda.invoke("api");
				order.push(rested.indexOf(environment) + 1);
			}
			await lambda.stop();
			return order.join("");
		};

		test("gets the most recently used one by default", async () => {
			expect(await serving({})).toBe("333333");
			expect(await serving({ reuse: "most-recent" })).toBe("333333");
		});

		test("gets the least recently used one if so configured", async () => {
			expect(await serving({ reuse: "least-recent" })).toBe("123123");
		});

		test("gets a random one if so configured, the same for the same seed", async () => {
			const drawn = await serving({ reuse: "random", seed: 1 });
			expect(await serving({ reuse: "random", seed: 1 })).toBe(drawn);
			expect(await serving({ reuse: "random", seed: 2 })).not.toBe(drawn);
			expect(new Set(drawn).size).toBeGreaterThan(1);
		});
	});

	test("waits for the environment whose cold start it caused", async () => {
		lambda = await startWith({ coldStartMs: 300 });
		await lambda.invoke("api");
		const short = lambda.invoke("api", { waitMs: 20 });
		const bound = lambda.invoke("api");
		expect((await short).environment).toBe("api-1");
		expect(await bound).toMatchObject({ environment: "api-2", coldStart: true });
		expect((await short).durationMs).toBeLessThan((await bound).durationMs);
	});

	test("waits for earlier starts when only one process may start at a time, even if those fail", async () => {
		lambda = await startWith({ handler: handlerUrl("broken") }, { startsAtOnce: 1 });
		await Promise.all([1, 2, 3].map(() => lambda.invoke("api")));
		await lambda.stop();
		expect(startsIn(lambda)).toEqual(Array(3).fill(["spawn", "exit"]).flat());

		lambda = await startWith({}, { startsAtOnce: 1 });
		const answers = await Promise.all([1, 2, 3].map(() => lambda.invoke("api")));
		expect(answers.filter(({ coldStart }) => coldStart)).toHaveLength(3);
		expect(startsIn(lambda)).toEqual(Array(3).fill(["spawn", "ready"]).flat());
	});

	test("does not delay stop when its process has not started yet", async () => {
		lambda = await startWith({}, { startsAtOnce: 1 });
		const answers = [1, 2, 3].map(() => lambda.invoke("api"));
		await lambda.stop();
		for (const { status } of await Promise.all(answers)) {
			expect([200, 500]).toContain(status);
		}
		expect(pidsOf(lambda).length).toBeLessThan(3);
	});

	test("gets no environment of another version", async () => {
		lambda = await startWith({ aliases: { prod: "1" } });
		await lambda.invoke("api");
		const prod = await lambda.invoke("api", {}, { qualifier: "prod" });
		const one = await lambda.invoke("api", {}, { qualifier: "1" });
		expect(prod).toMatchObject({ environment: "api-2", coldStart: true });
		expect(one).toMatchObject({ environment: "api-2", coldStart: false });
	});

	test("gets no environment of another tenant", async () => {
		lambda = await startWith({ tenantIsolation: true });
		const blue = await lambda.invoke("api", {}, { tenantId: "blue" });
		const green = await lambda.invoke("api", {}, { tenantId: "green" });
		const again = await lambda.invoke("api", {}, { tenantId: "blue" });
		expect(blue.payload).toMatchObject({ context: { tenantId: "blue" } });
		expect(green.environment).not.toBe(blue.environment);
		expect(again.environment).toBe(blue.environment);
	});

	test("has a cold start when the environment was idle for too long", async () => {
		lambda = await startWith({}, { idleExpiryMs: 50 });
		await lambda.invoke("api");
		const [pid = 0] = pidsOf(lambda);
		await until(() => stateOf(pid) === undefined);
		expect(await lambda.invoke("api")).toMatchObject({ coldStart: true });
	});
});

describe("between invocations, an environment", () => {
	test("is frozen, and keeps its state", async () => {
		lambda = await startWith();
		await lambda.invoke("api");
		await lambda.settle();
		const [pid = 0] = pidsOf(lambda);
		// The kernel takes a moment to deliver SIGSTOP.
		await until(() => stateOf(pid) === "T");
		expect((await lambda.invoke("api")).payload).toMatchObject({ calls: 2, pid });
		await lambda.settle();
		await until(() => stateOf(pid) === "T");
		const [environment] = lambda.timeline.environments();
		expect(environment?.spans.map(({ kind }) => kind)).toEqual(["init", "invoke", "frozen", "invoke", "frozen"]);
	});

	test("is idle when freezing is off", async () => {
		lambda = await startWith({}, { freeze: false });
		await lambda.invoke("api");
		await lambda.settle();
		const [pid = 0] = pidsOf(lambda);
		expect(stateOf(pid)).not.toBe("T");
		const [environment] = lambda.timeline.environments();
		expect(environment?.spans.at(-1)?.kind).toBe("idle");
	});
});

describe("the record", () => {
	test("has spans that do not overlap, and the environment of each invocation", async () => {
		lambda = await startWith();
		await Promise.all([lambda.invoke("api"), lambda.invoke("api")]);
		await lambda.invoke("api");
		await lambda.settle();
		for (const { spans } of lambda.timeline.environments()) {
			for (const [i, span] of spans.entries()) {
				expect(span.end).toBeGreaterThanOrEqual(span.start);
				expect(span.start).toBeGreaterThanOrEqual(spans[i - 1]?.end ?? 0);
			}
		}
		for (const record of lambda.invocations) {
			const { environment, acceptedAt, startedAt = 0, endedAt = 0 } = record;
			expect(record).toMatchObject({ status: 200, via: "direct", attempts: 1 });
			expect(startedAt).toBeGreaterThanOrEqual(acceptedAt);
			expect(record.billedMs).toBe(Math.max(1, Math.ceil(endedAt - startedAt)));
			expect("initMs" in record).toBe(record.coldStart);
			expect(lambda.timeline.environments().find(({ name }) => name === environment)?.pid).toBe(record.pid);
		}
	});

	test("keeps a logged object as an object, with its request", async () => {
		lambda = await startWith();
		await lambda.invoke("api", { a: 1 });
		expect(lambda.logs).toMatchObject([
			{
				environment: "api-1",
				functionName: "api",
				level: "INFO",
				message: { event: { a: 1 }, calls: 1 },
				requestId: lambda.invocations[0]?.requestId,
			},
		]);
	});

	test("keeps an object that is logged outside of any request", async () => {
		lambda = await startWith({ environment: { LOG_AT_INIT: "yes" } });
		await lambda.invoke("api");
		const [line] = lambda.logs;
		expect(line).toMatchObject({ level: "WARN", message: { loadedAt: expect.any(Number) } });
		expect(line).not.toHaveProperty("message.message");
	});

	test("is empty after reset", async () => {
		lambda = await startWith();
		await lambda.invoke("api");
		await lambda.settle();
		lambda.reset();
		expect([lambda.timeline.events, lambda.logs, lambda.invocations]).toEqual([[], [], []]);
		expect(await lambda.invoke("api")).toMatchObject({ coldStart: false });
	});
});

describe("delivery delays", () => {
	const distribution = { median: 40, p99: 250 };
	const draw = (next: () => number, count: number) => Array.from({ length: count }, next);

	test("are the same for the same seed, however the invocation types interleave", async () => {
		const both = { RequestResponse: distribution, Event: distribution };
		const one = createDelivery(7, both);
		const two = createDelivery(7, both);
		const first = draw(one.RequestResponse, 5);
		draw(two.Event, 3);
		expect(draw(two.RequestResponse, 5)).toEqual(first);
		expect(draw(createDelivery(8, both).RequestResponse, 5)).not.toEqual(first);
		expect(draw(createDelivery(7, both).Event, 5)).not.toEqual(first);
	});

	test("have the given median and 99th percentile", () => {
		const delays = draw(createDelivery(1, { Event: distribution }).Event, 50_000);
		delays.sort((a, b) => a - b);
		expect((delays[25_000] ?? 0) / 40).toBeCloseTo(1, 1);
		expect((delays[49_500] ?? 0) / 250).toBeCloseTo(1, 1);
	});

	test("are 0 by default, and refused when impossible", () => {
		expect(createDelivery(1).Event()).toBe(0);
		expect(() => createDelivery(1, { Event: { median: 2, p99: 1 } })).toThrow(RangeError);
	});

	test("delay a request", async () => {
		lambda = await startWith({}, { delivery: { RequestResponse: { median: 150, p99: 150 } } });
		await lambda.invoke("api");
		const direct = await lambda.invoke("api");
		const delayed = await lambda.invoke("api", {}, { delivery: true });
		expect(delayed.durationMs).toBeGreaterThan(direct.durationMs);
		const { acceptedAt = 0, startedAt = 0 } = lambda.invocations[2] ?? {};
		// Node.js truncates timers to whole ms.
		expect(startedAt - acceptedAt).toBeGreaterThanOrEqual(148);
	});
});

test("settle waits until everything that was logged has been read, however much", async () => {
	lambda = await startWith();
	for (let count = 1; count <= 5; count++) {
		await lambda.invoke("api", "x".repeat(1_000_000));
		await lambda.settle();
		expect(lambda.logs).toHaveLength(count);
	}
});
