import { expect, describe as suite, test } from "@jest/globals";
import { writeIdentity } from "../src/report.js";
import { type Outcome, readIdentity, Tally } from "../src/tally.js";
import { awsError } from "./helpers.js";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

suite("identity", () => {
	const identity = { id: "e1", start: "warm", startedAt: 5 } as const;

	test("is read as a standard handler quotes it, and as a stream sends it", () => {
		const answer = writeIdentity(identity);
		expect(readIdentity(bytes(JSON.stringify(answer)))).toEqual(identity);
		expect(readIdentity(bytes(answer))).toEqual(identity);
	});

	test.each(["cold", "warm", "proactive"] as const)(
		"tells a %s start",
		(start) => {
			expect(
				readIdentity(bytes(writeIdentity({ ...identity, start }))),
			).toEqual({
				...identity,
				start,
			});
		},
	);

	test.each<[string, unknown]>([
		["lambda-warmer's true", true],
		["our own 'warmed'", "warmed"],
		["null", null],
		["a number", 7],
		["an HTTP response", { statusCode: 200, body: "{}" }],
		["another action", { ...identity, action: "other" }],
		["no action", identity],
		["an id that is a number", { ...identity, action: "warmer", id: 1 }],
		["an id in an array", { ...identity, action: "warmer", id: ["e1"] }],
		["an empty id", { ...identity, action: "warmer", id: "" }],
		[
			"an id that is too long",
			{ ...identity, action: "warmer", id: "x".repeat(129) },
		],
		[
			"an id of 10,000",
			{ ...identity, action: "warmer", id: "x".repeat(10_000) },
		],
		["an unknown start", { ...identity, action: "warmer", start: "hot" }],
		[
			"a start time that is text",
			{ ...identity, action: "warmer", startedAt: "5" },
		],
		["no start time", { action: "warmer", id: "e1", start: "warm" }],
	])("is not read from %s", (_, answer) => {
		expect(readIdentity(bytes(JSON.stringify(answer)))).toBeUndefined();
	});

	test("is not read from what is no JSON, is empty, or is missing", () => {
		expect(readIdentity(bytes("{"))).toBeUndefined();
		expect(readIdentity(bytes(""))).toBeUndefined();
		expect(readIdentity(undefined)).toBeUndefined();
	});

	test("is not even looked for in a large answer", () => {
		const padded = writeIdentity(identity).padEnd(1024);
		expect(readIdentity(bytes(padded))).toEqual(identity);
		expect(readIdentity(bytes(`${padded} `))).toBeUndefined();
	});

	test("is read with the longest id that is allowed", () => {
		const long = { ...identity, id: "x".repeat(128) };
		expect(readIdentity(bytes(writeIdentity(long)))).toEqual(long);
	});

	test("takes __proto__ for an id like any other", () => {
		const tally = new Tally("api");
		for (const id of ["__proto__", "constructor", "__proto__"]) {
			tally.reach(
				readIdentity(bytes(writeIdentity({ ...identity, id }))) ?? identity,
			);
		}
		expect(tally.warmed).toBe(2);
	});
});

suite("Tally", () => {
	const failed = (error: unknown): Outcome => ({ kind: "failed", error });
	const tallyOf = (...outcomes: Outcome[]): Tally => {
		const tally = new Tally("api:prod");
		for (const outcome of outcomes) tally.miss(outcome);
		return tally;
	};

	test("counts an environment once, by how it was first met", () => {
		const tally = new Tally("api");
		tally.reach({ id: "a", start: "cold" });
		tally.reach({ id: "a", start: "warm" });
		tally.reach({ id: "b", start: "warm" });
		tally.reach({ id: "c", start: "proactive" });
		expect(tally).toMatchObject({ warmed: 3, cold: 1 });
	});

	test.each<[string, Outcome, Record<string, number>]>([
		["an accepted event", { kind: "accepted" }, { unverified: 1 }],
		[
			"an answer without identity",
			{ kind: "answered", payload: bytes("true") },
			{ unverified: 1 },
		],
		["no answer in time", { kind: "timedOut" }, { timedOut: 1 }],
		["the SDK's timeout", failed(awsError("TimeoutError")), { timedOut: 1 }],
		[
			"a throttle",
			failed(awsError("TooManyRequestsException")),
			{ throttled: 1 },
		],
		["a refusal", failed(awsError("AccessDeniedException")), { failed: 1 }],
		["a child's error", { kind: "threw", payload: bytes("{}") }, { failed: 1 }],
	])("counts %s", (_, outcome, expected) => {
		const { unverified, throttled, failed, timedOut } = tallyOf(outcome);
		expect({ unverified, throttled, failed, timedOut }).toEqual({
			unverified: 0,
			throttled: 0,
			failed: 0,
			timedOut: 0,
			...expected,
		});
	});

	test("groups errors, the most frequent first, ten kinds at most", () => {
		const { errors } = tallyOf(
			...Array.from({ length: 12 }, (_, index) =>
				failed(new Error(`no ${index}`)),
			),
			failed(new Error("no 11")),
		);
		expect(errors).toHaveLength(10);
		expect(errors[0]).toEqual({ name: "Error", message: "no 11", count: 2 });
		expect(errors[1]).toEqual({ name: "Error", message: "no 0", count: 1 });
	});

	test("tells apart errors of the same name, and of the same message", () => {
		expect(
			tallyOf(
				failed(awsError("A", "x")),
				failed(awsError("A", "y")),
				failed(awsError("B", "x")),
			).errors,
		).toHaveLength(3);
	});

	test.each<[string, Outcome, string | undefined]>([
		[
			"a refusal",
			failed(awsError("AccessDeniedException")),
			"grant lambda:InvokeFunction on api:prod to the role of this function",
		],
		[
			"reserved concurrency",
			failed(
				Object.assign(awsError("TooManyRequestsException", "Rate Exceeded."), {
					Reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
				}),
			),
			"reserved concurrency is lower than asked for",
		],
		[
			"the account's concurrency",
			failed(awsError("TooManyRequestsException", "Rate Exceeded.")),
			"the account has no concurrency left for as many environments",
		],
		[
			"a wrong name",
			failed(awsError("ResourceNotFoundException")),
			"api:prod is no function, version or alias in this account and region",
		],
		[
			"a tenant",
			failed(awsError("InvalidParameterValueException")),
			"a function with tenant isolation is invoked with a tenant id, any other without",
		],
		[
			"a missing SDK",
			failed(Object.assign(new Error("x"), { code: "ERR_MODULE_NOT_FOUND" })),
			"install @aws-sdk/client-lambda, or leave it out of the bundle: Lambda's Node.js runtimes bring it",
		],
		...[
			"ENOTFOUND",
			"EAI_AGAIN",
			"ECONNREFUSED",
			"ENETUNREACH",
			"EHOSTUNREACH",
			"ETIMEDOUT",
		].map((code): [string, Outcome, string] => [
			code,
			failed(Object.assign(new Error("connect"), { code })),
			"from a VPC, reach Lambda through a NAT gateway or an interface endpoint",
		]),
		[
			"no answer",
			{ kind: "timedOut" },
			"from a VPC, reach Lambda through a NAT gateway or an interface endpoint; for children that are slow to start, raise the timeout",
		],
		["anything else", failed(awsError("ServiceException")), undefined],
	])("gives a hint for %s", (_, outcome, hint) => {
		expect(tallyOf(outcome).errors[0]?.hint).toBe(hint);
	});

	test.each<[string, string]>([
		[
			'{"errorType":"RangeError","errorMessage":"too far"}',
			"RangeError: too far",
		],
		["not JSON", "the handler failed"],
		["null", "the handler failed"],
		[
			`{"errorType":"E","errorMessage":"${"x".repeat(400)}"}`,
			`E: ${"x".repeat(253)}`,
		],
	])("quotes a child's error from %p", (payload, message) => {
		expect(
			tallyOf({
				kind: "threw",
				payload: bytes(payload),
			}).errors,
		).toStrictEqual([{ name: "FunctionError", message, count: 1 }]);
	});

	test("explains what was thrown that is no error, and what came too late", () => {
		expect(tallyOf(failed(null), { kind: "timedOut" }).errors).toMatchObject([
			{ name: "Error", message: "threw a value of type object" },
			{ name: "TimeoutError", message: "no answer before the deadline" },
		]);
	});

	test("says so where a child's error has no payload", () => {
		expect(
			tallyOf({
				kind: "threw",
				payload: undefined,
			}).errors[0]?.message,
		).toBe("the handler failed");
	});
});
