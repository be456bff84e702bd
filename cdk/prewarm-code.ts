/**
 * The function behind a `Prewarm`, as Lambda gets it: CommonJS, with the AWS SDK of the Node.js runtime.
 *
 * It answers CloudFormation on every path, or the deployment would hang. Only where the answer itself does not get
 * through it throws, so that Lambda runs it again.
 */
export const PREWARM_CODE = `
const { CloudFormationClient, DescribeStacksCommand } = require("@aws-sdk/client-cloudformation");
const { InvokeCommand, LambdaClient } = require("@aws-sdk/client-lambda");
const { setTimeout: sleep } = require("node:timers/promises");

exports.handler = async ({ RequestType, ResponseURL, ResourceProperties, PhysicalResourceId, ...request }) => {
	const isDeleted = RequestType === "Delete";
	const shortfall = isDeleted ? undefined : await prewarm(ResourceProperties);
	if (shortfall) console.log(shortfall);
	const isFailed = shortfall && ResourceProperties.MinimumCoverage && !(await isRollingBack(request.StackId));
	const body = JSON.stringify({
		Status: isFailed ? "FAILED" : "SUCCESS",
		Reason: shortfall?.slice(0, 1000),
		PhysicalResourceId: PhysicalResourceId ?? request.RequestId,
		StackId: request.StackId,
		RequestId: request.RequestId,
		LogicalResourceId: request.LogicalResourceId,
	});
	const { ok, status } = await fetch(ResponseURL, { method: "PUT", headers: { "content-type": "" }, body });
	if (!ok) throw new Error("The answer to CloudFormation got " + status);
};

// Permissions that the deployment has just given may take some seconds to count: three attempts.
async function prewarm(properties) {
	let shortfall;
	for (let attempt = 1; attempt <= 3; attempt++) {
		if (attempt > 1) await sleep(Number(properties.PauseMs));
		shortfall = await ping(properties).catch(String);
		if (!shortfall) return undefined;
	}
	return shortfall;
}

async function ping({ FunctionName, Ping, Concurrency, MinimumCoverage }) {
	const { FunctionError, Payload } = await new LambdaClient().send(
		new InvokeCommand({ FunctionName, Payload: Ping }),
		{ abortSignal: AbortSignal.timeout(60_000) },
	);
	const text = Payload.transformToString();
	const report = reportIn(text);
	if (FunctionError || !report) return FunctionName + " answered without a report: " + text;
	console.log(report);
	const { warmed, skipped, errors } = report;
	if (warmed / Concurrency >= Number(MinimumCoverage ?? 1)) return undefined;
	const causes = errors.map(({ message, hint }) => hint ?? message);
	return [warmed + " of " + Concurrency + " execution environments of " + FunctionName + " are warm", skipped, ...causes]
		.filter(Boolean)
		.join("; ");
}

// A string in JSON, or what a streaming function wrote.
function reportIn(text) {
	try {
		const answer = JSON.parse(text);
		const report = typeof answer === "string" ? JSON.parse(answer) : answer;
		return report.action === "warmer-report" ? report : undefined;
	} catch {
		return undefined;
	}
}

// A rollback pings the former version, and must not be stopped by it, nor by a question that finds no answer.
async function isRollingBack(StackName) {
	try {
		const { Stacks } = await new CloudFormationClient().send(new DescribeStacksCommand({ StackName }));
		return Stacks[0].StackStatus.includes("ROLLBACK");
	} catch (error) {
		console.log("Whether this is a rollback is not known, so it is not stopped: " + error);
		return true;
	}
}
`;
