import { describe, expect, test } from "@jest/globals";
import { largestConcurrency, pingOf, settingsOf } from "../../serverless/settings.js";

describe("settingsOf", () => {
	test.each([
		["false", false],
		["nothing", undefined],
	])("warms nothing for %s, whatever custom.warmup says", (_, warmup) => {
		expect(settingsOf({ concurrency: 5 }, warmup, "dev")).toBeUndefined();
	});

	test("pings every 5 minutes without a number for true alone", () => {
		expect(settingsOf(undefined, true, "dev")).toEqual({ schedules: [{ rate: "rate(5 minutes)" }] });
	});

	test.each([5, "auto"] as const)("takes %s for the number of environments", (warmup) => {
		expect(settingsOf({ concurrency: 2 }, warmup, "dev")?.schedules).toEqual([
			{ rate: "rate(5 minutes)", concurrency: warmup },
		]);
	});

	test("lets a function's own settings win, one by one", () => {
		const custom = { rate: "rate(10 minutes)", timezone: "Europe/Berlin", alias: "prod", prewarm: true };
		expect(settingsOf(custom, { rate: "rate(1 hour)", prewarm: false }, "dev")).toEqual({
			schedules: [{ rate: "rate(1 hour)", timezone: "Europe/Berlin" }],
			alias: "prod",
			prewarm: false,
		});
	});

	const schedules = [{ rate: "rate(1 hour)", concurrency: 3 }, { rate: "rate(2 hours)" }];

	test("completes schedules with what stands beside them", () => {
		expect(settingsOf({ schedules, concurrency: "auto" }, true, "dev")?.schedules).toEqual([
			{ rate: "rate(1 hour)", concurrency: 3 },
			{ rate: "rate(2 hours)", concurrency: "auto" },
		]);
	});

	test.each([{ rate: "rate(10 minutes)" }, { timezone: "Asia/Tokyo" }, { concurrency: 4 }, 4])(
		"gives %j one schedule, not those of custom.warmup",
		(warmup) => {
			expect(settingsOf({ schedules }, warmup, "dev")?.schedules).toHaveLength(1);
		},
	);

	test("keeps a function's own schedules beside its own number", () => {
		expect(settingsOf({}, { schedules, concurrency: 4 }, "dev")?.schedules).toEqual([
			{ rate: "rate(1 hour)", concurrency: 3 },
			{ rate: "rate(2 hours)", concurrency: 4 },
		]);
	});

	test("warms in the given stages only", () => {
		const custom = { stages: ["prod"] };
		expect(settingsOf(custom, 5, "dev")).toBeUndefined();
		expect(settingsOf(custom, 5, "prod")).not.toHaveProperty("stages");
		expect(settingsOf(custom, { stages: ["dev"] }, "dev")).toBeDefined();
	});
});

test("pingOf leaves the number to the middleware's option if none is set, and uses other names of fields", () => {
	expect(pingOf({ schedules: [] }, undefined)).toEqual({ warmer: true });
	expect(pingOf({ schedules: [], flag: "ping", concurrencyField: "n" }, 2)).toEqual({ ping: true, n: 2 });
});

test.each([
	[[2, 7, 3], 7],
	[[2, "auto"], "auto"],
	[[undefined, 2], 2],
	[[undefined], undefined],
] as const)("largestConcurrency of %j is %j", (asked, largest) => {
	const schedules = asked.map((concurrency) => ({
		rate: "rate(5 minutes)",
		...(concurrency !== undefined && { concurrency }),
	}));
	expect(largestConcurrency({ schedules })).toBe(largest);
});
