/** The oldest CDK that the manifest accepts: newer names would be missing there, and types do not show it. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { installedCopy } from "./support/installed.js";

const script = `
const { App, Stack } = require("aws-cdk-lib");
const { version } = require("aws-cdk-lib/package.json");
const { Template } = require("aws-cdk-lib/assertions");
const { LambdaDeploymentGroup } = require("aws-cdk-lib/aws-codedeploy");
const { Code, Function, LoggingFormat, Runtime } = require("aws-cdk-lib/aws-lambda");
const { LogGroup } = require("aws-cdk-lib/aws-logs");
const { Prewarm, PrewarmHook, WarmupSchedule } = require("middy-lambda-warmer/cdk");

const stack = new Stack(new App(), "Orders");
const orders = new Function(stack, "Orders", {
	runtime: Runtime.NODEJS_22_X,
	handler: "index.handler",
	code: Code.fromInline("exports.handler = async () => {}"),
	loggingFormat: LoggingFormat.JSON,
	logGroup: new LogGroup(stack, "Logs"),
});
const alias = orders.addAlias("prod");
new WarmupSchedule(stack, "Warmup", {
	function: alias, concurrency: "auto", dashboard: true, minimumCoverage: 0.8, maximumColdStarts: 3,
});
new Prewarm(stack, "PrewarmLatest", { function: orders });
new Prewarm(stack, "PrewarmAlias", { function: alias });
const group = new LambdaDeploymentGroup(stack, "Deployment", { alias });
group.addPreHook(new PrewarmHook(stack, "Hook", { alias }).handler);
const types = Object.values(Template.fromStack(stack).toJSON().Resources).map(({ Type }) => Type);
console.log(JSON.stringify({ version, types }));
`;

test("every construct is synthesized by the oldest CDK that the manifest accepts", async () => {
	using folder = await installedCopy("cdk-oldest");
	const { stdout } = await promisify(execFile)(process.execPath, ["--eval", script], { cwd: folder.path });
	const { version, types } = JSON.parse(stdout) as { version: string; types: string[] };
	const { peerDependencies } = JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8"));
	assert.equal(peerDependencies["aws-cdk-lib"], `^${version}`);
	const count = (type: string) => types.filter((other) => other === type).length;
	assert.deepEqual(
		[count("AWS::Scheduler::Schedule"), count("Custom::WarmerPrewarm"), count("AWS::CodeDeploy::DeploymentGroup")],
		[1, 2, 1],
	);
	assert.equal(count("AWS::CloudWatch::Alarm"), 3);
});
