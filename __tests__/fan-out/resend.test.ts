import { describe, expect, test } from "@jest/globals";
import { planResend } from "../../src/fan-out/resend.js";
import { explainFailure, type Failure, NO_ANSWER } from "../../src/report/errors.js";

const failure = (fields: object): Failure => explainFailure(Object.assign(new Error("failed"), fields), "api");
const reset = failure({ code: "ECONNRESET" });
const serviceError = failure({ name: "ServiceException", $metadata: { httpStatusCode: 500 } });
const throttled = failure({ name: "TooManyRequestsException", Reason: "CallerRateLimitExceeded" });
const denied = failure({ name: "AccessDeniedException" });
const atLimit = failure({
	name: "TooManyRequestsException",
	Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
});

describe("planResend", () => {
	test.each([
		["sends at once after a reset", reset, 1, false, 100, 0],
		["sends at once after a 500", serviceError, 1, false, 100, 0],
		["sends a third time", reset, 2, false, 100, 0],
		["sends no fourth time", reset, 3, false, 100, undefined],
		["sends again when all children were reset once", reset, 1, true, 100, 0],
		["leaves the third request to the other transport when all were reset twice", reset, 2, true, 100, undefined],
		["does not blame the transport for 500s", serviceError, 2, true, 100, 0],
		["gives up when access is denied", denied, 1, false, 100, undefined],
		["gives up when the function's concurrency is exhausted", atLimit, 1, false, 100, undefined],
		["gives up when there was no answer", NO_ANSWER, 1, false, 100, undefined],
		["sends again when a seventh of the hold is left", reset, 1, false, 14.1, 0],
		["does not send again when less than a seventh of the hold is left", reset, 1, false, 13.9, undefined],
		["does not send again when the hold is over", reset, 1, false, -5, undefined],
		["does not send a throttled child again when its pause does not fit", throttled, 1, false, 23.9, undefined],
	])("%s", (_, failed, failedRequests, hasEveryChildFailed, holdLeftMs, expected) => {
		expect(planResend(failed, failedRequests, hasEveryChildFailed, holdLeftMs, 100, 0.5)).toBe(expected);
	});

	test.each([
		["10 ms at least", 100, 0, 10],
		["25 ms on average", 100, 0.5, 25],
		["40 ms at most", 100, 1, 40],
		["for no longer than the hold allows", 34, 1, 20],
		["for 10 ms when that is all that fits", 24.01, 1, 10.01],
	])("pauses a throttled child %s", (_, holdLeftMs, random, expected) => {
		expect(planResend(throttled, 1, false, holdLeftMs, 100, random)).toBeCloseTo(expected);
	});
});
