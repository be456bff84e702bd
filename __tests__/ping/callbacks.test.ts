import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { createEnvironment } from "../../src/environment.js";
import { type WarmupEntry, type WarmupOptions, type WarmupReport, warmup } from "../../src/index.js";
import { createCallbacks } from "../../src/ping/callbacks.js";
import { resolveOptions } from "../../src/resolve-options.js";
import { contextFor, logbook } from "../support.js";

const context = { c: 1 } as never;
const request = { event: { n: 1 }, context } as never;
const entry = { action: "warmer" } as WarmupEntry;
const id = "this environment";
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

const bind = (options: WarmupOptions = {}) => createCallbacks(resolveOptions(options), { ...createEnvironment(0), id });

const misbehaving: [string, () => unknown][] = [
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
];

describe("log", () => {
	test("gets objects, by default on the console, warnings as warnings", () => {
		const log = jest.spyOn(console, "log").mockReturnValue();
		const warning = jest.spyOn(console, "warn").mockReturnValue();
		const { write, warn } = bind();
		write(entry);
		warn("look", context);
		expect(log.mock.calls).toEqual([[entry]]);
		expect(warning.mock.calls).toEqual([
			[{ action: "warmer-warning", function: expect.any(String), id, message: "look" }],
		]);
	});

	test("gets nothing if so asked", () => {
		const log = jest.spyOn(console, "log").mockReturnValue();
		const warning = jest.spyOn(console, "warn").mockReturnValue();
		const { write, warn } = bind({ log: false });
		write(entry);
		warn("look", context);
		expect(log).not.toHaveBeenCalled();
		expect(warning).not.toHaveBeenCalled();
	});

	test.each([...misbehaving, ["never returns", () => new Promise(() => {})] as const])(
		"may be a function that %s",
		(_, misbehave) => {
			const log = jest.fn((_entry: WarmupEntry) => misbehave());
			bind({ log: log as never }).write(entry);
			expect(log).toHaveBeenCalledWith(entry);
		},
	);
});

describe("isWarmingUp", () => {
	/** Whether the middleware takes an event for a ping, and what it warns of. */
	const recognize = async (isWarmingUp: unknown, times = 1) => {
		const { log, warnings } = logbook();
		const { before: hook } = warmup({ isWarmingUp: isWarmingUp as never, log, delay: 0 });
		const answers = Array.from({ length: times }, () =>
			hook?.({ event: { n: 1 }, context: contextFor(), internal: {} } as never),
		);
		await Promise.all(answers);
		// The warning is written by what has yet to be loaded.
		for (let turn = 0; turn < 20; turn++) {
			await new Promise((resolve) => setImmediate(resolve));
		}
		return {
			recognized: answers.map((answer) => answer !== undefined),
			warnings: warnings(),
		};
	};

	test("is asked with event and context", async () => {
		const isWarmingUp = jest.fn((_event: unknown, _context: unknown) => true);
		expect(await recognize(isWarmingUp)).toEqual({ recognized: [true], warnings: [] });
		expect(isWarmingUp.mock.calls).toEqual([
			[{ n: 1 }, expect.objectContaining({ getRemainingTimeInMillis: expect.any(Function) })],
		]);
	});

	test.each<[string, unknown, string | undefined]>([
		["nothing where it is left out", undefined, undefined],
		["false", () => false, undefined],
		["a truthy value", () => "yes", "must return a boolean, but returned a value of type string"],
		["nothing", () => undefined, "must return a boolean, but returned a value of type undefined"],
		[
			"a rejection",
			async () => {
				throw new Error("no");
			},
			"must return a boolean, but returned a value of type object",
		],
		[
			"an error",
			() => {
				throw new Error("no");
			},
			"threw no",
		],
		[
			"no error, thrown",
			() => {
				throw "no";
			},
			"threw no",
		],
		[
			"what has no text, thrown",
			() => {
				throw Symbol("no");
			},
			"threw a value of type symbol",
		],
	])("takes %s for no ping, and says so once", async (_, misbehave, said) => {
		expect(await recognize(misbehave, 3)).toEqual({
			recognized: [false, false, false],
			warnings: said ? [`isWarmingUp ${said}: the event was treated as a request`] : [],
		});
	});
});

describe("correlationId", () => {
	test("is the environment's id, the user's text, or of the user's function", () => {
		const correlationId = jest.fn((_event: unknown, _context: unknown) => "computed");
		expect(bind().correlationId(request)).toBe(id);
		expect(bind({ correlationId: "text" }).correlationId(request)).toBe("text");
		expect(bind({ correlationId }).correlationId(request)).toBe("computed");
		expect(correlationId.mock.calls).toEqual([[{ n: 1 }, { c: 1 }]]);
	});

	test.each<[string, () => unknown, string]>([
		["nonsense", () => 7, "must return a string of 1 to 256 characters, but returned a value of type number"],
		[
			"5,000 characters",
			() => "c".repeat(5000),
			"must return a string of 1 to 256 characters, but returned a value of type string of 5000 characters",
		],
		[
			"nothing to go by",
			() => "",
			"must return a string of 1 to 256 characters, but returned a value of type string of 0 characters",
		],
		[
			"a rejection",
			async () => {
				throw new Error("no");
			},
			"must return a string of 1 to 256 characters, but returned a value of type object",
		],
		[
			"an error",
			() => {
				throw new Error("no");
			},
			"threw no",
		],
	])("is the environment's id for %s", (_, misbehave, warning) => {
		const { log, warnings } = logbook();
		const { correlationId } = bind({ correlationId: misbehave as never, log });
		expect(correlationId(request)).toBe(id);
		expect(warnings()).toEqual([`correlationId ${warning}`]);
	});
});

describe.each(["onWarmup", "onReport"] as const)("%s", (name) => {
	const about = (name === "onWarmup" ? request : { warmed: 1 }) as never as WarmupReport;
	const call = async (callback: ((about: unknown) => unknown) | undefined, deadline = Date.now() + 60_000) => {
		const { log, warnings } = logbook();
		const { onWarmup, onReport } = bind({ log, [name]: callback });
		await (name === "onWarmup" ? onWarmup(about as never, deadline) : onReport(about, request, deadline));
		return warnings();
	};

	test("is waited for", async () => {
		let done: unknown;
		const callback = async (what: unknown) => {
			await new Promise((resolve) => setTimeout(resolve, 5));
			done = what;
		};
		expect(await call(callback)).toEqual([]);
		expect(done).toBe(about);
	});

	test("can be left out", async () => {
		expect(await call(undefined)).toEqual([]);
	});

	test.each(misbehaving)("is reported if it %s", async (_, misbehave) => {
		expect(await call(misbehave)).toEqual([`${name} failed: no`]);
	});

	test("is given up at the deadline, whatever comes later", async () => {
		let fail: (error: Error) => void = () => {};
		const hanging = () =>
			new Promise((_, reject) => {
				fail = reject;
			});
		expect(await call(hanging, Date.now() + 5)).toEqual([
			`${name} had not finished at the deadline: make it faster, or raise the timeout`,
		]);
		fail(new Error("late"));
	});
});
