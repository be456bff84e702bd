/**
 * The functions behind `Prewarm` and `PrewarmHook`, as Lambda gets them: CommonJS that uses the AWS SDK of the Node.js
 * runtime. CloudFormation limits inline code to 4,096 characters, in the oldest CDK that is supported.
 *
 * Both answer on every path, or the deployment would hang. They throw only if the answer itself does not get through, so
 * that Lambda runs them again.
 *
 * @module
 */

/**
 * What both share. Their properties are strings: those of the custom resource, or the hook's environment variables.
 *
 * - Three attempts: permissions that the same deployment has granted take a few seconds to become effective.
 * - A rollback pings the former version. Neither a shortfall nor an unknown stack status may stop it.
 * - The demand comes from the former version. Whatever goes wrong there, the deployment continues without it.
 */
const SHARED_CODE = `
const { CloudFormationClient, DescribeStacksCommand } = require("@aws-sdk/client-cloudformation");
const { InvokeCommand, LambdaClient } = require("@aws-sdk/client-lambda");
const { setTimeout: sleep } = require("node:timers/promises");

// Returns why the deployment has to fail, if it has to, and logs every shortfall.
async function prewarm(properties, stackId) {
	const demand = await demandOf(properties);
	let shortfall;
	for (let attempt = 1; attempt <= 3; attempt++) {
		if (attempt > 1) await sleep(Number(properties.PauseMs));
		shortfall = await ping(properties, demand).catch(String);
		if (!shortfall) return {};
	}
	console.log(shortfall);
	return { shortfall, isFailed: Boolean(properties.MinimumCoverage) && !(await isRollingBack(stackId)) };
}

async function ping({ FunctionName, TenantId, Ping, Concurrency, MinimumCoverage }, demand) {
	const payload = JSON.stringify({ ...JSON.parse(Ping), demand });
	const report = await invoke({ FunctionName, TenantId, Payload: payload }, 60_000);
	console.log(report);
	const { warmed, requested, skipped, errors } = report;
	const asked = Number(Concurrency ?? requested);
	if (warmed / asked >= Number(MinimumCoverage ?? 1)) return undefined;
	const causes = errors.map(({ message, hint }) => hint ?? message);
	return [warmed + " of " + asked + " execution environments of " + FunctionName + " are warm", skipped, ...causes]
		.filter(Boolean)
		.join("; ");
}

async function demandOf({ Previous, TenantId, DemandPing }) {
	if (!Previous) return undefined;
	try {
		return (await invoke({ FunctionName: Previous, TenantId, Payload: DemandPing }, 10_000)).demand;
	} catch (error) {
		console.log("No demand is handed over: " + error);
	}
}

async function invoke(input, timeoutMs) {
	const abortSignal = AbortSignal.timeout(timeoutMs);
	const { Payload } = await new LambdaClient().send(new InvokeCommand(input), { abortSignal });
	const text = Payload.transformToString();
	const report = reportIn(text);
	if (!report) throw input.FunctionName + " answered without a report: " + text;
	return report;
}

// The answer is JSON in a string, or the JSON itself from a streaming function. A function error is neither.
function reportIn(text) {
	try {
		const answer = JSON.parse(text);
		const report = typeof answer === "string" ? JSON.parse(answer) : answer;
		return report.action === "warmer-report" ? report : undefined;
	} catch {}
}

async function isRollingBack(StackName) {
	try {
		const { Stacks } = await new CloudFormationClient().send(new DescribeStacksCommand({ StackName }));
		return Stacks[0].StackStatus.includes("ROLLBACK");
	} catch (error) {
		console.log("The stack's status is unknown, so a shortfall does not fail the deployment: " + error);
		return true;
	}
}
`;

/** Answers CloudFormation for a custom resource. The former version is known from the resource's former properties. */
export const PREWARM_CODE = `${SHARED_CODE}
exports.handler = async ({ RequestType, ResponseURL, ResourceProperties, OldResourceProperties, ...request }) => {
	const { Versions, Deployed } = ResourceProperties;
	const old = OldResourceProperties?.Deployed;
	const Previous = Versions && old && old !== Deployed ? Versions + ":" + old : undefined;
	const isDeleted = RequestType === "Delete";
	const { shortfall, isFailed } = isDeleted ? {} : await prewarm({ ...ResourceProperties, Previous }, request.StackId);
	const body = JSON.stringify({
		Status: isFailed ? "FAILED" : "SUCCESS",
		Reason: shortfall?.slice(0, 1000),
		PhysicalResourceId: request.PhysicalResourceId ?? request.RequestId,
		StackId: request.StackId,
		RequestId: request.RequestId,
		LogicalResourceId: request.LogicalResourceId,
	});
	const { ok, status } = await fetch(ResponseURL, { method: "PUT", headers: { "content-type": "" }, body });
	if (!ok) throw new Error("CloudFormation's answer was not stored: " + status);
};
`;

/** Answers CodeDeploy before traffic shifts. The alias still points to the former version then. */
export const PREWARM_HOOK_CODE = `${SHARED_CODE}
const { CodeDeployClient, PutLifecycleEventHookExecutionStatusCommand } = require("@aws-sdk/client-codedeploy");

exports.handler = async ({ DeploymentId, LifecycleEventHookExecutionId }) => {
	const { isFailed } = await prewarm(process.env, process.env.StackId);
	const answer = new PutLifecycleEventHookExecutionStatusCommand({
		deploymentId: DeploymentId,
		lifecycleEventHookExecutionId: LifecycleEventHookExecutionId,
		status: isFailed ? "Failed" : "Succeeded",
	});
	await new CodeDeployClient().send(answer);
};
`;
