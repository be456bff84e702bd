import { describe, expect, test } from "@jest/globals";
import type { Failure } from "../../src/report/errors.js";
import { type ChildOutcome, createTally, type ReachedEnvironment, type TallyStart } from "../../src/report/tally.js";

const second = Math.floor(Date.now() / 1000) - 10;
const hour = `${Math.floor(second / 3600)}`;

const environment = (id: string, given: Partial<ReachedEnvironment> = {}): ReachedEnvironment => ({
	id,
	start: "warm",
	...given,
});
const served = (requests: number, { coldStart = false, busySeconds = [second] } = {}) => ({
	requests,
	coldStart,
	sinceMs: 1000 * requests,
	busySeconds,
});
const reached = (id: string, given: Partial<ReachedEnvironment> = {}): ChildOutcome => ({
	kind: "identified",
	environment: environment(id, given),
	startedAt: 1,
});
const failed = (given: Partial<Failure> = {}): ChildOutcome => ({
	kind: "failed",
	failure: { reason: "failed", isTransient: false, isTransport: false, name: "E", message: "why", ...given },
});
const start = (given: Partial<TallyStart> = {}) =>
	createTally({
		function: "api:1",
		target: "api",
		correlationId: "c",
		initiator: undefined,
		demand: {},
		limits: { minConcurrency: 1, maxConcurrency: 50 },
		verify: true,
		...given,
	});

describe("a tally", () => {
	test("is empty if nothing was reached", () => {
		expect(start().report(5)).toEqual({
			action: "warmer-report",
			function: "api:1",
			target: "api",
			correlationId: "c",
			requested: 5,
			warmed: 0,
			cold: 0,
			unverified: 0,
			throttled: 0,
			failed: 0,
			timedOut: 0,
			traffic: { requests: 0, coldStarts: 0, peak: 0, sinceMs: 0 },
			recommended: 1,
			demand: {},
			errors: [],
		});
	});

	test("counts each environment once, the initiator included", () => {
		const tally = start({ initiator: environment("a", { start: "cold" }) });
		tally.add([reached("a"), reached("b", { start: "cold" }), reached("b")]);
		tally.add([reached("c", { start: "proactive" }), reached("b")]);
		expect(tally.warmedCount()).toBe(3);
		expect(tally.report(5)).toMatchObject({ warmed: 3, cold: 2 });
	});

	test("counts failures by reason, and answers without an identity", () => {
		const tally = start();
		tally.add([
			failed(),
			failed({ reason: "throttled" }),
			failed({ reason: "throttled" }),
			failed({ reason: "timedOut" }),
			{ kind: "unidentified" },
		]);
		expect(tally.report(5)).toMatchObject({ warmed: 0, failed: 1, throttled: 2, timedOut: 1, unverified: 1 });
	});

	test("says whether a round reached an environment that a request had to start, for the first time", () => {
		const started = reached("b", { served: served(1, { coldStart: true }) });
		const tally = start({ initiator: environment("a", { served: served(1, { coldStart: true }) }) });
		expect(tally.add([reached("c"), failed(), { kind: "unidentified" }])).toBe(false);
		expect(tally.add([started, reached("d")])).toBe(true);
		expect(tally.add([started])).toBe(false);
	});

	test("adds up the traffic of all environments, each once", () => {
		const tally = start({ initiator: environment("a", { served: served(1) }) });
		const other = reached("b", { served: served(3, { coldStart: true }) });
		tally.add([other, other, reached("c", { served: served(2, { busySeconds: [second - 1] }) }), reached("older")]);
		expect(tally.peak()).toBe(2);
		expect(tally.report(5)).toMatchObject({
			traffic: { requests: 6, coldStarts: 1, peak: 2, sinceMs: 3000 },
			recommended: 3,
			demand: { [hour]: 2 },
		});
	});

	test("remembers the larger of all peaks that are known for an hour", () => {
		const tally = start({
			demand: { [hour]: 4 },
			initiator: environment("a", { served: served(1), demand: { [hour]: 2 } }),
		});
		expect(tally.demand()).toEqual({ [hour]: 4 });
		tally.add([reached("b", { demand: { [hour]: 7 } })]);
		expect(tally.demand()).toEqual({ [hour]: 7 });
		expect(tally.report(5).recommended).toBe(8);
	});

	test("has no traffic without verification", () => {
		const report = start({ verify: false }).report(5);
		for (const field of ["traffic", "recommended", "demand"]) expect(report).not.toHaveProperty(field);
	});

	test("lists errors by name and message, the most frequent first, ten at most", () => {
		const tally = start();
		tally.add([failed(), failed({ message: "other" }), failed({ message: "other", hint: "do" })]);
		tally.addError({ name: "Own", message: "m", hint: "h" });
		expect(tally.report(5).errors).toStrictEqual([
			{ name: "E", message: "other", count: 2, hint: "do" },
			{ name: "E", message: "why", count: 1 },
			{ name: "Own", message: "m", count: 1, hint: "h" },
		]);
		for (let index = 0; index < 20; index++) tally.addError({ name: "Own", message: `${index}` });
		expect(tally.report(5).errors).toHaveLength(10);
	});
});
