import { describe, expect, test } from "@jest/globals";
import { createFramework } from "./support.js";

const compiled = "before:aws:package:finalize:stripNullPropsFromTemplateResources";

test("declares its settings to the framework, for AWS only", () => {
	const { plugin, schemas } = createFramework({ functions: {} });
	expect(plugin.provider).toBe("aws");
	expect(schemas).toEqual([
		{ properties: { warmup: expect.objectContaining({ additionalProperties: false }) } },
		{ properties: { warmup: expect.objectContaining({ if: { type: "object" } }) } },
	]);
});

describe("a framework that only warns about wrong settings", () => {
	test("is stopped by the plugin, which names all of them", async () => {
		const { hook } = createFramework({
			functions: { orders: { warmup: 0 }, search: {}, reports: { warmup: { rat: "rate(5 minutes)" } } },
			custom: { warmup: { prewarm: 1 } },
		});
		await expect(hook("initialize")).rejects.toMatchObject({
			code: "WARMUP_INVALID_SETTINGS",
			message: expect.stringMatching(
				/^custom\.warmup\.prewarm .*; functions\.orders\.warmup .*; functions\.reports\.warmup has/,
			),
		});
	});

	test("goes on if nothing is wrong", async () => {
		const { hook } = createFramework({ functions: { orders: { warmup: 5 }, search: {} } });
		await expect(hook("initialize")).resolves.toBeUndefined();
	});
});

describe("the template", () => {
	test("stays as it is if no function has warmup", async () => {
		const { hook, resources } = createFramework({ functions: { orders: {} } });
		const before = Object.keys(resources);
		await hook(compiled);
		expect(Object.keys(resources)).toEqual(before);
	});

	test("has a schedule for each of a function's schedules", async () => {
		const schedules = [{ rate: "cron(0/5 8-17 ? * MON-FRI *)", timezone: "Europe/Berlin" }, { rate: "rate(1 hour)" }];
		const { hook, resources } = createFramework({ functions: { orders: { warmup: { schedules } } } });
		await hook(compiled);
		const { ordersWarmupSchedule: first, ordersWarmupSchedule2: second } = resources;
		expect(first?.Properties).toMatchObject({ ScheduleExpressionTimezone: "Europe/Berlin" });
		expect(second?.Properties).toMatchObject({ ScheduleExpression: "rate(1 hour)" });
		expect(second?.Properties).not.toHaveProperty("ScheduleExpressionTimezone");
	});

	test("has the conditions of functions on their resources, but not on the scheduler's role", async () => {
		const { hook, resources } = createFramework({
			functions: { orders: { warmup: 5 } },
			resources: { ordersFunction: { Type: "AWS::Lambda::Function", Condition: "IsProduction" } },
		});
		await hook(compiled);
		expect(resources).toMatchObject({
			ordersWarmupPolicy: { Condition: "IsProduction" },
			ordersWarmupSchedule: { Condition: "IsProduction" },
		});
		expect(resources.WarmupSchedulerRole).not.toHaveProperty("Condition");
	});

	test("gives the scheduler's role the path and the permissions boundary of the service's role", async () => {
		const own = { Path: "/team/", PermissionsBoundary: "arn:aws:iam::123456789012:policy/boundary" };
		const { hook, resources } = createFramework({
			functions: { orders: { warmup: 5 } },
			resources: { IamRoleLambdaExecution: { Type: "AWS::IAM::Role", Properties: { ...own, RoleName: "orders" } } },
		});
		await hook(compiled);
		expect(resources.WarmupSchedulerRole?.Properties).toMatchObject(own);
		expect(resources.WarmupSchedulerRole?.Properties).not.toHaveProperty("RoleName");
	});

	test("is refused if a function has several aliases and none is named", async () => {
		const alias = (Name: string) => ({
			Type: "AWS::Lambda::Alias",
			Properties: { Name, FunctionName: { Ref: "ordersFunction" } },
		});
		const { hook } = createFramework({
			functions: { orders: { warmup: 5 } },
			resources: { Blue: alias("blue"), Green: alias("green") },
		});
		await expect(hook(compiled)).rejects.toMatchObject({
			code: "WARMUP_SEVERAL_ALIASES",
			message:
				"The function orders has the aliases blue, green: name the one to ping with `alias`, or `alias: $LATEST`",
		});
	});
});

describe("the warning", () => {
	const warningsFor = async (...[options]: Parameters<typeof createFramework>) => {
		const { hook, logged } = createFramework(options);
		await hook(compiled);
		return logged;
	};

	test("says which permission is missing if the function's role is not part of the service", async () => {
		const Properties = { Role: "arn:aws:iam::123456789012:role/orders" };
		const warning = (warmup: object) =>
			warningsFor({
				functions: { orders: { warmup } },
				resources: { ordersFunction: { Type: "AWS::Lambda::Function", Properties } },
			});
		const allow = (name: string) => [
			["warning", expect.stringContaining(`Allow it lambda:InvokeFunction on ${name}, or a ping reaches`)],
		];
		expect(await warning({})).toEqual(allow("shop-orders"));
		expect(await warning({ alias: "live" })).toEqual(allow("shop-orders:live"));
	});

	test("says that provisioned concurrency needs no warming, unless another alias is pinged", async () => {
		const provisioned = (warmup: object) =>
			warningsFor({ functions: { orders: { provisionedConcurrency: 5, warmup } } });
		expect(await provisioned({})).toEqual([["warning", expect.stringContaining("remove `warmup`")]]);
		expect(await provisioned({ alias: "other" })).toEqual([]);
	});

	test.each(["rate(1 minute)", "rate(4 minutes)"])("says that %s is too often", async (rate) => {
		expect(await warningsFor({ functions: { orders: { warmup: { rate } } } })).toEqual([
			["warning", expect.stringContaining(`${rate} for orders costs more than rate(5 minutes)`)],
		]);
	});

	test.each(["rate(5 minutes)", "rate(10 minutes)", "rate(1 hour)"])("is not printed for %s", async (rate) => {
		expect(await warningsFor({ functions: { orders: { warmup: { rate } } } })).toEqual([]);
	});
});
