import { afterEach, describe, expect, jest, test } from "@jest/globals";
import type { LocalLambda } from "../../local-lambda/index.js";
import { ping, service, startApi } from "./support.js";

// Its share of a processor is not to be had in every moment while other test files run beside this one.
jest.retryTimes(3);

let lambda: LocalLambda;
afterEach(() => lambda.stop());

describe("a function of 128 MB and 3 s", () => {
	test.each([10, 50])("answers every ping in time, and keeps its environments: N = %i", async (concurrency) => {
		lambda = await startApi(service({}, { memoryMb: 128, timeoutMs: 3000 }), {
			tls: {},
			startsAtOnce: 2,
		});
		for (let index = 0; index < 4; index++) {
			const { payload, functionError } = await ping(lambda, {
				warmer: true,
				concurrency,
			});
			expect(functionError).toBeUndefined();
			expect(payload).toBe("warmed");
		}
	});

	test("does not load the SDK where there is no time for it", async () => {
		lambda = await startApi(service({ awsClientOptions: {} }, { memoryMb: 128, timeoutMs: 900 }), {
			tls: {},
		});
		const { payload, report } = await ping(lambda, { warmer: true, concurrency: 5 });
		expect(payload).toBe("warmed");
		expect(report).toMatchObject({
			warmed: 1,
			timedOut: 4,
			errors: [{ name: "NotSentInTime", hint: expect.stringMatching(/memory/) }],
		});
	});
});
