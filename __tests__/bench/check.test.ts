import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";

const script = "bench/check.ts";
let folder: string;
let figures: string[];
let results: string;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "budgets-"));
	figures = Object.keys(JSON.parse(await readFile("bench/budgets.json", "utf8")));
	results = join(folder, "cold-start.json");
	const row = (contender: string, median: number) => ({
		contender,
		besideMiddy: [22, 24].map((node) => ({ node, ms: { median } })),
	});
	const rows = [row("middy-lambda-warmer", 1), row("lambda-warmer", 2), row("@middy/warmup", 4)];
	const bundle = (bundling: string, contender: string, median: number) => ({
		bundling,
		contender,
		isMinified: true,
		versions: [22, 24].map((node) => ({ node, added: { median } })),
	});
	const bundles = ["esbuild-esm", "esbuild-cjs"].flatMap((bundling, index) => [
		bundle(bundling, "middy-lambda-warmer", 3 + index),
		bundle(bundling, "lambda-warmer", 2),
	]);
	await writeFile(results, JSON.stringify({ rows, bundles: { rows: bundles } }));
});
afterAll(() => rm(folder, { recursive: true }));

/** Runs the check with these budgets; the spaces that pad its table are taken out. */
const check = async (budgets: Record<string, number>) => {
	const path = join(folder, "budgets.json");
	await writeFile(path, JSON.stringify(budgets));
	return new Promise<{ code: number | null; text: string }>((resolve) => {
		const child = execFile(
			process.execPath,
			["--import", "tsx", script, "--budgets", path, "--results", results],
			{ env: { PATH: process.env.PATH ?? "" } },
			(_error, stdout, stderr) => resolve({ code: child.exitCode, text: (stdout + stderr).replace(/ +/g, " ") }),
		);
	});
};

const all = (budget: number) => Object.fromEntries(figures.map((figure) => [figure, budget]));

test("passes where every figure is within its budget, and shows them all", async () => {
	const { code, text } = await check(all(1e9));
	expect(text).not.toContain("OVER");
	for (const figure of figures) expect(text).toContain(`| ${figure} |`);
	expect(code).toBe(0);
});

test("fails where one is over, and says which", async () => {
	const over = "files loaded before a ping";
	const { code, text } = await check({ ...all(1e9), [over]: 0 });
	expect(text).toContain(`| ${over} | 1 | 0 | OVER |`);
	expect(text.match(/OVER/g)).toHaveLength(1);
	expect(code).toBe(1);
});

test("what a business request must not cost is measured as nothing, and ratios are to the peers", async () => {
	const { code } = await check({
		...all(1e9),
		"files of the SDK loaded by a ping of 1": 0,
		"import ÷ the faster peer's, Node.js 22": 0.5,
		"ESM bundle ÷ lambda-warmer's, Node.js 24": 1.5,
		"CommonJS bundle ÷ lambda-warmer's, Node.js 22": 2,
	});
	expect(code).toBe(0);
});

test("a figure without a budget, and a budget without a figure, are mistakes", async () => {
	const [figure = "", ...others] = figures;
	const some = Object.fromEntries(others.map((other) => [other, 1e9]));
	expect(await check(some)).toMatchObject({ code: 1, text: expect.stringContaining(`No budget for: ${figure}`) });
	expect(await check({ ...all(1e9), "bundel, bytes": 1 })).toMatchObject({
		code: 1,
		text: expect.stringContaining("unknown figures: bundel, bytes"),
	});
});
