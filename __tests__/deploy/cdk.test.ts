import { describe, expect, test } from "@jest/globals";
import { App, CfnParameter, Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { WarmupSchedule } from "../../cdk/index.js";
import { OrdersAliasStack } from "../../examples/deploy/cdk/alias-stack.js";
import { OrdersStack } from "../../examples/deploy/cdk/stack.js";
import { ordersFunction } from "../cdk/support.js";
import { checkDeployment } from "./support/checks.js";
import { context, idOf, type Resources } from "./support/cloudformation.js";
import { deploymentOf } from "./support/deployment.js";
import { ping } from "./support/ping.js";

const app = () =>
	new App({
		context: {
			// The bundle is not what is tested here, and takes a built package.
			"aws:cdk:bundling-stacks": [],
			...context,
		},
	});

const resources = (stack: Stack): Resources => Template.fromStack(stack).toJSON().Resources;

describe.each([
	["stack.ts", OrdersStack, "AWS::Lambda::Function"],
	["alias-stack.ts", OrdersAliasStack, "AWS::Lambda::Alias"],
])("cdk/%s", (_, Orders, type) => {
	const made = resources(new Orders(app(), "Orders"));
	checkDeployment(() => deploymentOf(made), true);

	test(`pings the ${type}`, () => {
		expect(made[idOf(deploymentOf(made).target.Arn)]?.Type).toBe(type);
	});
});

test("the CDK's own grantInvoke would be found as a cycle", () => {
	const stack = new Stack(app(), "Orders");
	const fn = new LambdaFunction(stack, "Orders", {
		runtime: Runtime.NODEJS_24_X,
		handler: "index.handler",
		code: Code.fromInline("exports.handler = async () => {}"),
	});
	fn.grantInvoke(fn);
	expect(() => resources(stack)).toThrow("Circular");
});

test("the middleware takes a concurrency that only the deployment knows", async () => {
	const stack = new Stack();
	const { valueAsNumber: concurrency } = new CfnParameter(stack, "Concurrency", { type: "Number" });
	new WarmupSchedule(stack, "Warmup", { function: ordersFunction(stack), concurrency });
	const { Input } = deploymentOf(resources(stack)).target;
	// The CDK quotes the number.
	const input = JSON.stringify(Input).replace('{"Ref":"Concurrency"}', '"3"');
	const [separator, parts] = JSON.parse(input)["Fn::Join"];
	const arn = "arn:aws:lambda:eu-north-1:123456789012:function:orders";
	const { invoked } = await ping(parts.join(separator), arn);
	expect(invoked).toEqual([arn, arn]);
});
