import { expect, describe as suite, test } from "@jest/globals";
import { describe, emptyReport, explainShortfall } from "../src/report.js";
import { awsError } from "./helpers.js";

suite("describe", () => {
	test.each<[unknown, string, string]>([
		[new TypeError("no"), "TypeError", "no"],
		[
			Object.assign(new Error("no"), { code: "ECONNRESET" }),
			"ECONNRESET",
			"no",
		],
		[null, "Error", "threw a value of type object"],
		["text", "Error", "threw a value of type string"],
		[new Error("x".repeat(300)), "Error", "x".repeat(256)],
	])("%p", (error, name, message) => {
		expect(describe(error)).toEqual({ name, message });
	});

	test("bounds a name", () => {
		expect(describe(awsError("n".repeat(300))).name).toHaveLength(256);
	});

	test("survives an error whose message cannot be read", () => {
		const error = new Error();
		Object.defineProperty(error, "message", {
			get: () => {
				throw new Error("getter");
			},
		});
		expect(describe(error)).toEqual({
			name: "Error",
			message: "threw an error that cannot be read",
		});
	});
});

suite("explainShortfall", () => {
	const report = {
		...emptyReport({
			target: "api",
			correlationId: "c",
			concurrency: 5,
			initiator: undefined,
		}),
		rounds: 1,
	};

	test("has nothing to say where all are warm, or nothing was tried", () => {
		expect(explainShortfall({ ...report, warmed: 5 })).toBeUndefined();
		expect(
			explainShortfall({ ...report, warmed: 1, skipped: "reason" }),
		).toBeUndefined();
	});

	test("names what was counted", () => {
		expect(
			explainShortfall({
				...report,
				warmed: 1,
				throttled: 1,
				failed: 2,
				timedOut: 3,
				unverified: 4,
			}),
		).toBe(
			"1 of 5 environments of api are known to be warm: 1 throttled, 2 failed, 3 timedOut, 4 unverified",
		);
	});

	test("says that environments were shared where nothing else explains it", () => {
		expect(explainShortfall({ ...report, warmed: 4, rounds: 3 })).toBe(
			"4 of 5 environments of api are known to be warm: invocations shared environments in each of 3 rounds",
		);
	});
});

suite("emptyReport", () => {
	test("counts the initiator where it is one of the environments", () => {
		const plan = { target: "api", correlationId: "c", concurrency: 5 };
		expect(emptyReport({ ...plan, initiator: undefined })).toMatchObject({
			requested: 5,
			warmed: 0,
			cold: 0,
			errors: [],
		});
		expect(
			emptyReport({ ...plan, initiator: { id: "e", start: "warm" } }),
		).toMatchObject({ warmed: 1, cold: 0 });
		expect(
			emptyReport({ ...plan, initiator: { id: "e", start: "cold" } }),
		).toMatchObject({ warmed: 1, cold: 1 });
	});
});
