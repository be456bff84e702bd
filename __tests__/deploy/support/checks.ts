import { beforeAll, expect, test } from "@jest/globals";
import type { Json } from "./cloudformation.js";
import type { Deployment } from "./deployment.js";
import { ping } from "./ping.js";

/**
 * Adds the tests that every deployment has to pass.
 *
 * @param ownRole whether the example writes the scheduler's role, and not the tool
 */
export function checkDeployment(load: () => Deployment | Promise<Deployment>, ownRole = false): void {
	let deployment: Deployment;
	beforeAll(async () => {
		deployment = await load();
	});

	test("the function runs on nodejs24.x and arm64, and logs in JSON", () => {
		expect(deployment.function).toMatchObject({
			Runtime: "nodejs24.x",
			Architectures: ["arm64"],
			LoggingConfig: { LogFormat: "JSON" },
		});
	});

	test("the schedule sends a ping for five environments every 5 minutes, without retries", () => {
		const { schedule, target } = deployment;
		const ping = { warmer: true, concurrency: 5 };
		expect(schedule.ScheduleExpression).toBe("rate(5 minutes)");
		expect(JSON.parse(String(target.Input))).toEqual(ping);
		expect(target.RetryPolicy).toEqual({ MaximumRetryAttempts: 0 });
	});

	test("the middleware takes the ping, and invokes what was pinged", async () => {
		const arn = arnOf(deployment.target.Arn);
		const { answer, invoked, businessCalls } = await ping(String(deployment.target.Input), arn);
		expect(answer).toBe("warmed");
		expect(businessCalls).toBe(0);
		expect(invoked).toEqual([arn, arn, arn, arn]);
	});

	test("function and scheduler may invoke exactly that", () => {
		const { target, functionMayInvoke, schedulerMayInvoke } = deployment;
		expect(functionMayInvoke).toEqual([target.Arn]);
		expect(schedulerMayInvoke).toEqual([target.Arn]);
	});

	test("only the scheduler may assume its role", () => {
		const StringEquals = { "aws:SourceAccount": expect.anything(), "aws:SourceArn": expect.anything() };
		expect(deployment.schedulerTrust).toMatchObject([
			{
				Action: "sts:AssumeRole",
				Principal: { Service: "scheduler.amazonaws.com" },
				...(ownRole && { Condition: { StringEquals } }),
			},
		]);
	});
}

/** An ARN for what a tool writes: a function's attribute, a reference to an alias, or the ARN itself. */
function arnOf(written: Json | undefined): string {
	if (typeof written === "string") return written;
	const arn = "arn:aws:lambda:eu-north-1:123456789012:function:orders";
	return "Fn::GetAtt" in Object(written) ? arn : `${arn}:prod`;
}
