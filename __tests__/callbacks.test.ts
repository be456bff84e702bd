import {
	afterEach,
	beforeEach,
	describe,
	expect,
	jest,
	test,
} from "@jest/globals";
import {
	callBounded,
	correlate,
	recogniser,
	warn,
	write,
} from "../src/callbacks.js";
import { id } from "../src/environment.js";
import { resolveOptions } from "../src/options.js";
import type { WarmupEntry } from "../src/report.js";
import { logbook } from "./helpers.js";

const request = { event: { n: 1 }, context: { c: 1 } } as never;
const entry = { action: "warmer" } as WarmupEntry;
const unhandled = jest.fn();

beforeEach(() => {
	process.on("unhandledRejection", unhandled);
});
afterEach(async () => {
	await new Promise((resolve) => setImmediate(resolve));
	process.off("unhandledRejection", unhandled);
	jest.restoreAllMocks();
	expect(unhandled).not.toHaveBeenCalled();
});

describe("write", () => {
	test("logs objects, warnings as warnings", () => {
		const log = jest.spyOn(console, "log").mockReturnValue();
		const warning = jest.spyOn(console, "warn").mockReturnValue();
		const options = resolveOptions({});
		write(options, entry);
		warn(options, "look");
		expect(log.mock.calls).toEqual([[entry]]);
		expect(warning.mock.calls).toEqual([
			[
				{
					action: "warmer-warning",
					function: expect.any(String),
					id,
					message: "look",
				},
			],
		]);
	});

	test("logs nothing if so asked", () => {
		const log = jest.spyOn(console, "log").mockReturnValue();
		const warning = jest.spyOn(console, "warn").mockReturnValue();
		write(resolveOptions({ log: false }), entry);
		warn(resolveOptions({ log: false }), "look");
		expect(log).not.toHaveBeenCalled();
		expect(warning).not.toHaveBeenCalled();
	});

	test.each<[string, () => unknown]>([
		[
			"throws",
			() => {
				throw new Error("no");
			},
		],
		[
			"rejects",
			async () => {
				throw new Error("no");
			},
		],
		["never returns", () => new Promise(() => {})],
	])("survives a log function that %s", (_, misbehave) => {
		const log = jest.fn((_entry: WarmupEntry) => misbehave());
		write(resolveOptions({ log: log as never }), entry);
		expect(log).toHaveBeenCalledWith(entry);
	});
});

describe("recogniser", () => {
	test("asks the user with event and context", () => {
		const isWarmingUp = jest.fn((_event: unknown, _context: unknown) => true);
		expect(recogniser(resolveOptions({ isWarmingUp }))(request)).toBe(true);
		expect(isWarmingUp).toHaveBeenCalledWith({ n: 1 }, { c: 1 });
	});

	test("recognises nothing without it", () => {
		expect(recogniser(resolveOptions({}))(request)).toBe(false);
	});

	test.each<[string, () => unknown, string | undefined]>([
		["false", () => false, undefined],
		[
			"a truthy value",
			() => "yes",
			"isWarmingUp returned a value of type string; no ping was recognised",
		],
		[
			"nothing",
			() => undefined,
			"isWarmingUp returned a value of type undefined; no ping was recognised",
		],
		[
			"a rejection",
			async () => {
				throw new Error("no");
			},
			"isWarmingUp returned a value of type object; no ping was recognised",
		],
		[
			"an error",
			() => {
				throw new Error("no");
			},
			"isWarmingUp threw no; no ping was recognised",
		],
	])("takes %s for no ping, and says so once", (_, misbehave, warning) => {
		const { log, warnings } = logbook();
		const recognise = recogniser(
			resolveOptions({ isWarmingUp: misbehave as never, log }),
		);
		const said = warning === undefined ? [] : [warning];
		expect(recognise(request)).toBe(false);
		expect(warnings()).toEqual(said);
		expect(recognise(request)).toBe(false);
		expect(warnings()).toEqual(said);
	});
});

describe("correlate", () => {
	test("uses the environment's id, the user's text, or the user's function", () => {
		const correlationId = jest.fn(
			(_event: unknown, _context: unknown) => "computed",
		);
		expect(correlate(request, resolveOptions({}))).toBe(id);
		expect(correlate(request, resolveOptions({ correlationId: "text" }))).toBe(
			"text",
		);
		expect(correlate(request, resolveOptions({ correlationId }))).toBe(
			"computed",
		);
		expect(correlationId).toHaveBeenCalledWith({ n: 1 }, { c: 1 });
	});

	test.each<[string, () => unknown, string]>([
		["nonsense", () => 7, "correlationId returned a value of type number"],
		[
			"nothing to go by",
			() => "",
			"correlationId returned a value of type string",
		],
		[
			"a rejection",
			async () => {
				throw new Error("no");
			},
			"correlationId returned a value of type object",
		],
		[
			"an error",
			() => {
				throw new Error("no");
			},
			"correlationId threw no",
		],
	])("falls back to the environment's id for %s", (_, misbehave, warning) => {
		const { log, warnings } = logbook();
		expect(
			correlate(
				request,
				resolveOptions({ correlationId: misbehave as never, log }),
			),
		).toBe(id);
		expect(warnings()).toEqual([warning]);
	});
});

describe("callBounded", () => {
	const call = async (
		callback: () => unknown,
		deadline = Date.now() + 60_000,
	) => {
		const { log, warnings } = logbook();
		await callBounded(resolveOptions({ log }), "onWarmup", callback, deadline);
		return warnings();
	};

	test("waits for the callback", async () => {
		let done = false;
		const callback = async () => {
			await new Promise((resolve) => setTimeout(resolve, 5));
			done = true;
		};
		expect(await call(callback)).toEqual([]);
		expect(done).toBe(true);
	});

	test.each<[string, () => unknown]>([
		[
			"throws",
			() => {
				throw new Error("no");
			},
		],
		[
			"rejects",
			async () => {
				throw new Error("no");
			},
		],
	])("says so if it %s", async (_, misbehave) => {
		expect(await call(misbehave)).toEqual(["onWarmup failed: no"]);
	});

	test("gives up at the deadline, and does not mind what comes later", async () => {
		let fail: (error: Error) => void = () => {};
		const hanging = () =>
			new Promise((_, reject) => {
				fail = reject;
			});
		expect(await call(hanging, Date.now() + 5)).toEqual([
			"onWarmup had not finished at the deadline",
		]);
		fail(new Error("late"));
	});
});
