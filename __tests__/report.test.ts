import { describe, expect, test } from "@jest/globals";
import { explainShortfall, nameAndMessage, type WarmupReport } from "../src/report.js";
import { awsError } from "./support.js";

describe("nameAndMessage", () => {
	test.each<[unknown, string, string]>([
		[new TypeError("no"), "TypeError", "no"],
		[Object.assign(new Error("no"), { code: "ECONNRESET" }), "ECONNRESET", "no"],
		[null, "Error", "a value of type object"],
		["text", "Error", "text"],
		["x".repeat(300), "Error", "x".repeat(256)],
		[new Error("x".repeat(300)), "Error", "x".repeat(256)],
	])("%p", (error, name, message) => {
		expect(nameAndMessage(error)).toEqual({ name, message });
	});

	test("bounds a name", () => {
		expect(nameAndMessage(awsError("n".repeat(300))).name).toHaveLength(256);
	});

	test("survives an error whose message cannot be read", () => {
		const error = new Error();
		Object.defineProperty(error, "message", {
			get: () => {
				throw new Error("getter");
			},
		});
		expect(nameAndMessage(error)).toEqual({ name: "Error", message: "an error that cannot be read" });
	});
});

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

	test("has nothing to say where all are warm, or nothing was tried", () => {
		expect(explainShortfall({ ...report, warmed: 5 })).toBeUndefined();
		expect(explainShortfall({ ...report, warmed: 1, skipped: "reason" })).toBeUndefined();
	});

	test("names what was counted", () => {
		expect(explainShortfall({ ...report, warmed: 1, throttled: 1, failed: 2, timedOut: 3, unverified: 4 })).toBe(
			"1 of 5 environments of api are known to be warm: 1 throttled, 2 failed, 3 timedOut, 4 unverified",
		);
	});

	test("says that environments were shared where nothing else explains it", () => {
		expect(explainShortfall({ ...report, warmed: 4, rounds: 3 })).toBe(
			"4 of 5 environments of api are known to be warm: invocations shared environments in each of 3 rounds",
		);
	});
});
