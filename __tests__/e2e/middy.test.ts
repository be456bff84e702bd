import { afterEach, describe, expect, test } from "@jest/globals";
import type { LocalLambda } from "../../local-lambda/index.js";
import { warmup } from "../../src/index.js";
import { errorsOf, handlerUrl, pidsOf, ping, rush, service, startApi } from "./support.js";

let lambda: LocalLambda | undefined;
afterEach(() => lambda?.stop());

const event = { warmer: true, concurrency: 3 };

test("for a business event the hook returns undefined, and no promise", () => {
	const { before } = warmup({ concurrency: 5 });
	const request = { event: { path: "/" }, context: {} };
	expect(before?.(request as never)).toBeUndefined();
});

describe("a handler that throws", () => {
	test("throws business requests’ errors, and is warmed all the same", async () => {
		lambda = await startApi();
		const failed = () => lambda?.invoke("api", { throw: "oops" });
		const error = { errorType: "RangeError", errorMessage: "oops" };
		expect(await failed()).toMatchObject({ payload: error });
		const { payload, report } = await ping(lambda, event);
		expect(payload).toBe("warmed");
		expect(report).toMatchObject({ warmed: 3, failed: 0 });
		expect(await failed()).toMatchObject({ payload: error, coldStart: false });
		expect(errorsOf(lambda)).toHaveLength(2);
	});
});

describe("in a chain", () => {
	test("a ping runs what is before the warmer, and no hook of what is after", async () => {
		lambda = await startApi({ handler: handlerUrl("chain") });
		const hooks = async () => (await lambda?.invoke("api", {}))?.payload;
		expect(await hooks()).toEqual(["earlier before", "later before"]);
		await lambda.invoke("api", { warmer: true });
		await lambda.invoke("api", { throw: "oops" });
		expect(await hooks()).toEqual([
			"later after",
			"earlier after",
			"earlier before",
			"earlier before",
			"later before",
			"later onError",
			"earlier onError",
			"earlier before",
			"later before",
		]);
	});
});

describe("response streaming", () => {
	test.each([{}, { verify: false, delay: 500 }])("a ping and its children are understood: %j", async (options) => {
		lambda = await startApi({
			...service(options),
			handler: handlerUrl("stream"),
		});
		const { payload, report, requests } = await ping(lambda, event);
		expect(payload).toBe("warmed");
		expect(report).toMatchObject({ requested: 3, failed: 0, errors: [] });
		expect(pidsOf(requests).size).toBe(3);
		if (!("verify" in options)) {
			expect(report).toMatchObject({ warmed: 3, unverified: 0 });
		}
		const answers = await rush(lambda, 3);
		expect(answers.filter(({ coldStart }) => coldStart)).toEqual([]);
		for (const { rawPayload } of answers) {
			expect(rawPayload.toString()).toMatch(/business$/);
		}
	});
});
