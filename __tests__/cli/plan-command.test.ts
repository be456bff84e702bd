import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { usage } from "../../cli/plan-options.js";
import { sparkline } from "../../cli/plan-text.js";
import { page } from "../docs/support/markdown.js";
import { commandLine, start } from "./support.js";

let folder = "";
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "plan-"));
});
afterAll(() => rm(folder, { recursive: true }));

const write = async (name: string, text: string): Promise<string> => {
	const file = join(folder, name);
	await writeFile(file, text);
	return file;
};

const plan = async (...args: string[]) => {
	const run = start(["plan", ...args]);
	const code = await run.ended;
	return { code, stdout: run.stdout, stderr: run.stderr };
};

/** Bursts of four requests, every half hour, for two days. */
const bursts = [
	"time,function,duration_ms",
	...Array.from({ length: 96 * 4 }, (_, index) =>
		[new Date(Date.UTC(2026, 10, 2) + Math.floor(index / 4) * 1_800_000 + 7).toISOString(), "orders", 120].join(","),
	),
].join("\n");

test("prints traffic, a table, and advice", async () => {
	const { code, stdout, stderr } = await plan(await write("bursts.csv", bursts));
	expect([code, stderr]).toEqual([0, ""]);
	expect(stdout).toContain("384 requests in 48 hours; at most 4 at once.");
	expect(stdout).toMatch(/^no warming +384 .* 100 % /m);
	expect(stdout).toMatch(/^provisioned 4 +0 .* \$21\.60$/m);
	expect(stdout).toContain('Use concurrency: "auto"');
	expect(stdout).toContain("a ping every 5 minutes, 512 MB, cold starts of 1,000 ms");
});

test("prints JSON with exactly the documented fields, also from standard input", async () => {
	const file = await write("piped.csv", bursts);
	const command = `"${process.execPath}" "${commandLine}" plan - --json < "${file}"`;
	const { stdout } = await promisify(execFile)("bash", ["-c", command], { env: { PATH: process.env.PATH } });
	const answer = JSON.parse(stdout);
	expect(Object.keys(answer)).toEqual(["requests", "days", "peak", "rows", "advice"]);
	expect(answer.rows.map((row: object) => Object.keys(row))).toEqual(
		new Array(7).fill(["policy", "meanConcurrency", "coldStarts", "coldShare", "dollarsPerMonth"]),
	);
	expect(answer.rows.map(({ policy }: { policy: unknown }) => policy)).toEqual([
		"none",
		1,
		2,
		5,
		10,
		"auto",
		"provisioned",
	]);
});

test("names the lines that it could not read, and goes on without them", async () => {
	const { code, stderr } = await plan(await write("broken.csv", bursts.replace("\n", "\nnonsense\n,,\n")));
	expect(code).toBe(0);
	expect(stderr).toContain("2 lines were not read:");
	expect(stderr).toContain('line 2: time is not a time: "nonsense"');
	expect(stderr).toContain('line 3: time is not a time: ",,"');
});

test("advises against warming when traffic is steady", async () => {
	const times = Array.from({ length: 6000 }, (_, index) => 1_790_000_000 + 5 * index);
	const { stdout } = await plan(await write("steady.csv", ["timestamp", ...times].join("\n")));
	expect(stdout).toContain("Do not warm: your traffic keeps itself warm.");
});

describe("when the file has several functions", () => {
	const several = bursts.replace(/orders,120$/, "users,120");

	test("counts only the function that --function names, and all of them without it", async () => {
		const file = await write("several.csv", several);
		expect((await plan(file)).stderr).toContain("2 functions, counted as one: orders (383), users (1)");
		expect(JSON.parse((await plan(file, "--function", "users", "--json")).stdout)).toMatchObject({ requests: 1 });
	});

	test("lists the functions when --function names an unknown one", async () => {
		const { code, stderr } = await plan(await write("other.csv", several), "--function", "payments");
		expect([code, stderr]).toEqual([2, expect.stringContaining("no requests of payments: it has orders, users")]);
	});
});

test.each([
	[["missing.csv"], "there is no file missing.csv"],
	[[], "plan takes one argument"],
	[["docs"], "docs is a folder"],
	[["LICENSE"], "LICENSE: line 1 has no timestamp"],
	[["LICENSE", "--prices", "1,2"], "--prices takes three numbers"],
	[["LICENSE", "--every", "5s"], "--every takes a minute or more"],
	[["LICENSE", "--init", "soon"], "--init takes a duration"],
])("refuses %j with a message that says why", async (args, message) => {
	const { code, stderr } = await plan(...args);
	expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});

test("docs/plan.md contains what --help prints", async () => {
	expect(page("docs/plan.md").text).toContain(`\`\`\`text\n${usage}\n\`\`\``);
	expect((await plan("--help")).stdout).toBe(`${usage}\n`);
});

test("a sparkline is as high as its numbers, and blank for none", () => {
	expect(sparkline([0, 1, 4, 8])).toBe(" ▁▄█");
});

const trace = fileURLToPath(new URL("../../../shared/traces/erddap-2024-9d.csv", import.meta.url));
(existsSync(trace) ? test : test.skip)("gives the known answer for a real trace", async () => {
	const answer = JSON.parse((await plan(trace, "--json")).stdout);
	const coldStarts = (policy: unknown) =>
		answer.rows.find((row: { policy: unknown }) => row.policy === policy).coldStarts;
	expect(coldStarts("none")).toBeGreaterThan(290);
	expect(coldStarts("none")).toBeLessThan(380);
	expect(coldStarts("auto")).toBeLessThanOrEqual(20);
	expect(answer.advice).toContain('"auto"');
});
