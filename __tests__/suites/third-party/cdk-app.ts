/** A stock CDK app, which is CommonJS: its jest, its compiler, and `require` as in Lambda's Node.js 22. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { install } from "../../../scripts/lib/installed.js";
import { installedCopy } from "./support/installed.js";
import { runNode22 } from "./support/node-22.js";

/** In a folder that has Middy, the SDK and the CDK: what an environment prints of itself, loaded in both ways. */
const script = `
const { warmup } = require("middy-lambda-warmer");
const { WarmupSchedule } = require("middy-lambda-warmer/cdk");
(async () => {
	const { default: middy } = await import("@middy/core");
	const { warmup: imported } = await import("middy-lambda-warmer");
	const ids = [];
	const log = ({ action, id }) => action === "warmer" && ids.push(id);
	const context = { functionName: "api" };
	const answers = [];
	for (const middleware of [warmup({ log }), imported({ log })]) {
		const handler = middy().use(middleware).handler(async () => "business");
		answers.push(await handler({ warmer: true }, context));
		answers.push(await handler({ rawPath: "/" }, context));
	}
	const copies = warmup === imported ? 1 : 2;
	console.log(JSON.stringify({
		answers, copies, ids, construct: WarmupSchedule.name,
	}));
})();
`;

const stack = `
import * as cdk from 'aws-cdk-lib/core';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { WarmupSchedule } from 'middy-lambda-warmer/cdk';

export class AppStack extends cdk.Stack {
  constructor(scope: Construct, id: string, props?: cdk.StackProps) {
    super(scope, id, props);
    const orders = new lambda.Function(this, 'Orders', {
      runtime: lambda.Runtime.NODEJS_24_X,
      handler: 'index.handler',
      code: lambda.Code.fromInline('exports.handler = async () => {}'),
      memorySize: 512,
      timeout: cdk.Duration.seconds(30),
    });
    new WarmupSchedule(this, 'Warmup', { function: orders, concurrency: 5 });
  }
}
`;

const stackTest = `
import * as cdk from 'aws-cdk-lib/core';
import { Template } from 'aws-cdk-lib/assertions';
import * as App from '../lib/app-stack';

test('Schedule Created', () => {
  const app = new cdk.App();
  const stack = new App.AppStack(app, 'MyTestStack');
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Scheduler::Schedule', {
    Target: { Input: '{"warmer":true,"concurrency":5}' },
  });
});
`;

test("in an app as cdk init makes it", async (t) => {
	using folder = await installedCopy("cdk");
	const app = join(folder.path, "app");
	mkdirSync(app);
	await runNode22(
		app,
		join(folder.path, "node_modules/aws-cdk/bin/cdk"),
		...["init", "app", "--language", "typescript", "--generate-only"],
		"--no-notices",
	);
	writeFileSync(join(app, "lib/app-stack.ts"), stack);
	writeFileSync(join(app, "test/app.test.ts"), stackTest);
	await install(app, [folder.tarball, "@middy/core@7", "@aws-sdk/client-lambda@3"]);

	await t.test("its own jest passes", async () => {
		await runNode22(app, "node_modules/jest/bin/jest.js", "--ci");
	});

	await t.test("its own compiler passes", async () => {
		await runNode22(app, "node_modules/typescript/bin/tsc");
	});

	await t.test(
		"both entries are required without require(esm), as on Lambda; two copies are one environment",
		async () => {
			const flag = "--no-experimental-require-module";
			const { answers, copies, ids, construct } = JSON.parse(await runNode22(app, flag, "--eval", script));
			assert.deepEqual(answers, ["warmed", "business", "warmed", "business"]);
			assert.equal(construct, "WarmupSchedule");
			assert.deepEqual([copies, ids.length, new Set(ids).size], [2, 2, 1]);
		},
	);
});
