import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { brokenClaims, type Result } from "../../examples/demo/scenario.js";
import {
	drawTimeline,
	histogram,
	painter,
} from "../../examples/demo/terminal.js";
import type { Timeline } from "../../examples/demo/timeline.js";
import { stateOf, until } from "../local-lambda/helpers.js";

const patience = 120_000;
const root = fileURLToPath(new URL("../..", import.meta.url));

let folder: string;
let demos: ChildProcess[];

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), "demo-"));
	demos = [];
});

afterEach(async () => {
	for (const demo of demos) demo.kill("SIGKILL");
	await rm(folder, { recursive: true });
});

/** Starts the demo without a terminal. */
const start = (...args: string[]) => {
	const { NODE_OPTIONS: _, ...env } = process.env;
	const demo = spawn(
		process.execPath,
		["--import", "tsx", "examples/demo/index.ts", ...args],
		{ cwd: root, env, stdio: ["ignore", "pipe", "pipe"] },
	);
	demos.push(demo);
	const run = { demo, stdout: "", stderr: "" };
	demo.stdout.setEncoding("utf8").on("data", (text) => {
		run.stdout += text;
	});
	demo.stderr.setEncoding("utf8").on("data", (text) => {
		run.stderr += text;
	});
	return Object.assign(run, {
		ended: once(demo, "close").then(([code]) => code as number | null),
	});
};

const processes = (): number[] =>
	readdirSync("/proc").map(Number).filter(Boolean);

const read = (pid: number, file: string): string => {
	try {
		return readFileSync(`/proc/${pid}/${file}`, "utf8");
	} catch {
		// It has ended.
		return "";
	}
};

/** Process ids of a demo's execution environments. */
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
		const run = start("--concurrency", "3", "--svg", svg);
		expect([await run.ended, run.stderr]).toEqual([0, ""]);

		const { stdout } = run;
		expect(stdout).toMatch(/cold function\n3 of 3 met a cold start/);
		expect(stdout).toMatch(/Warmed 3 of 3 .*; 3 of them had to start/);
		expect(stdout).toMatch(/warmed function\n0 of 3 met a cold start/);
		expect(stdout).toMatch(/Warmed 3 of 3 .*; 0 of them had to start/);
		expect(stripVTControlCharacters(stdout)).toBe(stdout);
		expect(
			stdout
				.split("\n")
				.filter((line) => line.length > 80 && !line.includes(svg)),
		).toEqual([]);

		const rows = stdout.match(/^api-\d+ .*$/gm) ?? [];
		expect(rows.map((row) => row.split(" ")[0])).toEqual([
			"api-1",
			"api-2",
			"api-3",
		]);
		// Initialised, pinged, in use, pinged again; frozen in between where the scale lets it show.
		for (const row of rows) expect(row).toMatch(/ ▒+━+·*█+·*━+·*$/);

		const drawing = await readFile(svg, "utf8");
		expect(elementsOf(drawing)[0]).toBe("svg");
		const texts = [...drawing.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(
			([, text]) => text,
		);
		expect(texts.filter((text) => text?.startsWith("api-"))).toEqual([
			"api-1",
			"api-2",
			"api-3",
		]);
		expect(texts).toEqual(
			expect.arrayContaining([
				"A ping warms 3 of 3 execution environments",
				"Of 3 simultaneous requests after it, 0 meet a cold start.",
				"time (ms)",
				"initialisation",
				"ping and hold",
				"business request",
				"frozen",
			]),
		);
	},
	patience,
);

test.each([
	[["--concurency", "5"], "--concurency"],
	[["--concurrency", "1"], '"1"'],
	[["--concurrency", "2.5"], '"2.5"'],
	[["--concurrency", "51"], '"51"'],
	[["--concurrency"], "--concurrency"],
	[["--svg", "no-such-folder/timeline.svg"], "no-such-folder"],
	[["five"], "five"],
])(
	"%j is refused in one line",
	async (args, named) => {
		const run = start(...args);
		expect([await run.ended, run.stdout]).toEqual([2, ""]);
		expect(run.stderr).toMatch(/^demo: .*\(see --help\)\n$/);
		expect(run.stderr).toContain(named);
	},
	patience,
);

test(
	"--help names every option",
	async () => {
		const run = start("--help");
		expect([await run.ended, run.stderr]).toEqual([0, ""]);
		for (const option of ["concurrency", "svg", "color", "no-color"]) {
			expect(run.stdout).toContain(`--${option}`);
		}
	},
	patience,
);

test.each([
	["SIGINT", "Step 1", 130],
	["SIGTERM", "Step 2", 143],
] as const)(
	"%s in %s leaves nothing running",
	async (signal, step, code) => {
		const run = start("--concurrency", "3");
		const { demo } = run;
		await until(
			() => run.stdout.includes(step) && environmentsOf(demo).length > 0,
		);
		const endpoints = environmentsOf(demo).map(endpointOf);
		expect(endpoints[0]).toMatch(/http/);
		demo.kill(signal);
		expect([await run.ended, run.stderr]).toEqual([
			code,
			"demo: interrupted; the local Lambda is stopped\n",
		]);
		expect(
			processes().filter((pid) => endpoints.includes(endpointOf(pid) ?? "")),
		).toEqual([]);
	},
	patience,
);

test(
	"fails if environments do not survive",
	async () => {
		const run = start("--concurrency", "3");
		const killing = setInterval(() => {
			for (const pid of environmentsOf(run.demo)) process.kill(pid, "SIGKILL");
		}, 10);
		try {
			expect(await run.ended).toBe(1);
		} finally {
			clearInterval(killing);
		}
		expect(run.stderr).toMatch(/^demo: not as claimed: .*requests failed.*\n$/);
	},
	patience,
);

describe("claims", () => {
	const answers = ["api-1", "api-2"].map((environment) => ({
		environment,
		coldStart: false,
		durationMs: 9,
		served: 1,
		error: undefined,
	}));
	const ping: Result["ping"] = {
		payload: "warmed",
		durationMs: 99,
		report: {
			action: "warmer-report",
			function: "api:$LATEST",
			target: "api",
			correlationId: "id",
			requested: 2,
			warmed: 2,
			cold: 0,
			unverified: 0,
			throttled: 0,
			failed: 0,
			timedOut: 0,
			rounds: 1,
			delay: 75,
			durationMs: 90,
			errors: [],
		},
	};
	const good: Result = {
		concurrency: 2,
		cold: answers.map((answer) => ({ ...answer, coldStart: true })),
		ping,
		warm: answers,
		nextPing: ping,
	};
	const [one, other] = answers as [Result["warm"][0], Result["warm"][0]];

	test("hold for a good result", () => {
		expect(brokenClaims(good)).toEqual([]);
	});

	test.each<[string, Partial<Result>]>([
		[
			"1 of 2 requests after the ping",
			{ warm: [one, { ...other, coldStart: true }] },
		],
		["1 environments served the 2 requests", { warm: [one, one] }],
		["the business handler ran", { warm: [one, { ...other, served: 2 }] }],
		["0 of 2 requests to the cold function", { cold: answers }],
		["warmed 0 of 2", { ping: { ...ping, report: undefined } }],
		["a ping warmed", { nextPing: { ...ping, payload: null } }],
		[
			"--concurrency",
			{
				cold: [one, { ...other, served: undefined, error: "Sandbox.Timedout" }],
			},
		],
	])("are broken: %s", (message, change) => {
		expect(brokenClaims({ ...good, ...change }).join()).toContain(message);
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
			(color: boolean) => drawTimeline(timeline, 80, painter(color)),
			(color: boolean) => histogram(samples, 80, painter(color)),
		]) {
			expect(draw(true)).not.toEqual(draw(false));
			expect(draw(true).map(stripVTControlCharacters)).toEqual(draw(false));
		}
	});

	test.each([60, 80, 120])("fits %i columns", (width) => {
		const lines = drawTimeline(timeline, width, painter(false));
		expect(lines[1]?.length).toBe(width);
		const most = Array.from({ length: 50 }, () => 5);
		for (const line of histogram(
			[samples[0], { title: "50", style: "green", values: most }],
			width,
			painter(false),
		)) {
			expect(line.length).toBeLessThanOrEqual(width);
		}
	});

	test("what is shorter than a character shows, at its place", () => {
		const [numbers = "", row = ""] = drawTimeline(
			timeline,
			107,
			painter(false),
		);
		expect(row).toBe(
			`api-1  ${"▒".repeat(40)}━${"·".repeat(49)}█${"·".repeat(9)}`,
		);
		expect(numbers.indexOf("3")).toBe(row.indexOf("█"));
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
