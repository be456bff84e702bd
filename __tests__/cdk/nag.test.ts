import { expect, test } from "@jest/globals";
import { App, Stack } from "aws-cdk-lib";
import { AwsSolutionsChecks, type NagPack, ServerlessChecks } from "cdk-nag";
import type { IConstruct } from "constructs";
import { Prewarm, PrewarmHook, WarmupSchedule } from "../../cdk/index.js";
import { ordersFunction } from "./support.js";

const findings = (pack: NagPack, scope: IConstruct): string[] =>
	pack.validateScope(scope).violations.map(({ ruleName }) => ruleName);

test.each([
	["AWS Solutions", AwsSolutionsChecks, []],
	[
		"Serverless",
		ServerlessChecks,
		// The prewarming function reports its own failures: it needs neither a dead-letter queue nor traces.
		["Serverless-LambdaDLQ", "Serverless-LambdaTracing"],
	],
])("cdk-nag's %s rules accept the constructs", (_, Checks, accepted) => {
	const stack = new Stack(new App(), "Orders");
	const fn = ordersFunction(stack);
	const prod = fn.addAlias("prod");
	const prewarm = new Prewarm(stack, "Prewarm", { function: prod, concurrency: 5 });
	const hook = new PrewarmHook(stack, "Hook", { alias: prod, concurrency: 5 });
	const warmup = new WarmupSchedule(stack, "Warmup", {
		function: prod,
		concurrency: 5,
		dashboard: true,
		minimumCoverage: 0.8,
		maximumColdStarts: 0,
	});
	const pack = new Checks();
	// The function itself is the user's: a finding there shows that the rules ran.
	expect(findings(pack, stack)).not.toEqual([]);
	expect(findings(pack, warmup)).toEqual([]);
	expect(findings(pack, prewarm)).toEqual(accepted);
	expect(findings(pack, hook)).toEqual(accepted);
});
