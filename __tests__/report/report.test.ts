import { describe, expect, test } from "@jest/globals";
import { explainShortfall, type WarmupReport } from "../../src/report/report.js";

describe("explainShortfall", () => {
	const report: WarmupReport = {
		action: "warmer-report",
		function: "api:$LATEST",
		target: "api",
		correlationId: "c",
		requested: 5,
		warmed: 0,
		cold: 0,
		unverified: 0,
		throttled: 0,
		failed: 0,
		timedOut: 0,
		rounds: 1,
		delay: 75,
		durationMs: 80,
		errors: [],
	};

	test("is undefined if all are warm, or nothing was tried", () => {
		expect(explainShortfall({ ...report, warmed: 5 })).toBeUndefined();
		expect(explainShortfall({ ...report, warmed: 1, skipped: "reason" })).toBeUndefined();
	});

	test("names what was counted as missing", () => {
		expect(explainShortfall({ ...report, warmed: 1, throttled: 1, failed: 2, timedOut: 3, unverified: 4 })).toBe(
			"1 of 5 environments of api are known to be warm: 1 throttled, 2 failed, 3 timedOut, 4 unverified",
		);
	});

	test("says that environments were shared if nothing else explains it", () => {
		expect(explainShortfall({ ...report, warmed: 4, rounds: 3 })).toBe(
			"4 of 5 environments of api are known to be warm: invocations shared environments in each of 3 rounds",
		);
	});
});
