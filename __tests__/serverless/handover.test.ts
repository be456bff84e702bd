import { expect, test } from "@jest/globals";
import { service, startApi } from "../e2e/support.js";
import { createFramework } from "./support.js";

test('a new version begins with the number that "auto" has learned before it', async () => {
	await using lambda = await startApi(service());
	const { hook, logged } = createFramework({
		functions: { api: { name: "api", warmup: { concurrency: "auto", prewarm: { minimumCoverage: 1 } } } },
		sdkConfig: {
			endpoint: lambda.endpoint,
			region: lambda.variables.AWS_REGION,
			credentials: lambda.credentials,
		},
	});
	await Promise.all(Array.from({ length: 4 }, () => lambda.invoke("api", { path: "/" })));
	await hook("before:aws:deploy:deploy:updateStack");
	await lambda.settle();
	const before = new Set(lambda.invocations.map(({ environment }) => environment));

	await lambda.deploy("api");
	await hook("after:deploy:deploy");
	await lambda.settle();
	const after = new Set(lambda.invocations.map(({ environment }) => environment).filter((id) => !before.has(id)));

	// Four requests at once, and one more; a fresh version without the handover would begin with one.
	expect(after.size).toBeGreaterThanOrEqual(5);
	expect(logged).toEqual([["notice", `warmup: api has ${after.size} warm execution environment(s)`]]);
});
