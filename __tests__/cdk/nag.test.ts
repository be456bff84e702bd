import { expect, test } from "@jest/globals";
import { App, Stack } from "aws-cdk-lib";
import { AwsSolutionsChecks, type NagPack, ServerlessChecks } from "cdk-nag";
import type { IConstruct } from "constructs";
import { WarmupSchedule } from "../../cdk/index.js";
import { ordersFunction } from "./support.js";

const findings = (pack: NagPack, scope: IConstruct): string[] =>
	pack.validateScope(scope).violations.map(({ ruleName }) => ruleName);

test.each([
	["AWS Solutions", AwsSolutionsChecks],
	["Serverless", ServerlessChecks],
])("cdk-nag's %s finds nothing in the construct", (_, Checks) => {
	const stack = new Stack(new App(), "Orders");
	const fn = ordersFunction(stack);
	const warmup = new WarmupSchedule(stack, "Warmup", {
		function: fn.addAlias("prod"),
		concurrency: 5,
		dashboard: true,
		minimumCoverage: 0.8,
	});
	const pack = new Checks();
	// The function itself is the user's: a finding there shows that the rules ran.
	expect(findings(pack, stack)).not.toEqual([]);
	expect(findings(pack, warmup)).toEqual([]);
});
