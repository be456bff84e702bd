import { afterEach, describe, expect, test } from "@jest/globals";
import type { LocalLambda } from "../../local-lambda/index.js";
import { diagnose, errorsOf, handlerUrl, ping, service, startApi, warningsOf } from "./support.js";

let lambda: LocalLambda;
afterEach(() => lambda.stop());

const timeoutMs = 3000;

const startWith = (CALLBACK: string, MISBEHAVIOR: string) =>
	startApi({
		...service({}, { environment: { CALLBACK, MISBEHAVIOR } }),
		handler: handlerUrl("callbacks"),
		timeoutMs,
	});

describe("a callback that misbehaves is told of, and does not fail the ping", () => {
	test.each<[callback: string, misbehavior: string, warning: RegExp | undefined]>([
		["onWarmup", "hang", /^onWarmup had not finished at the deadline: /],
		["onReport", "hang", /^onReport had not finished at the deadline: /],
		["onWarmup", "reject", /^onWarmup failed: no luck$/],
		["onReport", "throw", /^onReport failed: no luck$/],
		["correlationId", "hang", /^correlationId must return .* returned a value of type object$/],
		["correlationId", "throw", /^correlationId threw no luck$/],
		["correlationId", "nonsense", /^correlationId must return .* returned a value of type number$/],
		["log", "hang", undefined],
		["log", "reject", undefined],
		["log", "throw", undefined],
	])("%s: %s", async (callback, misbehavior, warning) => {
		lambda = await startWith(callback, misbehavior);
		await lambda.invoke("api", { warmer: true, test: true });
		const before = await diagnose(lambda);

		const pinged = await ping(lambda, { warmer: true, concurrency: 2 });
		expect(pinged).toMatchObject({ status: 200, payload: "warmed" });
		expect(pinged).not.toHaveProperty("functionError");
		expect(pinged.billedMs).toBeLessThan(timeoutMs);
		const isHangingChild = callback === "onWarmup" && misbehavior === "hang";
		expect(pinged.report).toMatchObject(
			// The child is done no sooner than the initiator gives up on it.
			isHangingChild ? { requested: 2 } : { warmed: 2, rounds: 1, errors: [] },
		);
		if (warning) {
			expect(warningsOf(lambda)).toContainEqual(expect.stringMatching(warning));
		}
		expect(errorsOf(lambda)).toEqual([]);
		expect(await diagnose(lambda, pinged.environment)).toEqual(before);
	});
});

describe("an isWarmingUp that misbehaves lets business requests through", () => {
	test.each(["hang", "reject", "throw", "nonsense"])("%s", async (misbehavior) => {
		lambda = await startWith("isWarmingUp", misbehavior);
		const { payload } = await lambda.invoke("api", { path: "/" });
		expect(payload).toMatchObject({ event: { path: "/" } });
		expect((await ping(lambda, { warmer: true, concurrency: 2 })).report).toMatchObject({ warmed: 2 });
		expect(errorsOf(lambda)).toEqual([]);
		// One per environment at most, written when the part that writes is loaded: with the next request at the latest.
		expect(warningsOf(lambda)).toEqual([expect.stringMatching(/^isWarmingUp (threw|must return)/)]);
	});
});
