import { afterEach, describe, expect, test } from "@jest/globals";
import type { FunctionOptions, LocalLambda } from "../../local-lambda/index.js";
import { handlerUrl, pidsOf, startWith, stateOf, until } from "./support.js";

let lambda: LocalLambda;
afterEach(() => lambda.stop());

const version = (name: string) => ({ environment: { OWN: name } });

describe("a deployment", () => {
	test("replaces idle environments at once, and applies the changes", async () => {
		lambda = await startWith(version("old"));
		const [first, second] = await Promise.all([1, 2].map(() => lambda.invoke("api", { waitMs: 100 })));
		await lambda.settle();
		await lambda.deploy("api", version("new"));
		expect(pidsOf(lambda).map(stateOf)).toEqual([undefined, undefined]);
		const next = await lambda.invoke("api");
		expect(next).toMatchObject({ coldStart: true, payload: { own: "new" } });
		expect([first?.environment, second?.environment]).not.toContain(next.environment);
	});

	test("lets a busy environment finish its invocation, and gives it no other", async () => {
		lambda = await startWith(version("old"));
		const busy = lambda.invoke("api", { waitMs: 300 });
		await until(() => lambda.timeline.events.some(({ kind }) => kind === "invoke"));
		await lambda.deploy("api", version("new"));
		expect(await lambda.invoke("api")).toMatchObject({ environment: "api-2", payload: { own: "new" } });
		expect(await busy).toMatchObject({ environment: "api-1", payload: { own: "old" } });
		await lambda.settle();
		expect(lambda.timeline.events.filter(({ kind }) => kind === "exit")).toMatchObject([
			{ environment: "api-1", label: "deployment" },
		]);
	});

	test("leaves published versions and their environments alone", async () => {
		lambda = await startWith({ ...version("one"), aliases: { live: "1" } });
		const before = await lambda.invoke("api", {}, { qualifier: "live" });
		await lambda.deploy("api", { ...version("two"), aliases: { live: "2" } });
		expect(await lambda.invoke("api", {}, { qualifier: "live" })).toMatchObject({
			coldStart: true,
			payload: { own: "two", context: { functionVersion: "2" } },
		});
		expect(await lambda.invoke("api", {}, { qualifier: "1" })).toMatchObject({
			environment: before.environment,
			coldStart: false,
			payload: { own: "one" },
		});
	});

	test("of an unknown function, or with invalid options, is an error", async () => {
		lambda = await startWith();
		await expect(lambda.deploy("nobody")).rejects.toThrow("no function nobody exists");
		await expect(lambda.deploy("api", { handler: "/a/b.c.mjs" })).rejects.toThrow("rename the file");
	});
});

describe("versions", () => {
	test("have options of their own", async () => {
		lambda = await startWith({ versions: { 1: { handler: handlerUrl("stream") }, 2: { timeoutMs: 500 } } });
		expect(await lambda.invoke("api", {}, { qualifier: "1" })).toMatchObject({ payload: "one two" });
		expect(await lambda.invoke("api", { waitMs: 5000 }, { qualifier: "2" })).toMatchObject({
			payload: { errorMessage: expect.stringContaining("after 0.50 seconds") },
		});
		expect(await lambda.invoke("api")).toMatchObject({ payload: { context: { functionVersion: "$LATEST" } } });
	});

	/** Which versions serve so many requests to the alias. */
	const serving = async (aliases: FunctionOptions["aliases"], seed: number) => {
		lambda = await startWith({ aliases: { ...aliases } }, { seed });
		const versions: unknown[] = [];
		for (let i = 0; i < 30; i++) {
			const { payload } = await lambda.invoke("api", {}, { qualifier: "live" });
			versions.push((payload as { context: { functionVersion: string } }).context.functionVersion);
		}
		await lambda.stop();
		return versions;
	};

	test("share an alias in the given proportion, the same for the same seed", async () => {
		const aliases = { live: { 1: 0.8, 2: 0.2 } };
		const drawn = await serving(aliases, 1);
		expect(drawn.filter((name) => name === "1").length).toBeGreaterThan(15);
		expect(drawn).toContain("2");
		expect(await serving(aliases, 1)).toEqual(drawn);
		expect(new Set(await serving({ live: { 1: 0, 2: 1 } }, 1))).toEqual(new Set(["2"]));
	});

	test("whose shares of an alias do not add up to 1 are refused", async () => {
		lambda = await startWith();
		await expect(startWith({ aliases: { live: { 1: 0.5, 2: 0.1 } } })).rejects.toThrow("must add up to 1");
	});
});

describe("environments that are initialized ahead of requests", () => {
	test("serve them without a cold start, long after the handler was loaded", async () => {
		lambda = await startWith({ initializationType: "snap-start", aliases: { live: "1" } });
		await lambda.initialize("api", { count: 3, qualifier: "live" });
		expect(lambda.invocations).toEqual([]);
		const answers = await Promise.all(
			[1, 2, 3].map(() => lambda.invoke("api", { waitMs: 100 }, { qualifier: "live" })),
		);
		expect(answers.map(({ coldStart }) => coldStart)).toEqual([false, false, false]);
		expect(answers[0]?.payload).toMatchObject({ calls: 1, initializationType: "snap-start" });
	});

	test("serve only their tenant", async () => {
		lambda = await startWith({ tenantIsolation: true });
		await lambda.initialize("api", { tenantId: "blue" });
		expect(await lambda.invoke("api", {}, { tenantId: "green" })).toMatchObject({ coldStart: true });
		expect(await lambda.invoke("api", {}, { tenantId: "blue" })).toMatchObject({ coldStart: false });
	});

	test("that fail to start are not kept", async () => {
		lambda = await startWith({ handler: handlerUrl("broken") });
		await lambda.initialize("api");
		expect(await lambda.invoke("api")).toMatchObject({ environment: "api-2", coldStart: true });
	});

	test("of an unknown version are an error", async () => {
		lambda = await startWith();
		await expect(lambda.initialize("api", { qualifier: "7" })).rejects.toThrow("function api has no version 7");
	});
});

describe("kill", () => {
	test("ends an idle environment; the next request has a cold start", async () => {
		lambda = await startWith();
		const { environment } = await lambda.invoke("api");
		await lambda.settle();
		await lambda.kill(environment);
		expect(pidsOf(lambda).map(stateOf)).toEqual([undefined]);
		expect(await lambda.invoke("api")).toMatchObject({ environment: "api-2", coldStart: true });
	});

	test("fails the invocation of a busy environment", async () => {
		lambda = await startWith();
		const busy = lambda.invoke("api", { waitMs: 60_000 });
		await until(() => lambda.timeline.events.some(({ kind }) => kind === "invoke"));
		await lambda.kill("api-1");
		expect(await busy).toMatchObject({
			functionError: "Unhandled",
			payload: { errorType: "Runtime.ExitError", errorMessage: expect.stringContaining("signal: killed") },
		});
	});

	test("of an environment that is not running is an error", async () => {
		lambda = await startWith();
		await expect(lambda.kill("api-1")).rejects.toThrow("no environment api-1 is running");
	});
});
