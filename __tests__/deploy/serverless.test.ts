import { afterAll, describe, expect, test } from "@jest/globals";
import { checkDeployment } from "./support/checks.js";
import { validated } from "./support/cloudformation.js";
import { deploymentOf } from "./support/deployment.js";
import { run } from "./support/serverless.js";

describe("serverless/serverless.yml", () => {
	const finished = run("examples/deploy/serverless");
	afterAll(async () => (await finished).clean());
	checkDeployment(async () => deploymentOf(validated((await finished).resources)), true);

	test("makes its own zip, with the handler in it", async () => {
		const { resources, zip } = await finished;
		const { Handler } = deploymentOf(resources).function;
		expect((await zip("orders")).includes(String(Handler).replace(".handler", ".mjs"))).toBe(true);
	});
});
