import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createPace, type Pace } from "../src/pace.js";

const originalEnv = process.env;
let now = 0;

beforeEach(() => {
	process.env = { ...originalEnv };
	now = 0;
	jest.spyOn(performance, "now").mockImplementation(() => now);
});
afterEach(() => {
	process.env = originalEnv;
	jest.restoreAllMocks();
});

const paceWith = (memory?: string) => {
	if (memory === undefined) delete process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
	else process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE = memory;
	return createPace();
};

const ways = ["direct", "h2", "http/1.1"] as const;

describe("before there is a measurement", () => {
	test.each<[string | undefined, number]>([
		[undefined, 1],
		["", 1],
		["nonsense", 1],
		["1769", 1],
		["10240", 1],
		["176.9", 10],
	])("a memory of %p MB makes everything so many times as slow", (memory, slowness) => {
		const pace = paceWith(memory);
		const full = paceWith("1769");
		expect(pace.loading()).toBeCloseTo(full.loading() * slowness);
		// A quarter of a second is kept free for a full core.
		expect(full.finishing()).toBe(0);
		expect(pace.finishing()).toBeCloseTo(8 * (slowness - 1));
		for (const way of ways) {
			for (const what of ["preparing", "sending", "reading", "closing"] as const) {
				expect(pace[what](way)).toBeCloseTo(full[what](way) * slowness);
			}
		}
	});

	test("a child costs least without the SDK, and most over HTTP/1.1", () => {
		const pace = paceWith();
		const [direct, h2, http1] = ways.map((way) => pace.preparing(way) + pace.sending(way));
		expect(direct).toBeLessThan(Number(h2));
		expect(h2).toBeLessThan(Number(http1));
	});
});

describe("a measurement", () => {
	/** Has so many children prepared or sent, all in so many ms. */
	const pass = (pace: Pace, what: "preparing" | "sending", children: number, elapsed: number) => {
		const note = pace.measure(what, "direct");
		now += elapsed;
		note(children);
	};

	test.each(["preparing", "sending"] as const)(
		"of %s is wall time for each child, the surer the more there were",
		(what) => {
			const few = paceWith();
			pass(few, what, 2, 80);
			const many = paceWith();
			pass(many, what, 1000, 40_000);
			expect(few[what]("direct")).toBeGreaterThan(paceWith()[what]("direct"));
			expect(few[what]("direct")).toBeLessThan(20);
			expect(many[what]("direct")).toBeGreaterThan(39);
			expect(many[what]("direct")).toBeLessThanOrEqual(40);
		},
	);

	test("begins with what an earlier one told", () => {
		const pace = paceWith();
		for (let ping = 0; ping < 20; ping++) pass(pace, "preparing", 8, 320);
		expect(pace.preparing("direct")).toBeCloseTo(40, 0);
	});

	test("is one of its way, and of what was measured", () => {
		const pace = paceWith();
		const before = [pace.sending("h2"), pace.preparing("direct"), pace.loading()];
		pass(pace, "sending", 100, 4000);
		expect([pace.sending("h2"), pace.preparing("direct"), pace.loading()]).toEqual(before);
	});

	test("of sending tells what reading and closing take, which is less", () => {
		const pace = paceWith();
		pass(pace, "sending", 1e6, 1e7);
		expect(pace.reading("direct")).toBeCloseTo(5, 1);
		expect(pace.closing("direct")).toBeCloseTo(2, 1);
	});

	test("may go on, as more become ready", () => {
		const pace = paceWith();
		const note = pace.measure("preparing", "direct");
		now += 40;
		note(1);
		now += 3960;
		note(100);
		expect(pace.preparing("direct")).toBeCloseTo((8 * paceWith().preparing("direct") + 4000) / 108);
	});
});
