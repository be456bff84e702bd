import { afterEach, describe, expect, test } from "@jest/globals";
import { bundledRuntime, type LocalLambda, startLocalLambda } from "../../local-lambda/index.js";
import {
	childrenOf,
	diagnose,
	handlerUrl,
	maxBusyAtOnce,
	openConnections,
	pidsOf,
	ping,
	recordsOf,
	rush,
	service,
	startApi,
} from "./support.js";

let lambda: LocalLambda;
afterEach(() => lambda.stop());

describe("a ping of N reaches N processes, and N business requests find them warm", () => {
	test.each([
		{ concurrency: 5, options: {} },
		{ concurrency: 60, options: { maxConcurrency: 60 } },
		{ concurrency: 5, options: { verify: false } },
		{ concurrency: 60, options: { verify: false, maxConcurrency: 60 } },
	])("N = $concurrency, $options", async ({ concurrency, options }) => {
		// The environments start on this one machine, and would take the initiator's processor away: they wait until it has
		// sent everything, and for each other.
		lambda = await startApi(service(options, { coldStartMs: 1500 }), {
			startsAtOnce: 4,
		});
		const { payload, requests, report } = await ping(lambda, {
			warmer: true,
			concurrency,
		});
		expect(payload).toBe("warmed");
		expect(pidsOf(requests).size).toBe(concurrency);
		expect(report.requested).toBe(concurrency);
		if (!("verify" in options)) {
			expect(report).toMatchObject({
				warmed: concurrency,
				cold: concurrency,
				rounds: 1,
			});
			// The SDK's own agent would have 50 sockets.
			expect(maxBusyAtOnce(childrenOf(lambda))).toBe(concurrency - 1);
		}

		const records = recordsOf(lambda);
		expect(new Set(records.map(({ id }) => id)).size).toBe(concurrency);
		expect(new Set(records.map(({ count }) => count)).size).toBe(concurrency);
		for (const record of records) {
			expect(record).toMatchObject({
				concurrency,
				correlationId: report.correlationId,
				warm: false,
				start: "cold",
			});
		}

		const answers = await rush(lambda, concurrency);
		expect(answers.filter(({ coldStart }) => coldStart)).toEqual([]);
		expect(new Set(answers.map(({ environment }) => environment)).size).toBe(concurrency);
	});

	test("without a ping, all five meet a cold start", async () => {
		lambda = await startApi();
		const answers = await rush(lambda, 5);
		expect(answers.filter(({ coldStart }) => coldStart)).toHaveLength(5);
	});
});

describe("the fan-out", () => {
	test("goes one deep: no child fans out, though the option asks for five", async () => {
		lambda = await startApi(service({ concurrency: 5, delay: 500 }));
		const { report } = await ping(lambda, { warmer: true });
		expect(report).toMatchObject({ warmed: 5, rounds: 1 });
		expect(childrenOf(lambda)).toHaveLength(4);
	});

	test("of lambda-warmer’s protocol goes one deep, too", async () => {
		lambda = await startApi(service({ concurrency: 5, verify: false, delay: 500 }));
		await ping(lambda, { warmer: true });
		expect(
			childrenOf(lambda)
				.map(({ invocationType }) => invocationType)
				.sort(),
		).toEqual(["Event", "Event", "Event", "RequestResponse"]);
	});

	test.each([{ qualifier: "prod" }, { qualifier: "1" }, {}])(
		"invokes the function as it was invoked: %j",
		async (options) => {
			lambda = await startApi({ ...service(), aliases: { prod: "1" } });
			const event = { warmer: true, concurrency: 3 };
			const { report } = await ping(lambda, event, options);
			expect(report).toMatchObject({
				warmed: 3,
				target: lambda.arn("api", options.qualifier),
			});
			for (const child of childrenOf(lambda)) {
				expect(child).toMatchObject({
					arn: report.target,
					qualifier: options.qualifier,
				});
			}
			const answers = await rush(lambda, 3, options);
			expect(answers.filter(({ coldStart }) => coldStart)).toEqual([]);
		},
	);

	test("invokes children with the tenant id of the ping", async () => {
		lambda = await startApi({ ...service(), tenantIsolation: true });
		const event = { warmer: true, concurrency: 3 };
		const { report } = await ping(lambda, event, { tenantId: "blue" });
		expect(report).toMatchObject({ warmed: 3, failed: 0, errors: [] });
		const answers = await rush(lambda, 3, { tenantId: "blue" });
		expect(answers.filter(({ coldStart }) => coldStart)).toEqual([]);
	});

	test("warms another function that is listed, and none that is not", async () => {
		lambda = await startLocalLambda({
			functions: {
				api: service({ targets: ["other"] }),
				other: service(),
				third: service(),
			},
		});
		const { report } = await ping(lambda, {
			warmer: true,
			concurrency: 3,
			target: "other",
		});
		expect(report).toMatchObject({ target: "other", warmed: 3, cold: 3 });
		await lambda.invoke("api", {
			warmer: true,
			concurrency: 3,
			target: "third",
		});
		expect(childrenOf(lambda).map(({ functionName }) => functionName)).toEqual(["other", "other", "other"]);
	});
});

describe("connections", () => {
	test("are all closed while the initiator is frozen", async () => {
		lambda = await startApi();
		const before = await diagnose(lambda);
		const { environment } = await ping(lambda, {
			warmer: true,
			concurrency: 5,
		});
		expect(openConnections(lambda)).toBe(0);
		expect(await diagnose(lambda, environment)).toEqual(before);
	});

	test("that the service closed in the meantime do not harm the next ping", async () => {
		lambda = await startApi(service(), { idleSocketMs: 1 });
		for (let i = 0; i < 3; i++) {
			const { report } = await ping(lambda, { warmer: true, concurrency: 5 });
			expect(report).toMatchObject({ warmed: 5, failed: 0, errors: [] });
			await new Promise((resolve) => setTimeout(resolve, 50));
		}
	});
});

describe("what is loaded", () => {
	const isSdk = (url: string) => url.includes("/@aws-sdk/client-lambda/");
	const ours = (urls: string[]) =>
		urls
			.filter((url) => url.includes("/dist/"))
			.map((url) => url.slice(url.lastIndexOf("/") + 1))
			.sort();
	const modulesOf = async () => (await lambda.invoke("api", { path: "/" })).payload as string[];

	const recorded = {
		handler: handlerUrl("module-graph"),
		timeoutMs: 60_000,
		runtime: [
			process.execPath,
			"--import",
			new URL("./module-graph/record.mjs", import.meta.url).href,
			bundledRuntime,
		] as const,
	};

	test("is not the AWS SDK when the transport is HTTP/2", async () => {
		lambda = await startApi(recorded, { tls: {} });
		const { report } = await ping(lambda, { warmer: true, concurrency: 2 });
		expect(report).toMatchObject({ warmed: 2, protocol: "h2" });
		const modules = await modulesOf();
		expect(ours(modules)).toEqual(["handle.js", "index.js"]);
		expect(modules.filter(isSdk)).toEqual([]);
	});

	test("is one file in a cold start, another with the first ping, and the AWS SDK if the transport needs it", async () => {
		lambda = await startApi(recorded);
		const business = await modulesOf();
		expect(ours(business)).toEqual(["index.js"]);
		expect(business.filter(isSdk)).toEqual([]);

		await lambda.invoke("api", { warmer: true });
		const pinged = await modulesOf();
		expect(ours(pinged)).toEqual(["handle.js", "index.js"]);
		expect(pinged).toHaveLength(business.length + 1);

		await ping(lambda, { warmer: true, concurrency: 2 });
		const fannedOut = await modulesOf();
		expect(fannedOut.filter(isSdk)).not.toEqual([]);
		expect(ours(fannedOut)).toEqual(["handle.js", "index.js"]);
	});
});
