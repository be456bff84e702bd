import { expect, test } from "@jest/globals";
import type { Deployment } from "./deployment.js";
import { findCycle } from "./graph.js";
import { ping } from "./ping.js";

/** Adds the tests that every deployment has to pass. */
export function checkDeployment(load: () => Deployment): void {
	test("the function runs on nodejs24.x and arm64, and logs in JSON", () => {
		expect(load().function).toEqual({
			runtime: "nodejs24.x",
			architectures: ["arm64"],
			logFormat: "JSON",
		});
	});

	test("the schedule sends a ping for five environments every 5 minutes, without retries", () => {
		const { expression, input, retries } = load().schedule;
		expect(expression).toBe("rate(5 minutes)");
		expect(JSON.parse(input)).toEqual({ warmer: true, concurrency: 5 });
		expect(retries).toBe(0);
	});

	test("the middleware takes the ping, and invokes exactly what its role permits", async () => {
		const { schedule, functionMayInvoke } = load();
		const { answer, invoked, businessCalls } = await ping(
			schedule.input,
			schedule.targetArn,
		);
		expect(answer).toBe("warmed");
		expect(businessCalls).toBe(0);
		expect(invoked).toHaveLength(4);
		expect([...new Set(invoked)]).toEqual(functionMayInvoke);
	});

	test("the scheduler's role may invoke the pinged ARN and nothing else", () => {
		const { schedule, schedulerMayInvoke, schedulerPrincipals } = load();
		expect(schedulerMayInvoke).toEqual([schedule.targetArn]);
		expect(schedulerPrincipals).toEqual(["scheduler.amazonaws.com"]);
	});

	test("nothing waits for itself", () => {
		expect(findCycle(load().dependencies)).toBeUndefined();
	});
}
