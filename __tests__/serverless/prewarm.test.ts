import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { InvokeResponse } from "../../serverless/framework.js";
import { createFramework, reportAnswer, startLambda } from "./support.js";

const asking = "before:aws:deploy:deploy:updateStack";
const deployed = "after:deploy:deploy";

const demand = { "494611": 6 };

interface Request {
	FunctionName: string;
	Qualifier?: string;
	Payload: string;
}

/** Answers in their order: a payload, or an error. */
const answering = (...answers: (InvokeResponse | Error)[]) => {
	const requests: Request[] = [];
	const request = async (params: object): Promise<InvokeResponse> => {
		requests.push(params as Request);
		const answer = answers[requests.length - 1];
		if (answer === undefined || answer instanceof Error) throw answer;
		return answer;
	};
	return { request, requests, pings: () => requests.map(({ Payload }) => JSON.parse(Payload)) };
};
const answer = (report: object = {}): InvokeResponse => ({ Payload: reportAnswer(report) });

afterEach(() => {
	jest.useRealTimers();
});

/** Runs the hook after a deployment, with the pauses between attempts left out. */
const afterDeployment = async (hook: (name: string) => Promise<void>): Promise<void> => {
	jest.useFakeTimers();
	const [result] = await Promise.all([
		hook(deployed).then(
			() => undefined,
			(error: Error) => error,
		),
		jest.advanceTimersByTimeAsync(60_000),
	]);
	if (result) throw result;
};

describe("prewarm: true", () => {
	test("asks the version before for its demand, and hands it to the new one", async () => {
		const { request, pings, requests } = answering(answer({ demand }), answer());
		const { hook, logged } = createFramework({
			functions: { orders: { warmup: { prewarm: true, concurrency: 5 } } },
			request,
		});
		await hook(asking);
		await afterDeployment(hook);
		expect(pings()).toEqual([
			{ warmer: true, concurrency: 5, report: true },
			{ warmer: true, concurrency: 5, report: true, demand },
		]);
		expect(requests[0]).not.toHaveProperty("Qualifier");
		expect(logged).toEqual([["notice", "warmup: orders has 5 warm execution environment(s)"]]);
	});

	test("pings the alias, each function for its own demand", async () => {
		const byName = async (params: object): Promise<InvokeResponse> => {
			const { FunctionName, Payload } = params as Request;
			return answer({ demand: { "1": FunctionName.length, ...JSON.parse(Payload).demand } });
		};
		const seen: Request[] = [];
		const { hook } = createFramework({
			functions: { orders: { warmup: { alias: "live" } }, pay: { warmup: { alias: "live" } } },
			custom: { warmup: { prewarm: true } },
			request: async (params) => {
				seen.push(params as Request);
				return byName(params);
			},
		});
		await hook(asking);
		await afterDeployment(hook);
		expect(
			seen.map(({ FunctionName, Qualifier, Payload }) => [FunctionName, Qualifier, JSON.parse(Payload).demand]),
		).toEqual([
			["shop-orders", "live", undefined],
			["shop-pay", "live", undefined],
			["shop-orders", "live", { "1": 11 }],
			["shop-pay", "live", { "1": 8 }],
		]);
	});

	test("hands over nothing in a first deployment, and tries again while permissions are new", async () => {
		const { request, pings } = answering(
			new Error("Function not found"),
			answer({ warmed: 1, errors: [{ message: "AccessDenied", hint: "allow it" }] }),
			answer(),
		);
		const { hook, logged } = createFramework({ functions: { orders: { warmup: { prewarm: true } } }, request });
		await hook(asking);
		await afterDeployment(hook);
		expect(pings()).toEqual(Array(3).fill({ warmer: true, report: true }));
		expect(logged).toEqual([
			["info", "warmup: orders has no demand to hand over: Function not found"],
			["notice", "warmup: orders has 5 warm execution environment(s)"],
		]);
	});

	test.each<[string, InvokeResponse | Error, string]>([
		[
			"environments are missing",
			answer({ warmed: 2, skipped: "no permission" }),
			"2 of 5 execution environments reached; no permission",
		],
		[
			"the ping fails with a hint",
			answer({ warmed: 1, errors: [{ message: "x", hint: "allow it" }, { message: "y" }] }),
			"allow it; y",
		],
		["the function fails", { FunctionError: "Unhandled", Payload: '{"errorMessage":"boom"}' }, "boom"],
		["the function has no middleware", { Payload: '{"statusCode":200}' }, "Is the middleware its first one?"],
		["the answer is no JSON", { Payload: "<html>" }, "<html>"],
		["there is no answer", {}, "without a report"],
	])("warns without failing the deployment if %s", async (_, given, cause) => {
		const { request, requests } = answering(given, given, given);
		const { hook, logged } = createFramework({ functions: { orders: { warmup: { prewarm: true } } }, request });
		await afterDeployment(hook);
		expect(requests).toHaveLength(3);
		expect(logged).toEqual([["warning", expect.stringContaining("warmup: orders is not warm: ")]]);
		expect(logged[0]?.[1]).toContain(cause);
	});

	test("warns about a rejection that is not an Error", async () => {
		const { hook, logged } = createFramework({
			functions: { orders: { warmup: { prewarm: true } } },
			request: () => Promise.reject("no network"),
		});
		await afterDeployment(hook);
		expect(logged[0]?.[1]).toContain("no network");
	});

	test("hands over nothing if the version before knows nothing", async () => {
		const { request, pings } = answering(answer(), answer());
		const { hook } = createFramework({ functions: { orders: { warmup: { prewarm: true } } }, request });
		await hook(asking);
		await afterDeployment(hook);
		expect(pings()).toEqual(Array(2).fill({ warmer: true, report: true }));
	});

	test("reads the answer of a streaming function", async () => {
		const { request } = answering({ Payload: Buffer.from(JSON.parse(reportAnswer({}))) });
		const { hook, logged } = createFramework({ functions: { orders: { warmup: { prewarm: true } } }, request });
		await afterDeployment(hook);
		expect(logged[0]?.[0]).toBe("notice");
	});

	test("uses the AWS SDK where the framework has no request of its own", async () => {
		await using lambda = await startLambda([reportAnswer({})]);
		const { hook, logged } = createFramework({
			functions: { orders: { warmup: { prewarm: true, alias: "live" } } },
			sdkConfig: {
				endpoint: lambda.endpoint,
				region: "eu-west-1",
				credentials: { accessKeyId: "id", secretAccessKey: "secret" },
			},
		});
		await hook(deployed);
		expect(lambda.invocations).toEqual([
			{
				path: "/2015-03-31/functions/shop-orders/invocations?Qualifier=live",
				payload: { warmer: true, report: true },
			},
		]);
		expect(logged[0]?.[0]).toBe("notice");
	});
});

describe("prewarm: { minimumCoverage }", () => {
	const functions = { orders: { warmup: { prewarm: { minimumCoverage: 0.8 } } } };

	test("fails the deployment below it, and says that the service is deployed", async () => {
		const { request } = answering(...Array(3).fill(answer({ warmed: 3 })));
		const { hook } = createFramework({ functions, request });
		await expect(afterDeployment(hook)).rejects.toMatchObject({
			code: "WARMUP_MINIMUM_COVERAGE",
			message: "The service is deployed, but orders is not warm: 3 of 5 execution environments reached",
		});
	});

	test("passes at exactly that share, with one ping", async () => {
		const { request, requests } = answering(answer({ warmed: 4 }));
		const { hook } = createFramework({ functions, request });
		await afterDeployment(hook);
		expect(requests).toHaveLength(1);
	});

	test("without a number, only warns", async () => {
		const { request } = answering(...Array(3).fill(answer({ warmed: 4 })));
		const { hook, logged } = createFramework({ functions: { orders: { warmup: { prewarm: {} } } }, request });
		await afterDeployment(hook);
		expect(logged[0]?.[0]).toBe("warning");
	});
});

test.each([
	["prewarm is not set", { functions: { orders: { warmup: 5 } } }],
	[
		"a function turns it off",
		{ functions: { orders: { warmup: { prewarm: false } } }, custom: { warmup: { prewarm: true } } },
	],
	[
		"nothing has changed since the last deployment",
		{ functions: { orders: { warmup: { prewarm: true } } }, shouldNotDeploy: true },
	],
])("nothing is pinged if %s", async (_, options) => {
	const { request, requests } = answering();
	const { hook, logged } = createFramework({ ...options, request });
	await hook(asking);
	await hook(deployed);
	expect(requests).toEqual([]);
	expect(logged).toEqual([]);
});
