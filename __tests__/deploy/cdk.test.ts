import { describe, expect, jest, test } from "@jest/globals";
import { App, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import {
	Code,
	Function as LambdaFunction,
	Runtime,
} from "aws-cdk-lib/aws-lambda";
import { OrdersAliasStack } from "../../examples/deploy/cdk/alias-stack.js";
import { OrdersStack } from "../../examples/deploy/cdk/stack.js";
import { checkDeployment } from "./support/checks.js";
import { dependencies, type Resources } from "./support/cloudformation.js";
import { deploymentOf } from "./support/deployment.js";
import { findCycle } from "./support/graph.js";

const app = () =>
	new App({
		context: {
			// The bundle is not what is tested here, and takes a built package.
			"aws:cdk:bundling-stacks": [],
			"@aws-cdk/core:validateAgainstDefaultRules": true,
		},
	});

const resources = (stack: Stack): Resources =>
	Template.fromStack(stack, { skipCyclicalDependenciesCheck: true }).toJSON()
		.Resources;

describe("cdk/stack.ts", () => {
	checkDeployment(() =>
		deploymentOf(resources(new OrdersStack(app(), "Orders"))),
	);

	test("pings the unqualified ARN", () => {
		const { schedule } = deploymentOf(
			resources(new OrdersStack(app(), "Orders")),
		);
		expect(schedule.targetArn).toMatch(/:function:[\w-]+$/);
	});
});

describe("cdk/alias-stack.ts", () => {
	checkDeployment(() =>
		deploymentOf(resources(new OrdersAliasStack(app(), "Orders"))),
	);

	test("pings the alias", () => {
		const { schedule } = deploymentOf(
			resources(new OrdersAliasStack(app(), "Orders")),
		);
		expect(schedule.targetArn).toMatch(/:function:[\w-]+:prod$/);
	});
});

test("the CDK's own grantInvoke would be found as a cycle", () => {
	// The CDK sees it too, and says so.
	const error = jest.spyOn(console, "error").mockReturnValue(undefined);
	const stack = new Stack();
	const fn = new LambdaFunction(stack, "Orders", {
		runtime: Runtime.NODEJS_24_X,
		handler: "index.handler",
		code: Code.fromInline("exports.handler = async () => {}"),
	});
	fn.grantInvoke(fn);
	expect(findCycle(dependencies(resources(stack)))).toHaveLength(3);
	error.mockRestore();
});
