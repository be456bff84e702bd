import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { page, place, tableWith } from "../docs/support/markdown.js";
import { checkDeployment } from "./support/checks.js";
import type { Json, Properties } from "./support/cloudformation.js";
import { type Deployment, invokable, statements } from "./support/deployment.js";
import { ping } from "./support/ping.js";
import { type Plan, plan } from "./support/terraform.js";
import { schemaProblems } from "./support/terraform-schema.js";

const folder = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));

const fn = {
	function_name: "orders",
	arn: "arn:aws:lambda:eu-north-1:123456789012:function:orders",
	role: "arn:aws:iam::123456789012:role/team/orders",
	// A whole resource may be given.
	runtime: "nodejs24.x",
};
const planModule = (inputs: Properties = {}) => plan(folder("terraform"), { function: fn, ...inputs });

const valuesOf = ({ instances }: Plan, type: string, name?: string): Properties[] =>
	instances
		.filter((instance) => instance.type === type && (name === undefined || instance.name === name))
		.map(({ values }) => values);
const only = (from: Plan, type: string, name?: string): Properties => {
	const found = valuesOf(from, type, name);
	if (found.length !== 1 || !found[0]) throw new Error(`${found.length} of ${type} ${name ?? ""}`);
	return found[0];
};
const block = (value: Json | undefined): Properties => [value].flat()[0] as Properties;
const policy = (value: Json | undefined) => statements({ PolicyDocument: JSON.parse(String(value)) });
const inputOf = (from: Plan): unknown => JSON.parse(String(block(only(from, "aws_scheduler_schedule").target).input));

/** What a plan deploys, in the words of the checks. */
function deploymentOf(from: Plan): Deployment {
	const lambda = only(from, "aws_lambda_function");
	const schedule = only(from, "aws_scheduler_schedule");
	const target = block(schedule.target);
	return {
		function: {
			Runtime: lambda.runtime ?? null,
			Architectures: lambda.architectures ?? null,
			LoggingConfig: { LogFormat: block(lambda.logging_config).log_format ?? null },
		},
		schedule: { ScheduleExpression: schedule.schedule_expression ?? null },
		target: {
			Arn: target.arn ?? null,
			Input: target.input ?? null,
			RetryPolicy: { MaximumRetryAttempts: block(target.retry_policy).maximum_retry_attempts ?? null },
		},
		schedulerTrust: policy(only(from, "aws_iam_role", "scheduler").assume_role_policy),
		schedulerMayInvoke: invokable(policy(only(from, "aws_iam_role_policy", "send_ping").policy)),
		functionMayInvoke: invokable(policy(only(from, "aws_iam_role_policy", "self_invoke").policy)),
	};
}

describe("terraform/main.tf", () => {
	const planned = plan(folder("examples/deploy/terraform"));
	checkDeployment(async () => deploymentOf(await planned), true);

	test("the function's role is the one that gets the permission", async () => {
		const { role } = only(await planned, "aws_lambda_function");
		const { role: name } = only(await planned, "aws_iam_role_policy", "self_invoke");
		expect(String(role).split("/").at(-1)).toBe(name);
	});

	test("uses only arguments that the provider has, and all required ones", async () => {
		expect((await planned).instances.flatMap(schemaProblems)).toEqual([]);
	});
});

describe("the module", () => {
	test("sends no number if none is given, a number or auto as they are, and other fields", async () => {
		expect(inputOf(await planModule())).toEqual({ warmer: true });
		expect(inputOf(await planModule({ concurrency: "7" }))).toEqual({ warmer: true, concurrency: 7 });
		expect(inputOf(await planModule({ concurrency: "auto" }))).toEqual({ warmer: true, concurrency: "auto" });
		const other = await planModule({ concurrency: 2, flag: "ping", concurrency_field: "n" });
		expect(inputOf(other)).toEqual({ ping: true, n: 2 });
		expect(JSON.parse(String(other.outputs.ping))).toEqual({ ping: true, n: 2 });
	});

	test("sends pings that the middleware answers", async () => {
		const { outputs } = await planModule({ concurrency: 3 });
		const { answer, invoked } = await ping(String(outputs.ping), fn.arn);
		expect([answer, invoked]).toEqual(["warmed", [fn.arn, fn.arn]]);
	});

	test("pings and allows the alias, and nothing else", async () => {
		const planned = await planModule({ alias: "prod" });
		const prod = `${fn.arn}:prod`;
		expect(block(only(planned, "aws_scheduler_schedule").target).arn).toBe(prod);
		for (const name of ["send_ping", "self_invoke"]) {
			expect(policy(only(planned, "aws_iam_role_policy", name).policy)).toMatchObject([{ Resource: prod }]);
		}
		expect(planned.outputs.target_arn).toBe(prod);
	});

	test("keeps functions that share a role from invoking each other", async () => {
		const { role, policy: written } = only(await planModule(), "aws_iam_role_policy", "self_invoke");
		expect(role).toBe("orders");
		expect(policy(written)).toMatchObject([
			{ Condition: { ArnLikeIfExists: { "lambda:SourceFunctionArn": [fn.arn, `${fn.arn}:*`] } } },
		]);
	});

	test("leaves the function's role alone with self_invoke = false", async () => {
		const planned = await planModule({ self_invoke: false });
		expect(valuesOf(planned, "aws_iam_role_policy", "self_invoke")).toEqual([]);
	});

	test("makes names that fit, from the function's and the alias's or from its own", async () => {
		const long = { ...fn, function_name: "f".repeat(64) };
		for (const inputs of [{}, { function: long }, { alias: "prod" }, { name: "nights" }]) {
			const planned = await planModule(inputs);
			expect(String(only(planned, "aws_scheduler_schedule").name).length).toBeLessThanOrEqual(64);
			expect(String(only(planned, "aws_iam_role").name_prefix).length).toBeLessThanOrEqual(38);
		}
		expect(only(await planModule({ alias: "prod" }), "aws_scheduler_schedule").name).toBe("orders-prod-warmup");
		expect(only(await planModule({ name: "nights" }), "aws_scheduler_schedule").name).toBe("nights");
	});

	test("has no alarm unless it is asked for one", async () => {
		const planned = await planModule();
		expect(planned.instances.map(({ type }) => type).filter((type) => type.startsWith("aws_cloudwatch"))).toEqual([]);
		expect(planned.outputs).toMatchObject({ coverage_alarm_arn: null, silence_alarm_arn: null });
	});

	test("has alarms on coverage and silence that read the metrics of its filters", async () => {
		const alarm = { log_group_name: "/aws/lambda/orders", silence_hours: 2, actions: ["topic"] };
		const planned = await planModule({ alarm });
		const filters = valuesOf(planned, "aws_cloudwatch_log_metric_filter");
		const metrics = filters.map(({ metric_transformation }) => block(metric_transformation).name);
		expect(metrics).toEqual(["orders-warmup-pings", "orders-warmup-requested", "orders-warmup-warmed"]);

		const coverage = only(planned, "aws_cloudwatch_metric_alarm", "coverage");
		expect(coverage).toMatchObject({ threshold: 0.8, alarm_actions: ["topic"], treat_missing_data: "notBreaching" });
		const read = (coverage.metric_query as Properties[]).flatMap(({ metric }) => metric ?? []) as Properties[];
		expect(read.map(({ metric_name }) => metric_name)).toEqual(["orders-warmup-warmed", "orders-warmup-requested"]);
		expect(only(planned, "aws_cloudwatch_metric_alarm", "silence")).toMatchObject({
			metric_name: "orders-warmup-pings",
			evaluation_periods: 2,
			treat_missing_data: "breaching",
		});
		expect(planned.outputs.silence_alarm_arn).toBe("aws_cloudwatch_metric_alarm.silence.arn");
		expect(planned.instances.flatMap(schemaProblems)).toEqual([]);
	});

	test.each<[string, Properties, string]>([
		["a number below 1", { concurrency: 0 }, "concurrency must be a whole number from 1"],
		["another word than auto", { concurrency: "automatic" }, "concurrency must be a whole number from 1"],
		["an invalid schedule", { schedule: "5 minutes" }, "schedule must be an expression such as"],
		["a misspelled variable", { concurency: 5 }, "there is no variable concurency"],
	])("refuses %s", async (_, inputs, message) => {
		await expect(planModule(inputs)).rejects.toThrow(message);
	});
});

describe("docs/terraform.md", () => {
	const { blocks } = page("docs/terraform.md");
	const examples = blocks.filter(({ language }) => language === "hcl").map((block) => [place(block), block] as const);

	/** A project with the package installed, and what the block refers to. */
	const planProject = async (text: string): Promise<Plan> => {
		const project = mkdtempSync(join(tmpdir(), "terraform-"));
		try {
			mkdirSync(join(project, "node_modules"));
			symlinkSync(folder("."), join(project, "node_modules/middy-lambda-warmer"));
			const role = 'role = "arn:aws:iam::123456789012:role/orders"';
			const known = [
				`resource "aws_lambda_function" "orders" {\n  function_name = "orders"\n  ${role}\n}`,
				'resource "aws_lambda_alias" "prod" {\n  name = "prod"\n}',
				'resource "aws_sns_topic" "alarms" {\n  name = "alarms"\n}',
			];
			writeFileSync(join(project, "main.tf"), [...known, text].join("\n\n"));
			return await plan(project);
		} finally {
			rmSync(project, { recursive: true });
		}
	};

	test.each(examples)("%s plans a schedule for each module", async (_, { text }) => {
		const planned = await planProject(text);
		const schedules = valuesOf(planned, "aws_scheduler_schedule");
		expect(schedules).toHaveLength(text.match(/^module /gm)?.length ?? 0);
		expect(new Set(schedules.map(({ name }) => name)).size).toBe(schedules.length);
		const own = planned.instances.filter(({ type }) => !/aws_(lambda|sns|cloudwatch_log_group)/.test(type));
		expect(own.flatMap(schemaProblems)).toEqual([]);
	});

	test("lists the variables and the outputs of the module", async () => {
		const read = (file: string) => readFileSync(folder(`terraform/${file}`), "utf8");
		const names = (file: string, kind: string) =>
			[...read(file).matchAll(new RegExp(`^${kind} "(\\w+)"`, "gm"))].map(([, name]) => name);
		const listed = tableWith(page("docs/terraform.md"), "variable").map(([name = ""]) => name.replaceAll("`", ""));
		expect([...listed].sort()).toEqual(names("variables.tf", "variable").sort());
		const { text } = page("docs/terraform.md");
		expect(/^Outputs: (.*)\.$/m.exec(text)?.[1]?.replaceAll("`", "").split(", ")).toEqual(
			names("outputs.tf", "output"),
		);
	});
});

describe("the checks would find", () => {
	test("a permission inside the role, for which the function waits", async () => {
		const planned = plan(`
resource "aws_lambda_function" "orders" {
  role = aws_iam_role.orders.arn
}

resource "aws_iam_role" "orders" {
  inline_policy {
    policy = jsonencode({ Statement = [{ Resource = aws_lambda_function.orders.arn }] })
  }
}
`);
		await expect(planned).rejects.toThrow("dependency cycle");
	});

	test("arguments that the provider does not have, or lacks", async () => {
		const { instances } = await plan(`
resource "aws_scheduler_schedule" "orders" {
  schedule_expresion = "rate(5 minutes)"
  target {
    arn = "arn"
  }
  flexible_time_window {
    mode = "OFF"
  }
}
`);
		expect(instances.flatMap(schemaProblems)).toEqual([
			"aws_scheduler_schedule.orders has no argument schedule_expresion",
			"aws_scheduler_schedule.orders lacks schedule_expression",
			"aws_scheduler_schedule.orders.target lacks role_arn",
		]);
	});
});
