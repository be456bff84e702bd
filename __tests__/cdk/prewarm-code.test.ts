import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { PREWARM_CODE } from "../../cdk/prewarm-code.js";
import {
	type FunctionOptions,
	type LocalLambda,
	type LocalLambdaOptions,
	startLocalLambda,
} from "../../local-lambda/index.js";
import { service } from "../e2e/support.js";

let folder: string;
beforeAll(() => {
	folder = mkdtempSync(join(tmpdir(), "prewarm-"));
	writeFileSync(join(folder, "index.cjs"), PREWARM_CODE);
	symlinkSync(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(folder, "node_modules"));
});
afterAll(() => {
	rmSync(folder, { recursive: true });
});

/** What CloudFormation got, and where it stands: its API, and the store that answers go to. */
interface CloudFormation {
	answers: { body: Record<string, unknown>; headers: IncomingHttpHeaders }[];
	server: Server;
	url: string;
	/** Undefined: no answer to the question. */
	status: string | undefined;
	storeStatus: number;
}

let lambda: LocalLambda;
let cloudFormation: CloudFormation;

beforeEach(async () => {
	const receive = async (request: IncomingMessage) => {
		const body = await text(request);
		if (request.method === "PUT") {
			const { headers } = request;
			cloudFormation.answers.push({ body: JSON.parse(body), headers });
			return { status: cloudFormation.storeStatus, body: "" };
		}
		const { status } = cloudFormation;
		return {
			status: status ? 200 : 403,
			body: `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackStatus>${status}</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
		};
	};
	const server = createServer(async (request, response) => {
		const { status, body } = await receive(request);
		response.writeHead(status, { "content-type": "text/xml" }).end(body);
	});
	await new Promise<void>((resolve) => {
		server.listen(0, "127.0.0.1", resolve);
	});
	cloudFormation = {
		answers: [],
		server,
		url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		status: "UPDATE_IN_PROGRESS",
		storeStatus: 200,
	};
});
afterEach(async () => {
	await lambda.stop();
	cloudFormation.server.close();
	cloudFormation.server.closeAllConnections();
});

const start = async (orders: FunctionOptions, options: Partial<LocalLambdaOptions> = {}) => {
	lambda = await startLocalLambda({
		...options,
		functions: {
			orders,
			prewarm: {
				handler: join(folder, "index.cjs"),
				timeoutMs: 60_000,
				environment: { AWS_ENDPOINT_URL_CLOUDFORMATION: cloudFormation.url, AWS_MAX_ATTEMPTS: "1" },
			},
		},
	});
};

const deploy = async (properties: Record<string, string> = {}, request: Record<string, string | undefined> = {}) => {
	const result = await lambda.invoke("prewarm", {
		RequestType: "Update",
		ResponseURL: `${cloudFormation.url}/answer`,
		StackId: "arn:aws:cloudformation:eu-north-1:123456789012:stack/orders/1",
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
	return { result, answer: cloudFormation.answers[0]?.body };
};

/** Pings of the initiator, by whoever is asked. */
const pings = () =>
	lambda.invocations.filter(
		({ functionName, payload }) =>
			functionName === "orders" && !Object.hasOwn(Object(payload), "__WARMER_INVOCATION__"),
	);
const logged = () => JSON.stringify(lambda.logs);

describe("all environments are reached", () => {
	test("CloudFormation hears of success, once", async () => {
		await start(service());
		const { answer } = await deploy({ MinimumCoverage: "1" });
		expect(cloudFormation.answers).toHaveLength(1);
		expect(answer).toEqual({
			Status: "SUCCESS",
			StackId: "arn:aws:cloudformation:eu-north-1:123456789012:stack/orders/1",
			RequestId: "request-1",
			LogicalResourceId: "Prewarm",
			PhysicalResourceId: "prewarm-1",
		});
		// The store's address is signed for this type.
		expect(cloudFormation.answers[0]?.headers["content-type"]).toBe("");
		expect(pings()).toHaveLength(1);
		expect(
			new Set(
				lambda.invocations
					.filter(({ functionName }) => functionName === "orders")
					.map(({ environment }) => environment),
			).size,
		).toBe(5);
	});

	test("the first deployment gets an id, which the next ones keep", async () => {
		await start(service());
		const { answer } = await deploy({}, { RequestType: "Create", PhysicalResourceId: undefined });
		expect(answer?.PhysicalResourceId).toBe("request-1");
	});
});

describe("too few environments are reached", () => {
	const limited = service({}, { reservedConcurrency: 3 });

	test("below minimumCoverage, after three attempts: the deployment fails, and says why", async () => {
		await start(limited);
		const { answer } = await deploy({ MinimumCoverage: "0.8" });
		expect(answer?.Status).toBe("FAILED");
		expect(answer?.Reason).toMatch(/^3 of 5 execution environments of .*:orders are warm; /);
		expect(pings()).toHaveLength(3);
	});

	test("but not below it: success, with the first attempt", async () => {
		await start(limited);
		const { answer } = await deploy({ MinimumCoverage: "0.6" });
		expect(answer).not.toHaveProperty("Reason");
		expect(answer?.Status).toBe("SUCCESS");
		expect(pings()).toHaveLength(1);
	});

	test("without a minimum: success, and the log says what is missing", async () => {
		await start(limited);
		const { answer } = await deploy();
		expect(answer?.Status).toBe("SUCCESS");
		expect(logged()).toContain("3 of 5 execution environments");
	});

	test.each(["UPDATE_ROLLBACK_IN_PROGRESS", undefined])(
		"in a stack whose status is %s: success, so that a rollback is not stopped",
		async (status) => {
			await start(limited);
			cloudFormation.status = status;
			const { answer } = await deploy({ MinimumCoverage: "0.8" });
			expect(answer?.Status).toBe("SUCCESS");
			expect(logged().includes("is not known")).toBe(status === undefined);
		},
	);

	test("of more than the middleware takes: it is what was asked for that counts", async () => {
		await start(service({ maxConcurrency: 2 }));
		const { answer } = await deploy({ MinimumCoverage: "0.8" });
		expect(answer?.Reason).toMatch(/^2 of 5/);
	});
});

describe("what else goes wrong, with a minimum", () => {
	const failing = async (
		orders: FunctionOptions,
		options?: Partial<LocalLambdaOptions>,
		properties?: Record<string, string>,
	) => {
		await start(orders, options);
		const { answer } = await deploy({ MinimumCoverage: "0.8", ...properties });
		expect(answer?.Status).toBe("FAILED");
		return String(answer?.Reason);
	};

	test("a permission that comes late is waited for", async () => {
		let refusals = 0;
		await start(service(), {
			fault: ({ functionName }) => (functionName === "orders" && refusals++ < 1 ? "deny" : undefined),
		});
		const { answer } = await deploy({ MinimumCoverage: "1" });
		expect(answer?.Status).toBe("SUCCESS");
		expect(refusals).toBeGreaterThan(1);
	});

	test("one that never comes is said", async () => {
		expect(await failing(service(), { fault: () => "deny" })).toMatch(/AccessDenied/);
	});

	test("a function that does not exist", async () => {
		expect(await failing(service(), {}, { FunctionName: "nobody" })).toMatch(/ResourceNotFound/);
	});

	test("an answer that is no report", async () => {
		const Ping = '{"warmer":true,"concurrency":5}';
		expect(await failing(service(), {}, { Ping })).toMatch(/answered without a report: "warmed"$/);
	});

	test("a handler that fails", async () => {
		const Ping = '{"throw":"no"}';
		expect(await failing(service(), {}, { Ping })).toMatch(/answered without a report: .*RangeError/);
	});
});

test("a resource that is deleted pings nobody", async () => {
	await start(service({}, { reservedConcurrency: 3 }));
	const { answer } = await deploy({ MinimumCoverage: "0.8" }, { RequestType: "Delete" });
	expect(answer?.Status).toBe("SUCCESS");
	expect(pings()).toEqual([]);
});

test("an answer that does not get through fails the invocation, so that Lambda tries again", async () => {
	await start(service());
	cloudFormation.storeStatus = 503;
	const { result } = await deploy();
	expect(result.functionError).toBeDefined();
	expect(JSON.stringify(result)).toContain("503");
});
