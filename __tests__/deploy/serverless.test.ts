import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { checkDeployment } from "./support/checks.js";
import { dependencies, parseYaml } from "./support/cloudformation.js";
import { deploymentOf } from "./support/deployment.js";
import { findCycle } from "./support/graph.js";
import {
	expandServerless,
	type ServerlessService,
} from "./support/serverless.js";

const load = (): ServerlessService =>
	parseYaml(
		readFileSync(
			new URL(
				"../../examples/deploy/serverless/serverless.yml",
				import.meta.url,
			),
			"utf8",
		),
	) as ServerlessService;

describe("serverless/serverless.yml", () => {
	checkDeployment(() => deploymentOf(expandServerless(load())));

	test("the permission among the provider's statements would be found as a cycle", () => {
		const service = load();
		service.provider.iam = {
			role: {
				statements: [
					{
						Effect: "Allow",
						Action: "lambda:InvokeFunction",
						Resource: { "Fn::GetAtt": ["OrdersLambdaFunction", "Arn"] },
					},
				],
			},
		};
		expect(findCycle(dependencies(expandServerless(service)))).toEqual([
			"IamRoleLambdaExecution",
			"OrdersLambdaFunction",
			"IamRoleLambdaExecution",
		]);
	});
});
