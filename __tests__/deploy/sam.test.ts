import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { checkDeployment } from "./support/checks.js";
import { idOf, parseYaml, type Resources } from "./support/cloudformation.js";
import { deploymentOf } from "./support/deployment.js";
import { expandSam } from "./support/sam.js";

function load(file: string): Resources {
	const text = readFileSync(new URL(`../../examples/deploy/sam/${file}`, import.meta.url), "utf8");
	return expandSam(parseYaml(text) as { Resources: Resources });
}

describe("sam/template.yaml", () => {
	checkDeployment(() => deploymentOf(load("template.yaml")));

	test("pings the unqualified ARN", () => {
		expect(deploymentOf(load("template.yaml")).target.Arn).toEqual({ "Fn::GetAtt": ["OrdersFunction", "Arn"] });
	});
});

describe("sam/alias.yaml", () => {
	checkDeployment(() => deploymentOf(load("alias.yaml")));

	test("pings the alias", () => {
		const resources = load("alias.yaml");
		const { Arn } = deploymentOf(resources).target;
		expect(resources[idOf(Arn)]).toMatchObject({ Type: "AWS::Lambda::Alias", Properties: { Name: "prod" } });
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
	expect(() => expandSam(template)).toThrow("cycle");
});
