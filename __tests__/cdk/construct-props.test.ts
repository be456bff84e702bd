import { describe, expect, test } from "@jest/globals";
import { Duration, Stack } from "aws-cdk-lib";
import {
	Prewarm,
	PrewarmHook,
	type PrewarmHookProps,
	WarmupSchedule,
	type WarmupScheduleProps,
} from "../../cdk/index.js";
import { ordersFunction } from "./support.js";

/** Creates a schedule with any value that JavaScript can pass. */
const create = (props: unknown) => {
	const stack = new Stack();
	const all = props === undefined ? props : { function: ordersFunction(stack), concurrency: 5, ...Object(props) };
	return () => new WarmupSchedule(stack, "Warmup", all as WarmupScheduleProps);
};

describe("throws a TypeError that names the property when it gets", () => {
	const concurrency = 'concurrency must be an integer of 1 or more, or "auto"';
	test.each<[object | undefined, string]>([
		[undefined, "function must be a Function, a Version or an Alias, got undefined"],
		[{ function: undefined }, "function must be a Function, a Version or an Alias, got undefined"],
		[{ function: "orders" }, 'function must be a Function, a Version or an Alias, got "orders"'],
		[{ function: null }, "function must be a Function, a Version or an Alias, got null"],
		[{ concurrency: null }, `${concurrency}, got null`],
		[{ concurrency: "5" }, `${concurrency}, got "5"`],
		[{ concurrency: "Auto" }, `${concurrency}, got "Auto"`],
		[{ maxConcurrency: "auto" }, 'maxConcurrency must be an integer of 1 or more, got "auto"'],
		[{ schedule: "rate(5 minutes)" }, 'schedule must be a ScheduleExpression, got "rate(5 minutes)"'],
		[{ timeZone: "Europe/Berlin" }, 'timeZone must be a TimeZone, got "Europe/Berlin"'],
		[{ timeZone: {} }, "timeZone must be a TimeZone, got an object"],
		[{ flag: "" }, 'flag must be a non-empty string, got ""'],
		[{ concurrencyField: true }, "concurrencyField must be a non-empty string, got true"],
		[{ dashboard: "yes" }, 'dashboard must be true or false, got "yes"'],
		[{ minimumCoverage: "0.8" }, 'minimumCoverage must be a number above 0 and at most 1, got "0.8"'],
		[{ maximumSilence: { hours: 6 } }, "maximumSilence must be a Duration of 1 to 168 whole hours, got an object"],
		[{ maximumColdStarts: true }, "maximumColdStarts must be an integer of 0 or more, got true"],
		[{ concurency: 5 }, "unknown property concurency"],
	])("%j", (props, message) => {
		expect(create(props)).toThrow(new TypeError(`WarmupSchedule: ${message}`));
	});

	test("a Function as the alias of a PrewarmHook", () => {
		const stack = new Stack();
		const alias = ordersFunction(stack) as unknown;
		expect(() => new PrewarmHook(stack, "Hook", { alias } as PrewarmHookProps)).toThrow(
			new TypeError("PrewarmHook: alias must be an Alias, got an object"),
		);
	});

	test("an empty tenantId for a Prewarm", () => {
		const stack = new Stack();
		expect(() => new Prewarm(stack, "Prewarm", { function: ordersFunction(stack), tenantId: "" })).toThrow(
			'Prewarm: tenantId must be a non-empty string, got ""',
		);
	});
});

describe("throws a RangeError that names the property when a number is out of range", () => {
	test.each([
		[0, "concurrency"],
		[1.5, "concurrency"],
		[Number.NaN, "concurrency"],
		[Number.POSITIVE_INFINITY, "concurrency"],
		[0, "maxConcurrency"],
		[0, "minimumCoverage"],
		[1.1, "minimumCoverage"],
		[Number.NaN, "minimumCoverage"],
		[-1, "maximumColdStarts"],
		[0.5, "maximumColdStarts"],
	])("%p as %s", (value, name) => {
		expect(create({ [name]: value })).toThrow(RangeError);
		expect(create({ [name]: value })).toThrow(`WarmupSchedule: ${name} must be`);
	});

	test("0 as the reservedConcurrentExecutions of a Prewarm", () => {
		const stack = new Stack();
		const props = { function: ordersFunction(stack), reservedConcurrentExecutions: 0 };
		expect(() => new Prewarm(stack, "Prewarm", props)).toThrow(RangeError);
	});

	test.each([Duration.minutes(30), Duration.minutes(90), Duration.hours(169)])("a silence of %s", (maximumSilence) => {
		expect(create({ maximumSilence })).toThrow("maximumSilence");
	});
});

test.each([
	{ minimumCoverage: 1 },
	{ concurrency: 1 },
	{ concurrency: "auto", maxConcurrency: 1 },
	{ concurrency: undefined },
	{ dashboard: false },
	{ maximumSilence: Duration.minutes(60) },
	{ maximumSilence: Duration.days(7) },
	{ maximumColdStarts: 0 },
	{ flag: undefined },
	{ flag: "keepAlive", concurrencyField: "count" },
])("accepts %j", (props) => {
	expect(create(props)).not.toThrow();
});
