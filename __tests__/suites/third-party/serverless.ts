/** Frameworks that the project does not have as its own, and plugins that change what the warming plugin refers to. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { installedCopy } from "./support/installed.js";

type Resources = Record<string, { Properties: object }>;

interface Policy {
	Roles: object[];
	PolicyDocument: { Statement: { Resource: object }[] };
}

const propertiesOf = <Properties extends object>(resources: Resources, id: string): Properties =>
	(resources[id]?.Properties ?? assert.fail(`there is no ${id}`)) as Properties;

const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });

test("a service is packaged with its schedules and permissions", async (t) => {
	using folder = await installedCopy("serverless");
	const file = join(folder.path, "serverless.yml");
	const configuration = readFileSync(file, "utf8");
	const run = (framework: string) =>
		promisify(execFile)(process.execPath, [`node_modules/${framework}/bin/serverless.js`, "package"], {
			cwd: folder.path,
			env: { PATH: process.env.PATH, HOME: folder.path, CI: "true", SLS_TELEMETRY_DISABLED: "1" },
		});

	for (const framework of ["serverless", "osls"]) {
		const { version } = JSON.parse(readFileSync(join(folder.path, `node_modules/${framework}/package.json`), "utf8"));

		await t.test(`by ${framework} ${version}, for aliases and roles of other plugins`, async () => {
			writeFileSync(file, configuration);
			await run(framework);
			const template = readFileSync(join(folder.path, ".serverless/cloudformation-template-update-stack.json"), "utf8");
			const { Resources } = JSON.parse(template) as { Resources: Resources };
			const targets: Record<string, [arn: object, role: string]> = {
				Orders: [{ Ref: "OrdersLambdaFunctionAliaslive" }, "IamRoleLambdaExecution"],
				Search: [arnOf("SearchLambdaFunction"), "SearchIamRoleLambdaExecution"],
				Checkout: [{ Ref: "CheckoutProvConcLambdaAlias" }, "IamRoleLambdaExecution"],
			};
			for (const [name, [arn, role]] of Object.entries(targets)) {
				const { Target } = propertiesOf<{ Target: { Arn: object } }>(Resources, `${name}WarmupSchedule`);
				assert.deepEqual(Target.Arn, arn);
				const { Roles, PolicyDocument } = propertiesOf<Policy>(Resources, `${name}WarmupPolicy`);
				assert.deepEqual(Roles, [{ Ref: "WarmupSchedulerRole" }, { Ref: role }]);
				assert.deepEqual(
					PolicyDocument.Statement.map(({ Resource }) => Resource),
					[arn],
				);
			}
		});

		await t.test(`by ${framework} ${version}, unless a property is misspelt`, async () => {
			writeFileSync(file, configuration.replace("warmup: 5", "warmup: { concurency: 5 }"));
			await assert.rejects(run(framework), ({ stdout, stderr }: { stdout: string; stderr: string }) => {
				assert.match(stdout + stderr, /functions\.orders\.warmup has no property concurency/);
				return true;
			});
		});
	}
});
