import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createPace, type Pace } from "../src/pace.js";

const originalEnv = process.env;
let now = 0;
/** Microseconds of the processor. */
let processor = { user: 0, system: 0 };

beforeEach(() => {
	process.env = { ...originalEnv };
	now = 0;
	processor = { user: 0, system: 0 };
	jest.spyOn(performance, "now").mockImplementation(() => now);
	jest.spyOn(process, "cpuUsage").mockImplementation((since = { user: 0, system: 0 }) => ({
		user: processor.user - since.user,
		system: processor.system - since.system,
	}));
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

/** Lets so many ms pass, of which the processor works some. */
const pass = (elapsed: number, used: number) => {
	now += elapsed;
	processor = {
		user: processor.user + used * 600,
		system: processor.system + used * 400,
	};
};

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
		expect(pace.preparing()).toBeCloseTo(full.preparing() * slowness);
		for (const protocol of ["h2", "http/1.1"] as const) {
			expect(pace.answering(protocol)).toBeCloseTo(full.answering(protocol) * slowness);
			expect(pace.sending(protocol)).toBeCloseTo(full.sending(protocol) * slowness);
		}
	});

	test("a child over HTTP/1.1 costs more than one over HTTP/2", () => {
		const pace = paceWith();
		expect(pace.answering("http/1.1")).toBeGreaterThan(pace.answering("h2"));
	});
});

/** Has so many children prepared after a first one, each in so many ms, of which the processor works some. */
const prepare = (pace: Pace, children: number, elapsed: number, used = elapsed) => {
	const measure = pace.measurePreparing();
	pass(1000, 1000);
	measure.prepared();
	for (let child = 0; child < children; child++) {
		pass(elapsed, used);
		measure.prepared();
	}
	measure.end();
	pace.measureAnswering()(1, "http/1.1");
};

describe("a measurement", () => {
	test("of preparing is wall time for each child, the surer the more there were", () => {
		const few = paceWith();
		prepare(few, 2, 40);
		const many = paceWith();
		prepare(many, 1000, 40);
		expect(few.preparing()).toBeGreaterThan(paceWith().preparing());
		expect(few.preparing()).toBeLessThan(20);
		expect(many.preparing()).toBeGreaterThan(39);
		expect(many.preparing()).toBeLessThanOrEqual(40);
	});

	test("of preparing takes no account of the first child", () => {
		const pace = paceWith();
		prepare(pace, 0, 0);
		expect(pace.preparing()).toBe(paceWith().preparing());
	});

	test("of preparing begins with what an earlier one told", () => {
		const pace = paceWith();
		for (let ping = 0; ping < 20; ping++) prepare(pace, 8, 40);
		expect(pace.preparing()).toBeCloseTo(40, 0);
	});

	test("of answering is processor time for each child, and nothing of the waiting", () => {
		const pace = paceWith();
		const before = pace.answering("http/1.1");
		const noteAnswered = pace.measureAnswering();
		pass(10_000, 30);
		noteAnswered(10, "h2");
		expect(pace.answering("h2")).toBeCloseTo(3);
		expect(pace.answering("http/1.1")).toBe(before);
		expect(pace.sending("h2")).toBeLessThan(3);
	});

	test("tells what share of a processor there is", () => {
		const pace = paceWith();
		const loading = pace.loading();
		prepare(pace, 10, 50, 5);
		expect(pace.loading()).toBeGreaterThan(loading);
		expect(pace.loading()).toBeLessThan(9 * loading);
		for (let ping = 0; ping < 30; ping++) prepare(pace, 10, 50, 5);
		expect(pace.loading()).toBeCloseTo(10 * loading);
		const noteAnswered = pace.measureAnswering();
		pass(1000, 20);
		noteAnswered(10, "h2");
		expect(pace.answering("h2")).toBeCloseTo((20 * 10) / 10);
	});

	test("of more processor time than there was, by other threads, speeds nothing up", () => {
		const pace = paceWith();
		const loading = pace.loading();
		prepare(pace, 10, 1, 4);
		expect(pace.loading()).toBe(loading);
	});

	test("of no processor time, by a coarse clock, tells nothing of its share", () => {
		const pace = paceWith("128");
		const loading = pace.loading();
		for (const elapsed of [0, 1]) prepare(pace, 10, elapsed, 0);
		expect(pace.loading()).toBe(loading);
	});
});
