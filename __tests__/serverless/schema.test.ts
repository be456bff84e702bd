import { describe, expect, test } from "@jest/globals";
import { FUNCTION_SCHEMA, problemOf, SETTINGS_SCHEMA } from "../../serverless/schema.js";

const everything = {
	rate: "rate(5 minutes)",
	timezone: "America/Argentina/Buenos_Aires",
	concurrency: "auto",
	schedules: [{ rate: "cron(0/5 8-17 ? * MON-FRI *)", timezone: "Etc/GMT+1", concurrency: 10 }],
	stages: ["prod"],
	alias: "$LATEST",
	flag: "ping",
	concurrencyField: "n",
	prewarm: { minimumCoverage: 0.8 },
};

describe("a function's warmup", () => {
	test.each([[true], [false], [1], [50], ["auto"], [{}], [everything], [{ prewarm: true }], [{ prewarm: {} }]])(
		"may be %j",
		(value) => {
			expect(problemOf(value, FUNCTION_SCHEMA, "warmup")).toBeUndefined();
		},
	);

	test.each([
		[0, "warmup must be true, false, an integer from 1, auto, or an object, got 0"],
		[1.5, "got 1.5"],
		["5", 'got "5"'],
		[null, "got null"],
		[[], "got []"],
		[undefined, "got undefined"],
		[{ concurency: 5 }, "warmup has no property concurency, only rate, timezone, concurrency,"],
		[{ toString: 5 }, "warmup has no property toString"],
		[{ concurrency: 0 }, "warmup.concurrency must be an integer from 1, or auto, got 0"],
		[{ rate: "rate(1 minutes)" }, "warmup.rate must be an expression such as rate(5 minutes)"],
		[{ rate: "rate(0 minutes)" }, "warmup.rate"],
		[{ rate: "cron(* * * * *)" }, "warmup.rate"],
		[{ rate: 5 }, "warmup.rate"],
		[{ timezone: "Europe Berlin" }, "warmup.timezone must be a time zone such as Europe/Berlin"],
		[{ schedules: [] }, "warmup.schedules must be a list of schedules, got []"],
		[{ schedules: {} }, "warmup.schedules must be a list of schedules"],
		[{ schedules: [{ rate: "rate(1 hour)" }, {}] }, "warmup.schedules[1] must have rate"],
		[{ schedules: [5] }, "warmup.schedules[0] must be an object, got 5"],
		[{ stages: [""] }, "warmup.stages[0] must be a string that is not empty"],
		[{ stages: [] }, "warmup.stages must be a list of stages, got []"],
		[{ alias: "prod:1" }, "warmup.alias must be an alias's name, or $LATEST"],
		[{ flag: "" }, "warmup.flag"],
		[{ prewarm: "yes" }, "warmup.prewarm must be true, false, or an object"],
		[
			{ prewarm: { minimumCoverage: 0 } },
			"warmup.prewarm.minimumCoverage must be a number above 0 and at most 1, got 0",
		],
		[{ prewarm: { minimumCoverage: 80 } }, "warmup.prewarm.minimumCoverage"],
	])("must not be %j", (value, problem) => {
		expect(problemOf(value, FUNCTION_SCHEMA, "warmup")).toContain(problem);
	});
});

test("custom.warmup must be an object", () => {
	expect(problemOf(everything, SETTINGS_SCHEMA, "custom.warmup")).toBeUndefined();
	expect(problemOf(5, SETTINGS_SCHEMA, "custom.warmup")).toBe("custom.warmup must be an object, got 5");
});
