import { describe, expect, test } from "@jest/globals";
import { planRepair, type RoundPlan, summarizeRound } from "../../src/fan-out/next-round.js";
import { explainFailure, type Failure, NO_ANSWER } from "../../src/report/errors.js";
import type { StartType } from "../../src/report/report.js";
import type { ChildOutcome } from "../../src/report/tally.js";

const reached = (id: string, startedAt = 0, start: StartType = "warm"): ChildOutcome => ({
	kind: "identified",
	environment: { id, start },
	startedAt,
});
const failed = (failure: Failure): ChildOutcome => ({ kind: "failed", failure });
const reset = failed(explainFailure(Object.assign(new Error("reset"), { code: "ECONNRESET" }), "api"));
const denied = failed(explainFailure(Object.assign(new Error("denied"), { name: "AccessDeniedException" }), "api"));
const silent = failed(NO_ANSWER);
const unidentified: ChildOutcome = { kind: "unidentified" };

const summarize = (outcomes: readonly ChildOutcome[], waitedMs = 0) => summarizeRound(outcomes, 1000, waitedMs);

describe("summarizeRound", () => {
	test.each([
		["answered when one child answered", [reset, reached("a")], 0, "answered"],
		["answered when a foreign handler answered", [unidentified], 0, "answered"],
		["answered when Lambda refused all children", [denied], 0, "answered"],
		["answered when Lambda refused one child and the others were reset", [denied, reset], 0, "answered"],
		["failed when all children were reset", [reset, reset], 5000, "failed"],
		["unknown when there was no answer within a second", [silent], 999, "unknown"],
		["silent when there was no answer for a second", [silent], 1000, "silent"],
		["silent when some children were reset and others heard nothing", [silent, reset], 1000, "silent"],
	])("calls the transport %s", (_, outcomes, waitedMs, health) => {
		expect(summarize(outcomes, waitedMs).health).toBe(health);
	});

	test.each([
		["each child had its own", [reached("a"), reached("b"), reset], false],
		["two children had the same", [reached("a"), reached("b"), reached("a")], true],
		["no child is identified", [unidentified, unidentified], false],
	])("tells whether environments were shared when %s", (_, outcomes, expected) => {
		expect(summarize(outcomes).hasSharedEnvironment).toBe(expected);
	});

	test("tells permanent failures from transient ones", () => {
		expect(summarize([reset, reached("a")]).hasPermanentFailure).toBe(false);
		expect(summarize([reset, denied]).hasPermanentFailure).toBe(true);
	});

	test("tells whether a child had to start its environment", () => {
		expect(summarize([reached("a"), reached("b", 0, "proactive")]).hasStarted).toBe(false);
		expect(summarize([reached("a"), reached("b", 0, "cold")]).hasStarted).toBe(true);
	});

	test("counts the answers without an identity", () => {
		expect(summarize([reached("a"), unidentified, reset, unidentified]).unverifiedCount).toBe(2);
	});

	test.each([
		["the slowest warm child's", [reached("a", 1040), reached("b", 1090), reached("c", 1010)], 90],
		["without cold children's", [reached("a", 1040), reached("b", 1900, "cold")], 40],
		["0 when clocks disagree", [reached("a", 990)], 0],
		["0 when no child is identified", [reset], 0],
	])("measures arrivals: %s", (_, outcomes, expected) => {
		expect(summarize(outcomes).slowestArrivalMs).toBe(expected);
	});
});

describe("planRepair", () => {
	const plan: RoundPlan = { concurrency: 5, holdMs: 40, holdsUntilInstant: true };
	const late = { ...summarize([reached("a", 1300), reached("a", 1300)]) };
	const skewed = { ...summarize([reached("a", 1010), reached("a", 1010)]) };
	const notShared = summarize([reset]);

	test.each([
		["repeats the round when no environment was shared", plan, notShared, 1, plan],
		["repeats it as the last one", plan, notShared, 2, plan],
		["ends after three incomplete rounds", plan, notShared, 3, undefined],
		["ends after three rounds with shared environments", plan, late, 3, undefined],
		["keeps the instant when a late arrival explains sharing", plan, late, 1, { ...plan, holdMs: 80 }],
		[
			"gives up the instant when no arrival explains sharing",
			plan,
			skewed,
			1,
			{ holdMs: 80, holdsUntilInstant: false },
		],
		["gives up the instant in the last repair", plan, late, 2, { holdMs: 600, holdsUntilInstant: false }],
		[
			"never returns to an instant",
			{ ...plan, holdsUntilInstant: false },
			late,
			1,
			{ holdMs: 80, holdsUntilInstant: false },
		],
		[
			"gives up the instant when a child arrived as its hold ended",
			{ ...plan, holdMs: 300 },
			late,
			1,
			{
				holdMs: 600,
				holdsUntilInstant: false,
			},
		],
	])("%s", (_, current, summary, incompleteRounds, expected) => {
		const next = planRepair(current, summary, incompleteRounds, 1000);
		expect(next).toEqual(expected && { concurrency: 5, ...expected });
	});

	test("never holds longer than maxDelay", () => {
		expect(planRepair(plan, late, 1, 60)).toMatchObject({ holdMs: 60 });
	});
});
