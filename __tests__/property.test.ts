import { beforeAll, describe, expect, jest, test } from "@jest/globals";
import middy from "@middy/core";
import fc from "fast-check";
import warmup, { type WarmupOptions } from "../src/index.js";
import { answer, arn, awsError, contextFor, fakeClient, identity, payloadOf } from "./support.js";

jest.setTimeout(300_000);

/** Printed with every run, and set to repeat one: `PROPERTY_SEED=… npx jest property`. */
const seed = Number(process.env.PROPERTY_SEED ?? 20_261_122);
const settings = { seed, numRuns: 10_000 } as const;

beforeAll(() => {
	process.stdout.write(`fast-check: seed ${seed}, 10,000 runs a property\n`);
});

const reserved = ["__proto__", "constructor", "hasOwnProperty", "toString", "then"];
const fields = [
	"warmer",
	"concurrency",
	"target",
	"test",
	"__WARMER_INVOCATION__",
	"__WARMER_CONCURRENCY__",
	"__WARMER_CORRELATIONID__",
	"__WARMER_VERIFY__",
	"__WARMER_UNTIL__",
	"__WARMER_DELAY__",
];

/** JSON, with the names in it that mean something to the middleware, or to JavaScript. */
const json = fc.jsonValue({ maxDepth: 3 });
const key = fc.oneof(fc.constantFrom(...fields, ...reserved), fc.string());
const odd = fc.oneof(json, fc.constantFrom(true, "true", 1, "5", -1, 2.5, 1e9, 3_600_000, "", null));

/** An object as `JSON.parse` makes it: `__proto__` is a property like any other. */
const parsed = (entries: readonly (readonly [string, unknown])[]): object => {
	const object = {};
	for (const [name, value] of entries) {
		Object.defineProperty(object, name, { value, configurable: true, enumerable: true, writable: true });
	}
	return object;
};
const anyObject = fc.array(fc.tuple(key, odd), { maxLength: 8 }).map(parsed);
const anyEvent = fc.oneof(json, anyObject, fc.array(anyObject, { maxLength: 4 }));

/** An object whose flag is `true`, whatever else it has. */
const flagged = anyObject.map((object) => parsed([...Object.entries(object), ["warmer", true]]));

/** The rule in the words of the design, without the code that it is held against. */
const isPing = (event: unknown): boolean => {
	const has = (value: unknown) =>
		typeof value === "object" &&
		value !== null &&
		Object.entries(value).some(([name, value]) => name === "warmer" && value === true);
	return has(event) || (Array.isArray(event) && event.length > 0 && event.every(has));
};

/** What a child may be told is harmless, and this keeps the properties fast. */
const quick: WarmupOptions = { maxDelay: 1, log: false };

describe("an event that is no ping", () => {
	test("reaches the business handler unchanged, as the same object", async () => {
		const { AwsClient, sent } = fakeClient();
		const business = jest.fn((event: unknown) => event);
		const handler = middy()
			.use(warmup({ ...quick, AwsClient, concurrency: 5 }))
			.handler(business);
		await fc.assert(
			fc.asyncProperty(fc.oneof(anyEvent, fc.array(fc.oneof(flagged, anyObject), { maxLength: 3 })), async (event) => {
				fc.pre(!isPing(event));
				const before = JSON.stringify(event);
				business.mockClear();
				expect(await handler(event, contextFor())).toBe(event);
				expect(business.mock.calls).toHaveLength(1);
				expect(business.mock.calls[0]?.[0]).toBe(event);
				expect(JSON.stringify(event)).toBe(before);
			}),
			settings,
		);
		expect(sent).toEqual([]);
	});
});

/** A proxy around a target, of which some traps throw; the others do as without. */
const trapped = (target: object, traps: readonly string[]): unknown =>
	new Proxy(
		target,
		Object.fromEntries(
			traps.map((trap) => [
				trap,
				() => {
					throw new Error(trap);
				},
			]),
		),
	);
const traps = fc.uniqueArray(fc.constantFrom("get", "has", "ownKeys", "getOwnPropertyDescriptor", "getPrototypeOf"), {
	minLength: 1,
});

/** An object of whose fields some are getters that throw, what is not even an error at times. */
const withGetters = fc
	.tuple(anyObject, fc.subarray(fields), fc.constantFrom<unknown>(new Error("no"), undefined, null, "no"))
	.map(([object, names, thrown]) => (): unknown => {
		const event = parsed(Object.entries(object));
		for (const name of names) {
			Object.defineProperty(event, name, {
				enumerable: true,
				get: () => {
					throw thrown;
				},
			});
		}
		return event;
	});

/** An object that contains itself, under names that are read. */
const cyclic = fc
	.tuple(fc.oneof(anyObject, flagged), fc.subarray(fields, { minLength: 1 }))
	.map(([object, names]) => names.reduce((cycle, name) => Object.assign(cycle, { [name]: cycle }), object));

const anyOf = fc.oneof(anyObject, flagged);
const base = fc.oneof(anyEvent, flagged, fc.array(flagged, { maxLength: 3 }));

/** Makes the event: fast-check looks at what it generates, which not every event bears. */
type Maker = () => unknown;
const maker = (event: unknown): Maker =>
	Object.assign(() => event, {
		[fc.toStringMethod]: () => fc.stringify(event),
	});
const made = fc.oneof(
	base,
	base.map((event) => Object.freeze(event)),
	anyOf.map((event) => Object.assign(Object.create(null), event)),
	anyOf.map((event) => Object.create(event)),
	cyclic,
	cyclic.map((event) => [event, event]),
	fc.anything({
		withBigInt: true,
		withDate: true,
		withMap: true,
		withNullPrototype: true,
		withSet: true,
		withSparseArray: true,
		withTypedArray: true,
	}),
	fc.constantFrom<unknown>(Symbol("event"), () => true, 1n, undefined),
);
const hostile: fc.Arbitrary<Maker> = fc.oneof(
	made.map(maker),
	withGetters.map((make) => () => make()),
	withGetters.map((make) => () => [make(), make()]),
	fc.tuple(fc.oneof(flagged, fc.array(flagged, { maxLength: 2 })), traps).map(
		([target, names]) =>
			() =>
				trapped(target, names),
	),
);

describe("no event", () => {
	test("makes the middleware throw, or answer but with text", async () => {
		const { AwsClient } = fakeClient();
		const { before } = warmup({ ...quick, AwsClient, maxConcurrency: 3 });
		await fc.assert(
			fc.asyncProperty(hostile, async (make) => {
				const result = before?.({ event: make(), context: contextFor() } as never);
				expect(result === undefined || typeof (await result) === "string").toBe(true);
			}),
			settings,
		);
	});

	test("makes it invoke more than maxConcurrency children per target and round, or what is not listed", async () => {
		const maxConcurrency = 4;
		const targets = ["other", "third:prod"];
		const self = ["api", `${arn}`, "api:$LATEST", "function:api"];
		const anyPing = fc.record(
			{
				warmer: fc.constant(true),
				concurrency: fc.oneof(fc.integer({ max: 5000 }), odd),
				target: fc.oneof(fc.constantFrom(...targets, ...self, "unlisted", "other:prod"), odd),
				test: fc.constantFrom<unknown>(true, false, "true"),
				__WARMER_INVOCATION__: odd,
				__WARMER_CONCURRENCY__: odd,
			},
			{ requiredKeys: ["warmer"] },
		);
		// All of them distinct; all the same, so that rounds follow each other; all refused; all failed.
		const answers = fc.constantFrom<(payload: Record<string, unknown>) => ReturnType<typeof answer>>(
			({ __WARMER_INVOCATION__: number }) => identity(`e${number}`),
			() => identity("the only one"),
			() => answer('"warmed"'),
			() => {
				throw awsError("TooManyRequestsException");
			},
			() => {
				throw new Error("no luck");
			},
		);

		let respond: (payload: Record<string, unknown>) => ReturnType<typeof answer>;
		const inFlight = new Map<string, number>();
		let most = 0;
		const { AwsClient, sent } = fakeClient(async (payload, { FunctionName = "" }) => {
			const now = (inFlight.get(FunctionName) ?? 0) + 1;
			inFlight.set(FunctionName, now);
			most = Math.max(most, now);
			await new Promise((resolve) => setImmediate(resolve));
			inFlight.set(FunctionName, (inFlight.get(FunctionName) ?? 0) - 1);
			return respond(payload);
		});
		const options = { ...quick, AwsClient, maxConcurrency, targets };
		const hooks = [true, false].map((verify) => warmup({ ...options, verify, concurrency: 2 }).before);
		let rounds = 0;
		let widest = 0;
		await fc.assert(
			fc.asyncProperty(
				fc.oneof(fc.oneof(anyPing, fc.array(anyPing, { minLength: 1, maxLength: 6 })).map(maker), hostile),
				answers,
				fc.constantFrom(...hooks),
				async (make, answering, hook) => {
					sent.length = 0;
					most = 0;
					inFlight.clear();
					respond = answering;
					await hook?.({ event: make(), context: contextFor() } as never);
					expect(most).toBeLessThanOrEqual(maxConcurrency);
					for (const target of new Set(sent.map(({ FunctionName }) => FunctionName))) {
						expect([arn, ...targets]).toContain(target);
						const numbers = sent
							.filter(({ FunctionName }) => FunctionName === target)
							.map((input) => payloadOf(input).__WARMER_INVOCATION__);
						const perRound = new Set(numbers).size;
						expect(perRound).toBeLessThanOrEqual(target === arn ? maxConcurrency - 1 : maxConcurrency);
						widest = Math.max(widest, perRound);
						rounds = Math.max(rounds, numbers.length / perRound);
						expect(numbers.length / perRound).toBeLessThanOrEqual(3);
					}
				},
			),
			settings,
		);
		// The events did get as far as they can.
		expect([rounds, widest]).toEqual([3, maxConcurrency]);
	});
});
