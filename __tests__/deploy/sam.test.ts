import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { checkDeployment } from "./support/checks.js";
import { idOf, type Json, type Properties, parseYaml, type Resources } from "./support/cloudformation.js";
import { deploymentOf, invokable, statements } from "./support/deployment.js";
import { ping } from "./support/ping.js";
import { expandSam, type SamTemplate } from "./support/sam.js";

function load(file: string): Resources {
	const text = readFileSync(new URL(`../../examples/deploy/sam/${file}`, import.meta.url), "utf8");
	return expandSam(parseYaml(text) as SamTemplate);
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

describe("sam/six-functions.yaml", () => {
	const resources = load("six-functions.yaml");
	const ofType = (type: string) => Object.entries(resources).filter(([, { Type }]) => Type === type);
	const functions = ofType("AWS::Lambda::Function").map(([id, { Properties = {} }]) => ({ id, Properties }));

	/** Targets of the schedules of a function, which SAM names after it. */
	const targetsOf = (id: string) =>
		ofType("AWS::Scheduler::Schedule")
			.filter(([schedule]) => schedule.startsWith(id))
			.map(([, { Properties = {} }]) => Properties.Target as Properties);

	/** The ARN in the words of a policy, which must not refer to the function. */
	const spelledOut = (target: Json | undefined, functionName: Json | undefined): Json => {
		const { "Fn::Sub": name } = functionName as { "Fn::Sub": string };
		const alias = resources[idOf(target)]?.Properties?.Name;
		return {
			"Fn::Sub": `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${name}${alias ? `:${alias}` : ""}`,
		};
	};

	test("has six functions, and no two with one name", () => {
		expect(functions).toHaveLength(6);
		expect(new Set(functions.map(({ Properties }) => JSON.stringify(Properties.FunctionName))).size).toBe(6);
	});

	test.each(functions)("$id may invoke exactly what its schedules ping, without retries", ({ id, Properties }) => {
		const targets = targetsOf(id);
		expect(targets.length).toBeGreaterThan(0);
		const policies = (resources[idOf(Properties.Role)]?.Properties?.Policies ?? []) as Properties[];
		const allowed = invokable(policies.flatMap(statements));
		for (const { Arn, RetryPolicy } of targets) {
			expect(allowed).toEqual([spelledOut(Arn, Properties.FunctionName)]);
			expect(RetryPolicy).toEqual({ MaximumRetryAttempts: 0 });
		}
	});

	test.each(functions)("$id gets pings that the middleware answers", async ({ id }) => {
		for (const { Input } of targetsOf(id)) {
			const { answer, businessCalls } = await ping(String(Input), "arn:aws:lambda:eu-north-1:123456789012:function:a");
			expect([answer, businessCalls]).toEqual(["warmed", 0]);
		}
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
`) as SamTemplate;
	expect(() => expandSam(template)).toThrow("cycle");
});
