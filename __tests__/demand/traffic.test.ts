import { describe, expect, test } from "@jest/globals";
import { packBusySeconds } from "../../src/demand/busy-seconds.js";
import { createDemand } from "../../src/demand/demand.js";
import { demandOf, type Served, summarizeTraffic } from "../../src/demand/traffic.js";

const hour = 494_611;
const second = hour * 3600;
const now = (second + 1800) * 1000;
const served = (given: Partial<Served>): Served => ({
	requests: 1,
	coldStart: false,
	sinceMs: 1000,
	busySeconds: [],
	...given,
});

describe("the traffic of several environments", () => {
	const records = [
		served({ requests: 4, coldStart: true, sinceMs: 300_000, busySeconds: [second, second + 1] }),
		served({ requests: 2, busySeconds: [second + 1, second + 2] }),
		served({ coldStart: true, busySeconds: [second + 1, second + 3600] }),
	];

	test("adds up requests and cold starts, and counts what was busy in the same second", () => {
		expect(summarizeTraffic(records)).toEqual({ requests: 7, coldStarts: 2, peak: 3, sinceMs: 300_000 });
	});

	test("has a peak for each hour", () => {
		expect(demandOf(records, now + 3_600_000)).toEqual({ [hour]: 3, [hour + 1]: 1 });
	});

	test("has no peak for an hour that has not come yet", () => {
		expect(demandOf(records, now)).toEqual({ [hour]: 3 });
	});
});

test("is nothing when no environment was reached", () => {
	expect(summarizeTraffic([])).toEqual({ requests: 0, coldStarts: 0, peak: 0, sinceMs: 0 });
	expect(demandOf([], now)).toEqual({});
});

test("fits into an answer of 1,024 bytes at its largest", () => {
	const answer = {
		id: "x".repeat(64),
		start: "proactive",
		startedAt: now,
		traffic: {
			requests: Number.MAX_SAFE_INTEGER,
			coldStart: true,
			sinceMs: Number.MAX_SAFE_INTEGER,
			busy: packBusySeconds(Array.from({ length: 600 }, (_, index) => second + index)),
		},
		demand: createDemand(now, () => 9999),
	};
	expect(JSON.stringify(answer).length).toBeLessThan(1024);
});
