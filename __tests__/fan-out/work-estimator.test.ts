import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import {
	cpuFactorOf,
	createWorkEstimator,
	FIRST_RUN_COST,
	type WorkEstimator,
} from "../../src/fan-out/work-estimator.js";

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

const estimatorWith = (memory?: string): WorkEstimator => {
	if (memory === undefined) delete process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE;
	else process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE = memory;
	return createWorkEstimator();
};

test.each([
	[Number.NaN, 1],
	[0, 1],
	[10_240, 1],
	[1769, 1],
	[176.9, 10],
])("takes a function of %p MB to be %p times as slow as one vCPU", (memoryMb, expected) => {
	expect(cpuFactorOf(memoryMb)).toBeCloseTo(expected);
});

describe("before a measurement", () => {
	test.each<[string | undefined, number]>([
		[undefined, 1],
		["", 1],
		["nonsense", 1],
		["1769", 1],
		["10240", 1],
		["176.9", 10],
	])("scales the cost of first runs when the memory is %p MB", (memory, factor) => {
		const estimator = estimatorWith(memory);
		expect(estimator.loadSdkMs).toBeCloseTo(120 * factor);
		for (const kind of ["direct", "sdk"] as const) {
			const { prepareMs, sendMs } = estimator.costOf(kind);
			expect(prepareMs).toBeCloseTo(FIRST_RUN_COST[kind].prepareMs * factor);
			expect(sendMs).toBeCloseTo(FIRST_RUN_COST[kind].sendMs * factor);
		}
	});

	test("expects a child to cost more when the SDK sends it", () => {
		const [direct, sdk] = (["direct", "sdk"] as const).map((kind) => {
			const { prepareMs, sendMs } = estimatorWith().costOf(kind);
			return prepareMs + sendMs;
		});
		expect(direct).toBeLessThan(Number(sdk));
	});
});

describe("a measurement", () => {
	const record = (estimator: WorkEstimator, operation: "prepareMs" | "sendMs", children: number, elapsedMs: number) => {
		const recordChildren = estimator.measure(operation, "direct");
		now += elapsedMs;
		recordChildren(children);
	};

	test.each(["prepareMs", "sendMs"] as const)("of %s weighs more when there were more children", (operation) => {
		const few = estimatorWith();
		record(few, operation, 2, 80);
		const many = estimatorWith();
		record(many, operation, 1000, 40_000);
		const prior = FIRST_RUN_COST.direct[operation];
		expect(few.costOf("direct")[operation]).toBeCloseTo((8 * prior + 80) / 10);
		expect(many.costOf("direct")[operation]).toBeCloseTo((8 * prior + 40_000) / 1008);
	});

	test("starts from what earlier ones showed", () => {
		const estimator = estimatorWith();
		for (let ping = 0; ping < 20; ping++) record(estimator, "prepareMs", 8, 320);
		expect(estimator.costOf("direct").prepareMs).toBeCloseTo(40, 0);
	});

	test("changes its own operation and transport only", () => {
		const estimator = estimatorWith();
		record(estimator, "sendMs", 100, 4000);
		expect(estimator.costOf("sdk")).toEqual(FIRST_RUN_COST.sdk);
		expect(estimator.costOf("direct").prepareMs).toBe(FIRST_RUN_COST.direct.prepareMs);
	});
});
