import { describe, expect, test } from "@jest/globals";
import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { WarmupSchedule } from "../../cdk/index.js";
import { importedFunction, ordersFunction, propertiesOf, textOf, warnings } from "./support.js";

/** Creates a schedule with a dashboard, and reads the widgets from the template. */
const widgetsFor = (pinged: (stack: Stack) => IFunction): { title: string; query: string }[] => {
	const stack = new Stack();
	const warmup = new WarmupSchedule(stack, "Warmup", { function: pinged(stack), concurrency: 5, dashboard: true });
	expect(warmup.dashboard).toBeDefined();
	expect(warnings(stack).filter((text) => !text.includes("role of"))).toEqual([]);
	const [dashboard] = propertiesOf(stack, "CloudWatch::Dashboard");
	const { widgets } = JSON.parse(textOf(dashboard?.DashboardBody));
	return widgets.map(({ properties }: { properties: { title: string; query: string } }) => properties);
};

test("creates no dashboard by default", () => {
	const stack = new Stack();
	const warmup = new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack), concurrency: 5 });
	Template.fromStack(stack).resourceCountIs("AWS::CloudWatch::Dashboard", 0);
	expect(warmup.dashboard).toBeUndefined();
});

describe("the dashboard", () => {
	const widgets = widgetsFor(ordersFunction);
	const queryOf = (title: string) => widgets.find((widget) => widget.title === title)?.query ?? "";

	test("shows what requests felt first, and then what pings did", () => {
		expect(widgets.map(({ title }) => title)).toEqual([
			"Cold starts met by requests",
			"Share of requests, %",
			"Cold starts taken by pings",
			"Coverage, %",
			"Unused environments",
			"Idle environments",
		]);
	});

	test("queries the function's own log group for the middleware's entries", () => {
		for (const { query } of widgets) {
			expect(query).toMatch(/^SOURCE 'OrdersLogs\w*' \| filter message\.action = "warmer/);
		}
	});

	test.each([
		["Cold starts met by requests", ["SOURCE", "filter", "stats"], "sum(message.coldStart)"],
		["Share of requests, %", ["SOURCE", "filter", "stats"], "100 * sum(message.coldStart) / sum(message.requests)"],
		["Cold starts taken by pings", ["SOURCE", "filter", "stats"], "sum(message.cold)"],
		["Coverage, %", ["SOURCE", "filter", "fields", "stats"], "100 * sum(reached) / sum(message.requested)"],
		["Unused environments", ["SOURCE", "filter", "fields", "stats"], "message.warmed - message.traffic.peak"],
		["Idle environments", ["SOURCE", "filter", "stats", "sort"], "latest(message.lastAccessedSeconds)"],
	])("computes %s", (title, stages, expression) => {
		expect(
			queryOf(title)
				.split(/\s*\| /)
				.map((stage) => stage.split(" ")[0]),
		).toEqual(stages);
		expect(queryOf(title)).toContain(expression);
	});

	test("queries the function's log group when $LATEST is pinged", () => {
		const [widget] = widgetsFor((stack) => ordersFunction(stack).latestVersion);
		expect(widget?.query).toMatch(/SOURCE 'OrdersLogs/);
	});

	test("queries the default log group when the function is imported", () => {
		expect(widgetsFor(importedFunction)[0]?.query).toContain("SOURCE '/aws/lambda/orders'");
	});
});
