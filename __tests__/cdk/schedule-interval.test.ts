import { expect, test } from "@jest/globals";
import { scheduleIntervals } from "../../cdk/schedule-interval.js";

const never = Number.POSITIVE_INFINITY;

test.each([
	["rate(1 minute)", 1, 1],
	["rate(5 minutes)", 5, 5],
	["rate(10 minutes)", 10, 10],
	["rate(1 hour)", 60, 60],
	["rate(2 hours)", 120, 120],
	["rate(1 day)", 1440, 1440],
	["rate(3 days)", 4320, 4320],
	["cron(* * * * ? *)", 1, 1],
	["cron(*/10 * * * ? *)", 10, 10],
	["cron(0/7 * * * ? *)", 4, 7],
	["cron(1/3 * * * ? *)", 3, 3],
	["cron(1/7 * * * ? *)", 4, 7],
	["cron(0,3,30 9 * * ? *)", 3, 1410],
	["cron(10-12 9 * * ? *)", 1, 1438],
	["cron(0-30/4 9 * * ? *)", 4, 1412],
	["cron(0,57 8,9 * * ? *)", 3, 1323],
	["cron(0,57 */2 * * ? *)", 57, 63],
	["cron(1,59 0,23 * * ? *)", 2, 1322],
	["cron(59 23 * * ? *)", 1440, 1440],
	["cron(0 9 * * ? *)", 1440, 1440],
	// Not every day.
	["cron(0/5 8-17 ? * MON-FRI *)", 5, never],
	["cron(0/5 * 1 * ? *)", 5, never],
	["cron(0/5 * * * ? 2027)", 5, never],
])("%s pings every %d to %d minutes", (expression, shortestMinutes, longestMinutes) => {
	expect(scheduleIntervals(expression)).toEqual({ shortestMinutes, longestMinutes });
});

test.each([
	"rate(1 lightyear)",
	"rate(some minutes)",
	"at(2027-01-01T00:00:00)",
	"cron(nonsense * * * ? *)",
	"cron(5x * * * ? *)",
	"cron(x5 * * * ? *)",
	"something new",
	"",
])("%s determines no interval", (expression) => {
	const { shortestMinutes, longestMinutes } = scheduleIntervals(expression);
	expect(Number.isFinite(shortestMinutes)).toBe(false);
	expect(Number.isFinite(longestMinutes)).toBe(false);
});
