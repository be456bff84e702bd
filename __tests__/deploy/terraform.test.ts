import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { Template } from "aws-cdk-lib/assertions";
import { checkDeployment } from "./support/checks.js";
import { deploymentOf } from "./support/deployment.js";
import { terraformResources } from "./support/terraform.js";

const main = readFileSync(new URL("../../examples/deploy/terraform/main.tf", import.meta.url), "utf8");

describe("terraform/main.tf", () => {
	const load = async () => deploymentOf(await terraformResources(main));
	checkDeployment(load, true);

	test("nothing waits for itself", async () => {
		Template.fromJSON({ Resources: await terraformResources(main) });
	});

	test("the permission inside the role would be found as a cycle", async () => {
		const Resources = await terraformResources(`
resource "aws_lambda_function" "orders" {
  role = aws_iam_role.orders.arn
}

resource "aws_iam_role" "orders" {
  inline_policy {
    policy = jsonencode({ Statement = [{ Resource = aws_lambda_function.orders.arn }] })
  }
}
`);
		expect(() => Template.fromJSON({ Resources })).toThrow("dependency cycle");
	});
});
