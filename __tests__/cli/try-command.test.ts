import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { drawTimelines, histogram, painter, wrap } from "../../cli/terminal.js";
import type { Timeline } from "../../cli/timeline-model.js";
import { run as tryFile, verdict } from "../../cli/try-command.js";
import { stateOf, until } from "../local-lambda/support.js";
import { handlerPath, killStarted, patience, start } from "./support.js";

let folder: string;

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "try-"));
});

afterEach(async () => {
	killStarted();
	await rm(folder, { recursive: true });
});

const example = ["try", "examples/api.mjs", "--event", "examples/event.json"];

const processes = (): number[] => readdirSync("/proc").map(Number).filter(Boolean);

const read = (pid: number, file: string): string => {
	try {
		return readFileSync(`/proc/${pid}/${file}`, "utf8");
	} catch {
		// It has ended.
		return "";
	}
};

/** Process ids of its execution environments. */
const environmentsOf = ({ pid }: ChildProcess): number[] =>
	processes().filter(
		(child) =>
			read(child, "cmdline").includes("runtime.mjs") &&
			read(child, "status").includes(`\nPPid:\t${pid}\n`) &&
			stateOf(child) !== undefined,
	);

/** The address of the local Lambda that an environment belongs to: no two have the same. */
const endpointOf = (pid: number): string | undefined =>
	/AWS_ENDPOINT_URL_LAMBDA=[^\0]+/.exec(read(pid, "environ"))?.[0];

/** The names of all elements; throws if the document is not well-formed. */
const elementsOf = (xml: string): string[] => {
	const elements: string[] = [];
	const open: string[] = [];
	const text = xml.replace(
		/<(\/?)([\w:]+)(?: [\w:-]+="[^"<]*")*(\/?)>/g,
		(_, closes: string, name: string, empty: string) => {
			if (closes) expect(open.pop()).toBe(name);
			else elements.push(name);
			if (!closes && !empty) open.push(name);
			return "";
		},
	);
	expect(open).toEqual([]);
	expect(text).not.toMatch(/[<>]/);
	return elements;
};

test(
	"shows what the ping did, as text and as a drawing",
	async () => {
		const svg = join(folder, "timeline.svg");
		const run = start([...example, "--concurrency", "3", "--svg", svg], { COLUMNS: "60", NO_COLOR: "1" });
		expect([await run.ended, run.stderr]).toEqual([0, ""]);

		const { stdout } = run;
		expect(stdout).toMatch(/cold function\n3 of 3 met a cold start/);
		expect(stdout).toMatch(/\sover\sh2\s/);
		expect(stdout).toMatch(/Warmed 3 of 3 .*; 3 of them had to\s+start/);
		expect(stdout).toMatch(/warmed function\n0 of 3 met a cold start/);
		expect(stdout).toMatch(/Warmed 3 of 3 .*; 0 of them had to\s+start/);
		expect(stdout).toContain("Verdict: 3 of 3 environments warm");
		expect(stripVTControlCharacters(stdout)).toBe(stdout);
		expect(stdout.split("\n").filter((line) => line.length > 60 && !line.includes(svg))).toEqual([]);

		const rows = stdout.match(/^api-\d+ .*$/gm) ?? [];
		const names = ["api-1", "api-2", "api-3"];
		expect(rows.map((row) => row.split(" ")[0])).toEqual([...names, ...names]);
		for (const row of rows.slice(0, 3)) expect(row).toMatch(/ ▒+█+·*$/);
		// Initialised, pinged, in use, pinged again; frozen in between where the scale lets it show.
		for (const row of rows.slice(3)) expect(row).toMatch(/ ▒+━+·*█+·*━+·*$/);

		const drawing = await readFile(svg, "utf8");
		expect(elementsOf(drawing)[0]).toBe("svg");
		const texts = [...drawing.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
		expect(texts.filter((text) => text?.startsWith("api-"))).toEqual([...names, ...names]);
		expect(texts).toEqual(
			expect.arrayContaining([
				"A ping warms 3 of 3 execution environments",
				"Without a ping",
				"With a ping",
				"time (ms)",
				"frozen",
			]),
		);
	},
	patience,
);

test(
	"CommonJS, another export, another flag, the caller's variables but AWS's, logs",
	async () => {
		const event = join(folder, "event.json");
		await writeFile(event, '{ "name": "Ada" }');
		const run = start(
			[
				...["try", handlerPath("common.cjs"), "--export", "orders"],
				...["--flag", "wake", "--event", event, "--concurrency", "2", "--logs"],
			],
			{ PLACE: "Turin", AWS_PROFILE: "production" },
		);
		expect([await run.ended, run.stderr]).toEqual([0, ""]);
		expect(run.stdout).toContain("Verdict: 2 of 2");
		expect(run.stdout).toContain("common-1 INFO greets Ada, of Turin");
		expect(run.stdout).not.toContain("production");
	},
	patience,
);

test(
	"works where there is no openssl, as most containers have none",
	async () => {
		const run = start([...example, "--concurrency", "2"], { PATH: folder });
		expect([await run.ended, run.stderr]).toEqual([0, ""]);
		expect(run.stdout).toContain("Verdict: 2 of 2");
		expect(run.stdout).toMatch(/\sover\shttp\/1\.1\s/);
	},
	patience,
);

test(
	"TypeScript runs where Node.js strips types, and is refused elsewhere",
	async () => {
		const run = start(["try", handlerPath("typed.ts"), "--concurrency", "2"]);
		const code = await run.ended;
		if ("typescript" in process.features && process.features.typescript) {
			expect(run.stdout).toContain("Verdict: 2 of 2");
			expect(run.stdout).toContain("2 of them failed: TypeError");
			expect(code).toBe(0);
		} else {
			expect(run.stderr).toContain("does not run TypeScript: use 22.18");
			expect(code).toBe(2);
		}
	},
	patience,
);

describe("says what to do", () => {
	const api = "examples/api.mjs";
	const fixture = handlerPath;
	test.each([
		[[], "one file"],
		[[api, "five"], "one file"],
		[[api, "--concurency", "5"], "--concurency"],
		[[api, "--concurrency", "1"], 'from 2 to 50, got "1"'],
		[[api, "--concurrency", "2.5"], '"2.5"'],
		[[api, "--timeout", "0"], "--timeout"],
		[[api, "--delivery", "slow"], "calm, typical or busy"],
		[[api, "--event", "no-such-file"], "--event takes a file with JSON"],
		[[api, "--svg", "no-such-folder/timeline.svg"], "existing folder"],
		[["no-such-file.mjs"], "there is no file no-such-file.mjs"],
		[["README.md"], "ends in none of"],
		[[fixture("two.dots.mjs")], "rename"],
		[[fixture("shadowed.mjs")], "Lambda loads shadowed.js"],
		[[fixture("broken.mjs")], "cannot be loaded: Error: TABLE_NAME is not set"],
		[[api, "--export", "main"], "--export"],
		[[fixture("unwarmed.mjs")], "Add the middleware, .use(warmup())"],
		[[fixture("unwarmed.mjs"), "--export", "picky"], "failed for the ping"],
		[[api, "--flag", "wake"], "failed for the ping"],
	])(
		"%j",
		async (args, said) => {
			const { signal } = new AbortController();
			await expect(tryFile(args, signal)).rejects.toThrow(said);
		},
		patience,
	);

	test(
		"in one line, with exit code 2",
		async () => {
			for (const args of [["try"], ["try", "--concurency"], ["tri"]]) {
				const run = start(args);
				expect([await run.ended, run.stdout]).toEqual([2, ""]);
				expect(run.stderr).toMatch(/^middy-lambda-warmer: .*\(see --help\)\n$/);
			}
		},
		patience,
	);
});

test.each([
	["SIGINT", "Step 1", 130, "middy-lambda-warmer: interrupted\n"],
	["SIGTERM", "Step 2", 143, "middy-lambda-warmer: interrupted\n"],
	// Nobody reads on (`| head`).
	["SIGPIPE", "Step 1", 141, ""],
] as const)(
	"%s in %s leaves nothing running",
	async (signal, step, code, stderr) => {
		const run = start([...example, "--concurrency", "3"]);
		const { child } = run;
		await until(() => run.stdout.includes(step) && environmentsOf(child).length > 0);
		const endpoints = environmentsOf(child).map(endpointOf);
		expect(endpoints[0]).toMatch(/http/);
		if (signal === "SIGPIPE") child.stdout?.destroy();
		else child.kill(signal);
		expect([await run.ended, run.stderr]).toEqual([code, stderr]);
		expect(processes().filter((pid) => endpoints.includes(endpointOf(pid) ?? ""))).toEqual([]);
	},
	patience,
);

test(
	"fails if environments do not survive",
	async () => {
		const run = start([...example, "--concurrency", "3"]);
		// The probe is left alone.
		await until(() => run.stdout.includes("Step 1"));
		const killing = setInterval(() => {
			for (const pid of environmentsOf(run.child)) {
				process.kill(pid, "SIGKILL");
			}
		}, 10);
		try {
			expect(await run.ended).toBe(1);
		} finally {
			clearInterval(killing);
		}
		expect(run.stdout).toContain("3 of them failed: Runtime.ExitError");
		expect(run.stdout).toContain("Verdict: 0 of 3 environments warm");
	},
	patience,
);

describe("the verdict", () => {
	const answer = {
		environment: "api-1",
		coldStart: false,
		durationMs: 9,
		error: undefined,
	};
	const ping = { durationMs: 99, reached: 2, cold: 0, report: undefined };
	const good = { ping, nextPing: ping, warm: [answer, answer] };

	test.each([
		["2 of 2 environments warm, 0 of 2", good],
		["1 of 2 environments warm, 1 of 2", { ...good, warm: [answer, { ...answer, coldStart: true }] }],
		["0 of 2", { ...good, ping: { ...ping, reached: 0 } }],
		["1 of 2", { ...good, nextPing: { ...ping, reached: 1 } }],
	])("%s", (text, result) => {
		expect(verdict(2, result)).toEqual({ warm: result === good, text: expect.stringContaining(`Verdict: ${text}`) });
	});
});

describe("in the terminal", () => {
	const timeline: Timeline = {
		rows: [
			{
				environment: "api-1",
				spans: [
					{ activity: "init", start: 0, end: 400 },
					{ activity: "ping", start: 400, end: 401 },
					{ activity: "frozen", start: 401, end: 900 },
					{ activity: "request", start: 900, end: 901 },
					{ activity: "frozen", start: 901, end: 1000 },
				],
			},
		],
		moments: [{ time: 900, step: 3, label: "2 requests" }],
		end: 1000,
	};
	const samples: Parameters<typeof histogram>[0] = [
		{ title: "cold", style: "yellow", values: [450, 510, 990] },
		{ title: "warm", style: "green", values: [0.4, 3, 4] },
	];

	test("colour changes nothing but colour", () => {
		for (const draw of [
			(color: boolean) => drawTimelines([timeline], 80, painter(color)),
			(color: boolean) => histogram(samples, 80, painter(color)),
		]) {
			expect(draw(true)).not.toEqual(draw(false));
			expect(draw(true).map(stripVTControlCharacters)).toEqual(draw(false));
		}
	});

	test.each([60, 80, 120])("fits %i columns", (width) => {
		const lines = drawTimelines([timeline], width, painter(false));
		expect(lines[1]?.length).toBe(width);
		const most = Array.from({ length: 50 }, () => 5);
		for (const line of histogram([samples[0], { title: "50", style: "green", values: most }], width, painter(false))) {
			expect(line.length).toBeLessThanOrEqual(width);
		}
	});

	test("what is shorter than a character shows, at its place", () => {
		const [numbers = "", row = ""] = drawTimelines([timeline], 107, painter(false));
		expect(row).toBe(`api-1  ${"▒".repeat(40)}━${"·".repeat(49)}█${"·".repeat(9)}`);
		expect(numbers.indexOf("3")).toBe(row.indexOf("█"));
	});

	test("shows only what is used, and wraps the rest", () => {
		const lines = drawTimelines([timeline, timeline], 60, painter(false));
		expect(lines).toEqual(expect.arrayContaining(["▒▒▒ initialisation", "━━━ ping and hold"]));
		const init = { activity: "init" as const, start: 0, end: 400 };
		const started = { ...timeline, rows: [{ environment: "api-1", spans: [init] }] };
		expect(drawTimelines([started], 60, painter(false)).join("\n")).not.toContain("ping");
		expect(wrap("  a long sentence", 9)).toEqual(["  a long", "  sentence"]);
	});

	test("every value is in one bin", () => {
		const lines = histogram(samples, 80, painter(false));
		const bars = lines.filter((line) => line.includes("■"));
		expect(bars.map((line) => line.trim().replace(/ +/g, " "))).toEqual([
			"1 – 2 ■ 1",
			"2 – 5 ■■ 2",
			"200 – 500 ■ 1",
			"500 – 1,000 ■■ 2",
		]);
		expect(lines.slice(-3).map((line) => line.split(/ +/).slice(-3))).toEqual([
			["min", "450", "0.4"],
			["median", "510", "3"],
			["max", "990", "4"],
		]);
	});
});
