import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { checkDeployment } from "./support/checks.js";
import {
	dependencies,
	parseYaml,
	type Resources,
} from "./support/cloudformation.js";
import { deploymentOf } from "./support/deployment.js";
import { findCycle } from "./support/graph.js";
import { expandSam } from "./support/sam.js";

function load(file: string): Resources {
	const text = readFileSync(
		new URL(`../../examples/deploy/sam/${file}`, import.meta.url),
		"utf8",
	);
	return expandSam(parseYaml(text) as { Resources: Resources });
}

describe("sam/template.yaml", () => {
	checkDeployment(() => deploymentOf(load("template.yaml")));

	test("pings the unqualified ARN", () => {
		expect(deploymentOf(load("template.yaml")).schedule.targetArn).toMatch(
			/:function:[\w-]+$/,
		);
	});
});

describe("sam/alias.yaml", () => {
	checkDeployment(() => deploymentOf(load("alias.yaml")));

	test("pings the alias", () => {
		expect(deploymentOf(load("alias.yaml")).schedule.targetArn).toMatch(
			/:function:[\w-]+:prod$/,
		);
	});
});

test("the permission among the function's own Policies would be found as a cycle", () => {
	const template = parseYaml(`
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Policies:
        - Statement:
            - Effect: Allow
              Action: lambda:InvokeFunction
              Resource: !GetAtt Orders.Arn
`) as { Resources: Resources };
	expect(findCycle(dependencies(expandSam(template)))).toEqual([
		"Orders",
		"OrdersRole",
		"Orders",
	]);
});
