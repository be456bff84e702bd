import { describe, expect, test } from "@jest/globals";
import { Duration, Stack } from "aws-cdk-lib";
import { WarmupSchedule, type WarmupScheduleProps } from "../../cdk/index.js";
import { ordersFunction } from "./support.js";

/** What JavaScript can give. */
const make = (props: unknown) => {
	const stack = new Stack();
	const all = props === undefined ? props : { function: ordersFunction(stack), concurrency: 5, ...Object(props) };
	return () => new WarmupSchedule(stack, "Warmup", all as WarmupScheduleProps);
};

describe("a wrong property gets a sentence with its name", () => {
	test.each<[object | undefined, string]>([
		[undefined, "function must be a Function, a Version or an Alias, got undefined"],
		[{ function: undefined }, "function must be a Function, a Version or an Alias, got undefined"],
		[{ function: "orders" }, 'function must be a Function, a Version or an Alias, got "orders"'],
		[{ function: null }, "function must be a Function, a Version or an Alias, got null"],
		[{ concurrency: undefined }, "concurrency must be an integer from 1, got undefined"],
		[{ concurrency: "5" }, 'concurrency must be an integer from 1, got "5"'],
		[{ schedule: "rate(5 minutes)" }, 'schedule must be a ScheduleExpression, got "rate(5 minutes)"'],
		[{ timeZone: "Europe/Berlin" }, 'timeZone must be a TimeZone, got "Europe/Berlin"'],
		[{ timeZone: {} }, "timeZone must be a TimeZone, got an object"],
		[{ flag: "" }, 'flag must be a string that is not empty, got ""'],
		[{ concurrencyField: true }, "concurrencyField must be a string that is not empty, got true"],
		[{ dashboard: "yes" }, 'dashboard must be true or false, got "yes"'],
		[{ minimumCoverage: "0.8" }, 'minimumCoverage must be a number above 0 and at most 1, got "0.8"'],
		[{ maximumSilence: { hours: 6 } }, "maximumSilence must be a Duration of 1 to 168 whole hours, got an object"],
		[{ concurency: 5 }, "there is no property concurency"],
	])("%j", (props, sentence) => {
		expect(make(props)).toThrow(new TypeError(`WarmupSchedule: ${sentence}`));
	});

	test.each([
		[0, "concurrency"],
		[1.5, "concurrency"],
		[Number.NaN, "concurrency"],
		[Number.POSITIVE_INFINITY, "concurrency"],
		[0, "minimumCoverage"],
		[1.1, "minimumCoverage"],
		[Number.NaN, "minimumCoverage"],
	])("a RangeError for %p as %s", (value, name) => {
		expect(make({ [name]: value })).toThrow(RangeError);
		expect(make({ [name]: value })).toThrow(`WarmupSchedule: ${name} must be`);
	});

	test.each([Duration.minutes(30), Duration.minutes(90), Duration.hours(169)])("a silence of %s", (maximumSilence) => {
		expect(make({ maximumSilence })).toThrow("maximumSilence");
	});
});

test.each([
	{ minimumCoverage: 1 },
	{ concurrency: 1 },
	{ dashboard: false },
	{ maximumSilence: Duration.minutes(60) },
	{ maximumSilence: Duration.days(7) },
	{ flag: undefined },
	{ flag: "keepAlive", concurrencyField: "count" },
])("takes %j", (props) => {
	expect(make(props)).not.toThrow();
});
