import { afterEach, describe, expect, test } from "@jest/globals";
import type { LocalLambda } from "../../local-lambda/index.js";
import { childrenOf, errorsOf, handlerUrl, pidsOf, ping, recordsOf, reportsOf, service, startApi } from "./support.js";

let lambda: LocalLambda;
afterEach(() => lambda.stop());

const startShared = (environment: Record<string, string> = {}) =>
	startApi({ ...service({}, { environment }), handler: handlerUrl("shared") });

describe("two handlers in one process", () => {
	test("keep their options apart, and share what the environment knows", async () => {
		lambda = await startShared();
		const orders = await ping(lambda, { orders: true });
		expect(orders.report).toMatchObject({ requested: 3, warmed: 3 });
		const stock = await ping(lambda, { stock: true });
		expect(stock.report).toMatchObject({
			requested: 2,
			warmed: 2,
			// Known to be warm through the other handler.
			cold: 0,
		});
		expect(stock.requests[1]?.payload).toMatchObject({
			stock: true,
			__WARMER_DELAY__: 100,
		});
		// A flag of the one is a business event of the other.
		const { payload } = await lambda.invoke("api", {
			path: "/stock",
			orders: true,
		});
		expect(payload).toMatchObject({ service: "stock" });
		const ids = new Set(recordsOf(lambda).map(({ id }) => id));
		expect(ids.size).toBe(pidsOf(lambda.invocations).size);
	});
});

describe("two invocations at once in one process", () => {
	test("are answered separately when one is a ping and the other a request", async () => {
		lambda = await startShared();
		const { payload } = await lambda.invoke("api", {
			together: [{ orders: true }, { path: "/stock" }],
		});
		expect(payload).toEqual(["warmed", { service: "stock", event: { path: "/stock" } }]);
		await lambda.settle();
		expect(childrenOf(lambda)).toHaveLength(2);
	});

	test("are answered separately when both are pings", async () => {
		lambda = await startShared();
		const { payload } = await lambda.invoke("api", {
			together: [{ orders: true }, { stock: true }],
		});
		expect(payload).toEqual(["warmed", "warmed"]);
		await lambda.settle();
		expect(
			reportsOf(lambda)
				.map(({ requested, warmed }) => [requested, warmed])
				.sort(),
		).toEqual([
			[2, 2],
			[3, 3],
		]);
		expect(errorsOf(lambda)).toEqual([]);
	});

	test("where the platform is known for it, nothing is invoked", async () => {
		lambda = await startShared({
			AWS_LAMBDA_INITIALIZATION_TYPE: "lambda-managed-instances",
			AWS_LAMBDA_MAX_CONCURRENCY: "64",
		});
		const { payload } = await lambda.invoke("api", {
			together: [{ orders: true }, { stock: true }],
		});
		expect(payload).toEqual(["warmed", "warmed"]);
		await lambda.settle();
		for (const report of reportsOf(lambda)) {
			expect(report.skipped).toContain("Managed Instances");
		}
		expect(childrenOf(lambda)).toEqual([]);
	});
});
