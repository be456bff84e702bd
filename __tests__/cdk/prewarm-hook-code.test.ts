import { afterEach, describe, expect, test } from "@jest/globals";
import { PREWARM_HOOK_CODE } from "../../cdk/prewarm-code.js";
import type { FunctionOptions } from "../../local-lambda/index.js";
import { service } from "../e2e/support.js";
import { type InlineCodeRun, runInlineCode } from "./inline-code.js";

const DEMAND_PING = '{"warmer":true,"concurrency":1,"test":true,"report":true}';
const demand = { 494611: 6 };

let run: InlineCodeRun;
afterEach(() => run.stop());

/** Runs the hook as CodeDeploy does, while the alias `prod` still points to version 41. */
const runHook = async (
	orders: FunctionOptions,
	environment: Record<string, string> = {},
	prepare: (run: InlineCodeRun) => void = () => undefined,
) => {
	run = await runInlineCode(
		PREWARM_HOOK_CODE,
		{ ...orders, aliases: { prod: "41", next: "42" } },
		{
			environment: {
				FunctionName: "orders:42",
				Previous: "orders:prod",
				Ping: '{"warmer":true,"concurrency":5,"report":true}',
				DemandPing: DEMAND_PING,
				Concurrency: "5",
				PauseMs: "1",
				StackId: "arn:aws:cloudformation:eu-north-1:123456789012:stack/orders/1",
				...environment,
			},
		},
	);
	prepare(run);
	const result = await run.lambda.invoke("prewarm", {
		DeploymentId: "d-ABCDEF123",
		LifecycleEventHookExecutionId: "execution-1",
	});
	await run.lambda.settle();
	return result;
};

const answered = (status: "Succeeded" | "Failed") => [
	{ deploymentId: "d-ABCDEF123", lifecycleEventHookExecutionId: "execution-1", status },
];

const versions = (formerAnswer: string): FunctionOptions => ({
	handler: new URL("./handlers/versions.mjs", import.meta.url),
	timeoutMs: 60_000,
	environment: { FORMER_ANSWER: formerAnswer },
});

test("lets traffic shift when the new version is warm, which got the demand of the one before", async () => {
	await runHook(versions(JSON.stringify({ action: "warmer-report", demand })), { MinimumCoverage: "1" });
	expect(run.service.lifecycleEvents).toEqual(answered("Succeeded"));
	expect(run.pings("prod").map(({ payload }) => payload)).toEqual([JSON.parse(DEMAND_PING)]);
	expect(run.pings("42").map(({ payload }) => payload)).toEqual([
		{ warmer: true, concurrency: 5, report: true, demand },
	]);
});

test("lets traffic shift when the version before has no warmer", async () => {
	await runHook(versions("request"), { MinimumCoverage: "1" });
	expect(run.service.lifecycleEvents).toEqual(answered("Succeeded"));
	expect(run.logged()).toContain("No demand is handed over");
});

describe("stops the deployment when the new version", () => {
	test("is warmed too little, after three attempts", async () => {
		await runHook(service({}, { reservedConcurrency: 3 }), { MinimumCoverage: "0.8" });
		expect(run.service.lifecycleEvents).toEqual(answered("Failed"));
		expect(run.pings("42")).toHaveLength(3);
		expect(run.logged()).toContain("3 of 5 execution environments of orders:42 are warm");
	});

	test("throws", async () => {
		await runHook(service(), { MinimumCoverage: "0.8", Ping: '{"throw":"no"}' });
		expect(run.service.lifecycleEvents).toEqual(answered("Failed"));
		expect(run.logged()).toContain("RangeError");
	});

	test("has no warmer", async () => {
		await runHook(versions("request"), { MinimumCoverage: "0.8", FunctionName: "orders:41" });
		expect(run.service.lifecycleEvents).toEqual(answered("Failed"));
		expect(run.logged()).toContain("answered without a report");
	});
});

describe("lets traffic shift in spite of a shortfall", () => {
	const limited = service({}, { reservedConcurrency: 3 });

	test("without a minimum, and logs what is missing", async () => {
		await runHook(limited);
		expect(run.service.lifecycleEvents).toEqual(answered("Succeeded"));
		expect(run.logged()).toContain("3 of 5 execution environments");
	});

	test("in a rollback", async () => {
		await runHook(limited, { MinimumCoverage: "0.8" }, (run) => {
			run.service.stackStatus = "UPDATE_ROLLBACK_IN_PROGRESS";
		});
		expect(run.service.lifecycleEvents).toEqual(answered("Succeeded"));
	});
});

test("throws when CodeDeploy does not get its answer, so that Lambda runs it again", async () => {
	const result = await runHook(service(), {}, (run) => {
		run.service.answerStatus = 503;
	});
	expect(result.functionError).toBeDefined();
});
