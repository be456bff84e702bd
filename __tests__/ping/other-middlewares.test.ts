import { describe, expect, jest, test } from "@jest/globals";
import middy from "@middy/core";
import warmup from "../../src/index.js";
import { arn, contextFor, logbook } from "../support.js";
import { serviceWith, useFunctionVariables } from "./support.js";

useFunctionVariables();

describe("a ping among other middlewares", () => {
	const names = ["tracer", "metrics", "logger", "idempotency"];

	/** A middleware that leaves clean-up functions as Powertools' do: with a new object each. */
	const leaving = (cleanUps: Record<string, unknown>) => ({
		before: (request: middy.Request) => {
			const internal = Object.fromEntries(
				Object.entries(cleanUps).map(([name, cleanUp]) => [`powertools-for-aws.${name}`, cleanUp]),
			);
			request.internal = { ...request.internal, ...internal };
		},
	});
	const chain = (cleanUps: Record<string, unknown>, options = {}) => {
		const book = logbook();
		return {
			...book,
			handler: middy()
				.use(leaving(cleanUps))
				.use(warmup({ log: book.log, ...options }))
				.handler(async () => "business"),
		};
	};

	test("runs the clean-ups of Powertools' middlewares last, in their order", async () => {
		const calls: unknown[] = [];
		const cleanUps = Object.fromEntries(
			[...names].reverse().map((name) => [
				name,
				async (request: middy.Request) => {
					await new Promise((resolve) => setImmediate(resolve));
					calls.push(name);
					expect(request.event).toEqual({ warmer: true });
				},
			]),
		);
		const { handler } = chain(cleanUps, {
			onWarmup: () => calls.push("onWarmup"),
		});
		expect(await handler({ warmer: true }, contextFor())).toBe("warmed");
		expect(calls).toEqual(["onWarmup", ...names]);
		expect(await handler({}, contextFor())).toBe("business");
		expect(calls).toHaveLength(5);
	});

	test("goes on when a clean-up fails, hangs, or is not a function", async () => {
		const metrics = jest.fn(() => {
			throw new Error("no metrics");
		});
		const logger = jest.fn(() => new Promise(() => {}));
		const idempotency = jest.fn(async () => {
			throw new Error("no table");
		});
		const { handler, warnings } = chain({ tracer: "no function", metrics, logger, idempotency });
		expect(await handler({ warmer: true }, contextFor(arn, 150))).toBe("warmed");
		for (const cleanUp of [metrics, logger, idempotency]) {
			expect(cleanUp).toHaveBeenCalledTimes(1);
		}
		expect(warnings()).toEqual([]);
	});

	test("calls no inherited clean-up", async () => {
		const cleanUp = jest.fn();
		const { before: hook } = warmup({ log: false });
		for (const internal of [Object.create({ "powertools-for-aws.tracer": cleanUp }), undefined]) {
			const request = { event: { warmer: true }, context: {}, internal };
			expect(await hook?.(request as never)).toBe("warmed");
		}
		expect(cleanUp).not.toHaveBeenCalled();
	});

	test("does not wait for the event loop, while a request leaves that as it is", async () => {
		const { handler } = serviceWith();
		const business = contextFor();
		await handler({}, business);
		expect(business).not.toHaveProperty("callbackWaitsForEmptyEventLoop");
		const context = contextFor();
		await handler({ warmer: true }, context);
		expect(context.callbackWaitsForEmptyEventLoop).toBe(false);
	});

	test.each([Object.freeze({ ...contextFor() }), null])(
		"is answered when the context cannot be changed: %p",
		async (context) => {
			const { log, warnings } = logbook();
			const { before: hook } = warmup({ log });
			const request = { event: { warmer: true }, context, internal: {} };
			expect(await hook?.(request as never)).toBe("warmed");
			expect(warnings()).toEqual([]);
		},
	);

	test("has a named hook", () => {
		expect(warmup().before?.name).toBe("warmupMiddlewareBefore");
	});
});
