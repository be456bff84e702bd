import { describe, expect, test } from "@jest/globals";
import type { Json, Resource } from "../../serverless/framework.js";
import { targetOf } from "../../serverless/target.js";

const alias = (Name: string, FunctionName: Json): Resource => ({
	Type: "AWS::Lambda::Alias",
	Properties: { Name, FunctionName },
});
const find = (Resources: Record<string, Resource>, name?: string) =>
	targetOf({ Resources: { Orders: { Type: "AWS::Lambda::Function" }, ...Resources } }, "Orders", "shop-orders", name);

const functionArn = { "Fn::GetAtt": ["Orders", "Arn"] };

describe("the target of pings", () => {
	test("is the function if the template has no alias for it", () => {
		expect(find({ Live: alias("live", { Ref: "Other" }) })).toEqual({ arn: functionArn, functionArn });
	});

	test.each<[Json]>([
		[{ Ref: "Orders" }],
		[{ "Fn::GetAtt": ["Orders", "Arn"] }],
		[{ "Fn::GetAtt": "Orders.Arn" }],
		["shop-orders"],
	])("is the alias whose FunctionName is %j", (functionName) => {
		expect(find({ Live: alias("live", functionName) })).toEqual({
			arn: { Ref: "Live" },
			functionArn,
			qualifier: "live",
		});
	});

	test("must be named if there are several aliases", () => {
		const aliases = { Live: alias("live", { Ref: "Orders" }), Test: alias("test", { Ref: "Orders" }) };
		expect(() => find(aliases)).toThrow("has the aliases live, test: name the one to ping with `alias`");
		expect(find(aliases, "test").arn).toEqual({ Ref: "Test" });
	});

	test("may be an alias that is not in the template", () => {
		expect(find({ Live: alias("live", { Ref: "Orders" }) }, "blue")).toEqual({
			arn: { "Fn::Join": [":", [functionArn, "blue"]] },
			functionArn,
			qualifier: "blue",
		});
	});

	test("is the function itself for $LATEST, in spite of an alias", () => {
		expect(find({ Live: alias("live", { Ref: "Orders" }) }, "$LATEST")).toEqual({ arn: functionArn, functionArn });
	});
});
