import { afterEach, describe, expect, test } from "@jest/globals";
import { PREWARM_CODE } from "../../cdk/prewarm-code.js";
import type { FunctionOptions, InvokeResult, LocalLambdaOptions } from "../../local-lambda/index.js";
import { service } from "../e2e/support.js";
import { type InlineCodeRun, runInlineCode } from "./inline-code.js";

const STACK_ID = "arn:aws:cloudformation:eu-north-1:123456789012:stack/orders/1";

let run: InlineCodeRun;
afterEach(() => run.stop());

const start = async (orders: FunctionOptions, options: Partial<LocalLambdaOptions> = {}) => {
	run = await runInlineCode(PREWARM_CODE, orders, options);
};

/** Sends what CloudFormation sends, and waits for the answer. */
const deploy = async (
	properties: Record<string, string> = {},
	request: Record<string, unknown> = {},
): Promise<{ result: InvokeResult; answer: Record<string, unknown> | undefined }> => {
	const { lambda } = run;
	const result = await lambda.invoke("prewarm", {
		RequestType: "Update",
		ResponseURL: `${run.service.url}/answer`,
		StackId: STACK_ID,
		RequestId: "request-1",
		LogicalResourceId: "Prewarm",
		PhysicalResourceId: "prewarm-1",
		...request,
		// CloudFormation makes strings of numbers.
		ResourceProperties: {
			FunctionName: lambda.arn("orders"),
			Ping: '{"warmer":true,"concurrency":5,"report":true}',
			Concurrency: "5",
			PauseMs: "1",
			...properties,
		},
	});
	await lambda.settle();
	return { result, answer: run.service.answers[0]?.body };
};

describe("when all environments are reached", () => {
	test("tells CloudFormation of success, once", async () => {
		await start(service());
		const { answer } = await deploy({ MinimumCoverage: "1" });
		expect(run.service.answers).toHaveLength(1);
		expect(answer).toEqual({
			Status: "SUCCESS",
			StackId: STACK_ID,
			RequestId: "request-1",
			LogicalResourceId: "Prewarm",
			PhysicalResourceId: "prewarm-1",
		});
		// The store's URL is signed for this content type.
		expect(run.service.answers[0]?.headers["content-type"]).toBe("");
		expect(run.pings()).toHaveLength(1);
		const reached = run.lambda.invocations.filter(({ functionName }) => functionName === "orders");
		expect(new Set(reached.map(({ environment }) => environment)).size).toBe(5);
	});

	test("gives the resource an id at the first deployment", async () => {
		await start(service());
		const { answer } = await deploy({}, { RequestType: "Create", PhysicalResourceId: undefined });
		expect(answer?.PhysicalResourceId).toBe("request-1");
	});

	test("warms the environments of the tenant in its properties", async () => {
		await start(service({}, { tenantIsolation: true }));
		const { answer } = await deploy({ MinimumCoverage: "1", TenantId: "blue" });
		expect(answer?.Status).toBe("SUCCESS");
	});
});

describe("when too few environments are reached", () => {
	const limited = service({}, { reservedConcurrency: 3 });

	test("fails the deployment after three attempts, and says why", async () => {
		await start(limited);
		const { answer } = await deploy({ MinimumCoverage: "0.8" });
		expect(answer?.Status).toBe("FAILED");
		expect(answer?.Reason).toMatch(/^3 of 5 execution environments of .*:orders are warm; /);
		expect(run.pings()).toHaveLength(3);
	});

	test("tells of success at the first attempt that reaches minimumCoverage", async () => {
		await start(limited);
		const { answer } = await deploy({ MinimumCoverage: "0.6" });
		expect(answer).not.toHaveProperty("Reason");
		expect(answer?.Status).toBe("SUCCESS");
		expect(run.pings()).toHaveLength(1);
	});

	test("tells of success without a minimum, and logs what is missing", async () => {
		await start(limited);
		const { answer } = await deploy();
		expect(answer?.Status).toBe("SUCCESS");
		expect(run.logged()).toContain("3 of 5 execution environments");
	});

	test.each(["UPDATE_ROLLBACK_IN_PROGRESS", undefined])(
		"does not stop a rollback when the stack's status is %s",
		async (status) => {
			await start(limited);
			run.service.stackStatus = status;
			const { answer } = await deploy({ MinimumCoverage: "0.8" });
			expect(answer?.Status).toBe("SUCCESS");
			expect(run.logged().includes("status is unknown")).toBe(status === undefined);
		},
	);

	test("compares with the number in the report when its properties name none", async () => {
		await start(service({ concurrency: 5 }, { reservedConcurrency: 3 }));
		const properties = { MinimumCoverage: "0.8", Ping: '{"warmer":true,"report":true}', Concurrency: undefined };
		const { answer } = await deploy(Object(properties));
		expect(answer?.Reason).toMatch(/^3 of 5/);
	});

	test("compares with the number in its properties when the middleware lowers it", async () => {
		await start(service({ maxConcurrency: 2 }));
		const { answer } = await deploy({ MinimumCoverage: "0.8" });
		expect(answer?.Reason).toMatch(/^2 of 5/);
	});
});

describe("with a minimum", () => {
	const reasonOf = async (
		orders: FunctionOptions,
		options?: Partial<LocalLambdaOptions>,
		properties?: Record<string, string>,
	) => {
		await start(orders, options);
		const { answer } = await deploy({ MinimumCoverage: "0.8", ...properties });
		expect(answer?.Status).toBe("FAILED");
		return String(answer?.Reason);
	};

	test("waits for a permission that becomes effective late", async () => {
		let refusals = 0;
		await start(service(), {
			fault: ({ functionName }) => (functionName === "orders" && refusals++ < 1 ? "deny" : undefined),
		});
		const { answer } = await deploy({ MinimumCoverage: "1" });
		expect(answer?.Status).toBe("SUCCESS");
		expect(refusals).toBeGreaterThan(1);
	});

	test("fails with the service's error when the permission is missing", async () => {
		expect(await reasonOf(service(), { fault: () => "deny" })).toMatch(/AccessDenied/);
	});

	test("fails with the service's error when the function does not exist", async () => {
		expect(await reasonOf(service(), {}, { FunctionName: "nobody" })).toMatch(/ResourceNotFound/);
	});

	test("fails with the answer when it is not a report", async () => {
		const Ping = '{"warmer":true,"concurrency":5}';
		expect(await reasonOf(service(), {}, { Ping })).toMatch(/answered without a report: "warmed"$/);
	});

	test("fails with the answer when the handler throws", async () => {
		const Ping = '{"throw":"no"}';
		expect(await reasonOf(service(), {}, { Ping })).toMatch(/answered without a report: .*RangeError/);
	});
});

test("pings nobody when the resource is deleted", async () => {
	await start(service({}, { reservedConcurrency: 3 }));
	const { answer } = await deploy({ MinimumCoverage: "0.8" }, { RequestType: "Delete" });
	expect(answer?.Status).toBe("SUCCESS");
	expect(run.pings()).toEqual([]);
});

test("throws when its answer is not stored, so that Lambda runs it again", async () => {
	await start(service());
	run.service.answerStatus = 503;
	const { result } = await deploy();
	expect(result.functionError).toBeDefined();
	expect(JSON.stringify(result)).toContain("503");
});

describe("the handover of the demand", () => {
	const demand = { 494611: 6, 494612: 2 };
	const remembering = JSON.stringify({ action: "warmer-report", demand });
	const versions = (formerAnswer?: string): FunctionOptions => ({
		handler: new URL("./handlers/versions.mjs", import.meta.url),
		timeoutMs: 60_000,
		aliases: { former: "41", prod: "42" },
		environment: formerAnswer === undefined ? {} : { FORMER_ANSWER: formerAnswer },
	});
	const DemandPing = '{"warmer":true,"concurrency":1,"test":true,"report":true}';

	/** Deploys version 42 after `former`. */
	const deployAfter = async (former: string | undefined, properties: Record<string, string> = {}) => {
		const { lambda } = run;
		const { answer } = await deploy(
			{
				FunctionName: lambda.arn("orders", "42"),
				DemandPing,
				Versions: lambda.arn("orders"),
				Deployed: "42",
				MinimumCoverage: "1",
				...properties,
			},
			former ? { OldResourceProperties: { Deployed: former } } : { RequestType: "Create" },
		);
		expect(answer?.Status).toBe("SUCCESS");
		return run.pings("42").map(({ payload }) => payload);
	};

	test("takes the demand from the version before, with a ping that invokes nothing, and sends it with the ping", async () => {
		await start(versions(remembering));
		const pings = await deployAfter("41");
		expect(run.pings("41").map(({ payload }) => payload)).toEqual([JSON.parse(DemandPing)]);
		expect(pings).toEqual([{ warmer: true, concurrency: 5, report: true, demand }]);
	});

	test('lets "auto" start with the number that the version before has learned', async () => {
		await start(service({}, { aliases: { former: "41", prod: "42" } }));
		const { lambda } = run;
		const former = { qualifier: "41" };
		await Promise.all(Array.from({ length: 4 }, () => lambda.invoke("orders", { path: "/" }, former)));
		const { payload } = await lambda.invoke("orders", { warmer: true, concurrency: "auto", report: true }, former);
		const { recommended } = JSON.parse(String(payload));
		expect(recommended).toBeGreaterThanOrEqual(4);
		await lambda.settle();

		const { answer } = await deploy(
			{
				FunctionName: lambda.arn("orders", "42"),
				Ping: '{"warmer":true,"concurrency":"auto","report":true}',
				DemandPing,
				Versions: lambda.arn("orders"),
				Deployed: "42",
				MinimumCoverage: "1",
				...Object({ Concurrency: undefined }),
			},
			{ OldResourceProperties: { Deployed: "41" } },
		);
		expect(answer?.Status).toBe("SUCCESS");
		const reached = lambda.invocations.filter(({ qualifier }) => qualifier === "42");
		expect(new Set(reached.map(({ environment }) => environment)).size).toBe(recommended);
	});

	test("pings the alias with the demand of the version that it pointed to before", async () => {
		await start(versions(remembering));
		await deployAfter("41", { FunctionName: run.lambda.arn("orders", "prod") });
		expect(run.pings("prod").map(({ payload }) => payload)).toMatchObject([{ demand }]);
	});

	test.each([
		["throws", versions(), {}],
		["has no warmer", versions("request"), {}],
		["answers without a demand", versions(JSON.stringify({ action: "warmer-report" })), {}],
		["may not be invoked", versions(remembering), { fault: denyFormer }],
	])("leaves the demand out when the version before %s", async (_, orders, options) => {
		await start(orders, options);
		expect(await deployAfter("41")).toEqual([{ warmer: true, concurrency: 5, report: true }]);
	});

	test("leaves the demand out when the version before does not exist", async () => {
		await start(versions(remembering));
		expect(await deployAfter("40")).toEqual([{ warmer: true, concurrency: 5, report: true }]);
		expect(run.logged()).toContain("No demand is handed over: ResourceNotFound");
	});

	test.each([
		["the first deployment", undefined],
		["a changed property of the same version", "42"],
	])("asks no version at %s", async (_, former) => {
		await start(versions(remembering));
		expect(await deployAfter(former)).toEqual([{ warmer: true, concurrency: 5, report: true }]);
		expect(run.pings()).toHaveLength(1);
	});
});

function denyFormer({ qualifier }: { qualifier: string | undefined }) {
	return qualifier === "41" ? ("deny" as const) : undefined;
}
