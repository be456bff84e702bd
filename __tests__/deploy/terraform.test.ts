import { readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { checkDeployment } from "./support/checks.js";
import { findCycle } from "./support/graph.js";
import { parseHcl } from "./support/hcl.js";
import { address, graph, terraformDeployment } from "./support/terraform.js";

const load = (): string =>
	readFileSync(
		new URL("../../examples/deploy/terraform/main.tf", import.meta.url),
		"utf8",
	);

describe("terraform/main.tf", () => {
	checkDeployment(() => terraformDeployment(parseHcl(load())));

	test("the permission inside the role would be found as a cycle", () => {
		const blocks = parseHcl(`
resource "aws_lambda_function" "orders" {
  role = aws_iam_role.orders.arn
}

resource "aws_iam_role" "orders" {
  inline_policy {
    policy = jsonencode({ Statement = [{ Resource = aws_lambda_function.orders.arn }] })
  }
}
`);
		const resources = new Map(blocks.map((block) => [address(block), block]));
		expect(findCycle(graph(resources))).toEqual([
			"aws_lambda_function.orders",
			"aws_iam_role.orders",
			"aws_lambda_function.orders",
		]);
	});
});

describe("the reader of Terraform configurations", () => {
	test.each([
		["an operator", "a = 1 + 2"],
		["an unknown function", 'a = file("b")'],
		["a block that does not end", "a {"],
		["a heredoc", "a = <<EOT\nb\nEOT"],
	])("refuses %s", (_, text) => {
		expect(() => parseHcl(text)).toThrow();
	});
});
