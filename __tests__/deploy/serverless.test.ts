import { describe, expect, test } from "@jest/globals";
import { checkDeployment } from "./support/checks.js";
import { validated } from "./support/cloudformation.js";
import { deploymentOf } from "./support/deployment.js";
import { packaged } from "./support/serverless.js";

describe("serverless/serverless.yml", () => {
	const made = packaged();
	const load = async () => deploymentOf(validated((await made).resources));
	checkDeployment(load, true);

	test("makes its own zip, with the handler in it", async () => {
		const { resources, zip } = await made;
		const { Handler } = deploymentOf(resources).function;
		expect(zip.includes(String(Handler).replace(".handler", ".mjs"))).toBe(true);
	});

	test("the permission among the provider's statements would be found as a cycle", async () => {
		const { resources } = await packaged((yaml) =>
			yaml.replace(
				"provider:\n",
				`provider:
  iam:
    role:
      statements:
        - Effect: Allow
          Action: lambda:InvokeFunction
          Resource: !GetAtt OrdersLambdaFunction.Arn
`,
			),
		);
		expect(() => validated(resources)).toThrow("cycle");
	});
});
