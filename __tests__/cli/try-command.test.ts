import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { summarizeTrial, run as tryFile } from "../../cli/try-command.js";
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
	"shows what a ping does, as text and as a drawing",
	async () => {
		const svg = join(folder, "timeline.svg");
		const run = start([...example, "--concurrency", "3", "--svg", svg], { COLUMNS: "60", NO_COLOR: "1" });
		expect([await run.ended, run.stderr]).toEqual([0, ""]);

		const { stdout } = run;
		expect(stdout).toMatch(/cold function\n3 of 3 met a cold start/);
		expect(stdout).toMatch(/\sover\s+h2\s/);
		expect(stdout).toMatch(/Warmed 3 of 3 .*; 3 of them had to\s+start/);
		expect(stdout).toMatch(/warmed function\n0 of 3 met a cold start/);
		expect(stdout).toMatch(/Warmed 3 of 3 .*; 0 of them had to\s+start/);
		expect(stdout.replace(/\s+/g, " ")).toMatch(
			/these environments served 3 requests: none met a cold start, .* Recommended concurrency: \d+\./,
		);
		expect(stdout).toContain("Verdict: 3 of 3 environments warm");
		expect(stripVTControlCharacters(stdout)).toBe(stdout);
		expect(stdout.split("\n").filter((line) => line.length > 60 && !line.includes(svg))).toEqual([]);

		const rows = stdout.match(/^api-\d+ .*$/gm) ?? [];
		const names = ["api-1", "api-2", "api-3"];
		expect(rows.map((row) => row.split(" ")[0])).toEqual([...names, ...names]);
		for (const row of rows.slice(0, 3)) expect(row).toMatch(/ ▒+█+·*$/);
		// Initialized, pinged, in use, pinged again; frozen in between, if the scale lets it show.
		for (const row of rows.slice(3)) expect(row).toMatch(/ ▒+━+·*█+·*━+·*$/);

		const drawing = await readFile(svg, "utf8");
		expect(elementsOf(drawing)[0]).toBe("svg");
		const texts = [...drawing.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text);
		expect(texts[0]).toMatch(/^Median request: [\d,.]+ ms → [\d,.]+ ms$/);
		expect(texts.filter((text) => text?.startsWith("api-"))).toEqual([...names, ...names]);
		expect(texts).toEqual(expect.arrayContaining(["Without a ping", "With a ping", "time (ms)", "idle (frozen)"]));
	},
	patience,
);

test(
	"runs CommonJS with another export and flag, passes on the caller's variables except AWS's, and prints logs",
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
	"works without openssl, which most containers lack",
	async () => {
		const run = start([...example, "--concurrency", "2"], { PATH: folder });
		expect([await run.ended, run.stderr]).toEqual([0, ""]);
		expect(run.stdout).toContain("Verdict: 2 of 2");
		expect(run.stdout).toMatch(/\sover\shttp\/1\.1\s/);
	},
	patience,
);

test(
	"runs TypeScript if Node.js strips types, and refuses it otherwise",
	async () => {
		const run = start(["try", handlerPath("typed.ts"), "--concurrency", "2"]);
		const code = await run.ended;
		if ("typescript" in process.features && process.features.typescript) {
			expect(run.stdout).toContain("Verdict: 2 of 2");
			expect(run.stdout).toContain("2 of them failed: TypeError");
			expect(code).toBe(0);
		} else {
			expect(run.stderr).toContain("cannot run TypeScript: use 22.18");
			expect(code).toBe(2);
		}
	},
	patience,
);

describe("says what is wrong and what to do", () => {
	const api = "examples/api.mjs";
	const fixture = handlerPath;
	test.each([
		[[], "one argument"],
		[[api, "five"], "one argument"],
		[[api, "--concurency", "5"], "--concurency"],
		[[api, "--concurrency", "1"], 'from 2 to 50, got "1"'],
		[[api, "--concurrency", "2.5"], '"2.5"'],
		[[api, "--timeout", "0"], "--timeout"],
		[[api, "--delivery", "slow"], "calm, typical or busy"],
		[[api, "--event", "no-such-file"], "--event takes a JSON file"],
		[[api, "--svg", "no-such-folder/timeline.svg"], "existing folder"],
		[["no-such-file.mjs"], "no file no-such-file.mjs exists"],
		[["README.md"], "must end in one of"],
		[[fixture("two.dots.mjs")], "rename"],
		[[fixture("shadowed.mjs")], "Lambda would load shadowed.js"],
		[[fixture("broken.mjs")], "cannot be loaded: Error: TABLE_NAME is not set"],
		[[api, "--export", "main"], "--export"],
		[[fixture("unwarmed.mjs")], "Add the middleware, .use(warmup())"],
		[[fixture("unwarmed.mjs"), "--export", "picky"], "failed on the ping"],
		[[api, "--flag", "wake"], "failed on the ping"],
	])(
		"try %j: %s",
		async (args, said) => {
			const { signal } = new AbortController();
			await expect(tryFile(args, signal)).rejects.toThrow(said);
		},
		patience,
	);

	test(
		"in one line on standard error, with exit code 2",
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
	// As with `| head`.
	["SIGPIPE", "Step 1", 141, ""],
] as const)(
	"leaves nothing running after %s in %s",
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
	"exits with 1 if environments do not survive",
	async () => {
		const run = start([...example, "--concurrency", "3"]);
		// The probe must succeed.
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

describe("summarizes a trial", () => {
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
	])("as %s", (text, result) => {
		const summary = { isWarm: result === good, text: expect.stringContaining(`Verdict: ${text}`) };
		expect(summarizeTrial(2, result)).toEqual(summary);
	});
});
