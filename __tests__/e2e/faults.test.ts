import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Fault, LocalLambda } from "../../local-lambda/index.js";
import type { WarmupReport } from "../../src/index.js";
import { diagnose, errorsOf, handlerUrl, openConnections, ping, rush, service, startApi } from "./support.js";

let lambda: LocalLambda;
let folder: string;
let faultFile: string;
/** What befalls a child, by its number. */
let fault: (number: number) => Fault | undefined;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "middy-lambda-warmer-"));
	faultFile = join(folder, "fault");
	fault = () => undefined;
});
afterEach(async () => {
	await lambda.stop();
	await rm(folder, { recursive: true });
});

interface Story {
	/** Of the Invoke API. */
	fault?: (number: number) => Fault | undefined;
	/** Of the children themselves, as `faulty.mjs` knows it. */
	childFault?: "handler throws" | "init throws" | "slow";
	timeoutMs?: number;
	/** What the report says, matchers allowed; the counts that are left out are 0. */
	report: { [Field in keyof WarmupReport]?: unknown };
}

const error = (name: string | RegExp, count: number, rest: { message?: RegExp; hint?: RegExp } = {}) =>
	expect.objectContaining({
		name: expect.stringMatching(name),
		count,
		...(rest.message && { message: expect.stringMatching(rest.message) }),
		...(rest.hint && { hint: expect.stringMatching(rest.hint) }),
	});

const answering = (payload: string): Fault => ({ kind: "answer", payload });
const identity = (id: unknown): Fault =>
	answering(JSON.stringify(JSON.stringify({ action: "warmer", id, start: "warm", startedAt: 1 })));

/** A ping of five: the initiator and the children 2 to 5. */
const event = { warmer: true, concurrency: 5 };

describe("a ping survives", () => {
	test.each<[string, Story]>([
		[
			"every child throttled",
			{
				fault: () => "throttle",
				report: {
					warmed: 1,
					throttled: 4,
					rounds: 1,
					errors: [error("TooManyRequestsException", 4, { hint: /reserved/ })],
				},
			},
		],
		[
			"some throttled",
			{
				fault: (number) => (number > 3 ? "throttle" : undefined),
				report: {
					warmed: 3,
					throttled: 2,
					rounds: 1,
					errors: [error("TooManyRequestsException", 2, { hint: /reserved/ })],
				},
			},
		],
		[
			"403",
			{
				fault: () => "deny",
				report: {
					warmed: 1,
					failed: 4,
					rounds: 1,
					errors: [
						error("AccessDeniedException", 4, {
							hint: /grant lambda:InvokeFunction on arn:.*:api /,
						}),
					],
				},
			},
		],
		[
			"404",
			{
				fault: () => ({
					status: 404,
					errorType: "ResourceNotFoundException",
					message: "Function not found",
				}),
				report: {
					warmed: 1,
					failed: 4,
					rounds: 1,
					errors: [error("ResourceNotFoundException", 4, { hint: /:api exists/ })],
				},
			},
		],
		[
			"500",
			{
				fault: () => "error",
				report: {
					warmed: 1,
					// Three requests for each child.
					failed: 12,
					rounds: 1,
					errors: [error("ServiceException", 12)],
				},
			},
		],
		[
			"children whose handler throws",
			{
				childFault: "handler throws",
				report: {
					warmed: 1,
					failed: 4,
					rounds: 1,
					errors: [error("FunctionError", 4, { message: /RangeError: no luck/ })],
				},
			},
		],
		[
			"children whose initialization throws",
			{
				childFault: "init throws",
				report: {
					warmed: 1,
					failed: 4,
					rounds: 1,
					errors: [error("FunctionError", 4, { message: /no configuration/ })],
				},
			},
		],
		[
			"a child that is killed",
			{
				fault: (number) => (number === 3 ? "kill" : undefined),
				report: {
					warmed: 4,
					failed: 1,
					rounds: 1,
					errors: [expect.objectContaining({ name: "FunctionError", count: 1 })],
				},
			},
		],
		[
			"connections that are reset",
			{
				fault: (number) => (number < 4 ? "reset" : undefined),
				report: {
					warmed: 3,
					failed: 6,
					rounds: 1,
					errors: [error("ECONNRESET", 6)],
				},
			},
		],
		[
			"connections that are accepted and never answered",
			{
				fault: (number) => (number < 4 ? "hang" : undefined),
				timeoutMs: 3000,
				report: {
					warmed: 3,
					timedOut: 2,
					rounds: 1,
					errors: [error("TimeoutError", 2, { hint: /NAT gateway/ })],
				},
			},
		],
		[
			"children slower than the initiator’s deadline",
			{
				childFault: "slow",
				timeoutMs: 3000,
				report: {
					warmed: 1,
					timedOut: 4,
					rounds: 1,
					errors: [error("TimeoutError", 4, { hint: /raise the timeout/ })],
				},
			},
		],
		[
			"answers that are no JSON",
			{
				fault: () => answering("<html>"),
				report: { warmed: 1, unverified: 4, rounds: 1, errors: [] },
			},
		],
		[
			"answers of 6 MB",
			{
				fault: () => answering(JSON.stringify("x".repeat(6 * 2 ** 20 - 2))),
				report: { warmed: 1, unverified: 4, rounds: 1, errors: [] },
			},
		],
		[
			"hostile reports",
			{
				fault: (number) => identity([7, "x".repeat(10_000), { id: "x" }, "__proto__"][number - 2]),
				// The last is a string like any other.
				report: { warmed: 2, unverified: 3, rounds: 1, errors: [] },
			},
		],
	])("%s", async (_, story) => {
		lambda = await startApi(
			{
				...service({ delay: 900 }, { environment: { FAULT_FILE: faultFile } }),
				handler: handlerUrl("faulty"),
				timeoutMs: story.timeoutMs ?? 60_000,
			},
			{
				idleSocketMs: 50,
				fault: ({ payload }) => fault((payload as Record<string, number>).__WARMER_INVOCATION__ ?? 0),
			},
		);
		// A process that has served before and been frozen since, whose state can be compared.
		await lambda.invoke("api", { warmer: true });
		const before = await diagnose(lambda);

		if (story.fault) fault = story.fault;
		if (story.childFault) await writeFile(faultFile, story.childFault);
		const bad = await ping(lambda, event);
		expect(bad).toMatchObject({ status: 200, payload: "warmed" });
		expect(bad).not.toHaveProperty("functionError");
		expect(bad.environment).toBe(before.environment);
		expect(bad.billedMs).toBeLessThan(story.timeoutMs ?? 60_000);
		expect(bad.report).toMatchObject({
			requested: 5,
			throttled: 0,
			failed: 0,
			timedOut: 0,
			unverified: 0,
			...story.report,
		});
		expect(errorsOf(lambda, bad.environment)).toEqual([]);

		expect(openConnections(lambda)).toBe(0);
		expect(await diagnose(lambda)).toEqual(before);

		fault = () => undefined;
		await rm(faultFile, { force: true });
		const good = await ping(lambda, event);
		expect(good).toMatchObject({
			payload: "warmed",
			environment: before.environment,
			report: {
				warmed: 5,
				unverified: 0,
				throttled: 0,
				failed: 0,
				timedOut: 0,
				errors: [],
			},
		});
		expect(errorsOf(lambda, good.environment)).toEqual([]);
		expect(openConnections(lambda)).toBe(0);
		expect(await diagnose(lambda)).toEqual(before);
		const answers = await rush(lambda, 5);
		expect(answers.filter(({ coldStart }) => coldStart)).toEqual([]);
	});
});
