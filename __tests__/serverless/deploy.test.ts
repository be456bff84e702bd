import { expect, test } from "@jest/globals";
import { run } from "../deploy/support/serverless.js";
import { reportAnswer, startLambda } from "./support.js";

test("osls deploy asks before the stack is updated, and pings after it with what it was told", async () => {
	const demand = { "494611": 6 };
	await using lambda = await startLambda([reportAnswer({ demand }), reportAnswer({ warmed: 7 })]);
	const { exitCode, output, clean } = await run("__tests__/serverless/service", ["deploy"], {
		edit: (yaml) =>
			yaml
				.replace("lambda-warmer/serverless\n", "lambda-warmer/serverless\n  - ./without-cloudformation.cjs\n")
				.replace("    warmup:\n      rate", "    warmup:\n      prewarm: true\n      alias: live\n      rate"),
		env: {
			AWS_ENDPOINT_URL_LAMBDA: lambda.endpoint,
			AWS_ACCESS_KEY_ID: "id",
			AWS_SECRET_ACCESS_KEY: "secret",
		},
	});
	await clean();
	expect([exitCode, output]).toEqual([0, expect.stringContaining("payments has 7 warm execution environment(s)")]);
	const path = "/2015-03-31/functions/shop-dev-payments/invocations?Qualifier=live";
	const ping = { ping: true, environments: 2, report: true };
	expect(lambda.invocations).toEqual([
		{ path, payload: ping },
		{ path, payload: { ...ping, demand } },
	]);
});
