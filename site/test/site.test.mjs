import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "./serve.mjs";

const dist = fileURLToPath(new URL("../.vitepress/dist", import.meta.url));
const cli = fileURLToPath(new URL("../../dist/cli/index.js", import.meta.url));

const pages = (await readdir(dist, { recursive: true }))
	.filter((file) => file.endsWith(".html") && file !== "404.html")
	.map((file) => `/${file}`);

let server;
let browser;
let folder;

before(async () => {
	server = await serve(dist);
	// Chromium has no sandbox for root, who runs tests in containers. It opens only our pages.
	browser = await chromium.launch({
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
		args: ["--no-sandbox"],
	});
	folder = mkdtempSync(join(tmpdir(), "site-"));
});

after(async () => {
	await browser?.close();
	server?.close();
	if (folder) rmSync(folder, { recursive: true });
});

/** A click or a chosen file is lost before Vue has taken over the page. */
const untilInteractive = (page) =>
	page.waitForFunction(() => document.querySelector("#app")?.__vue_app__ !== undefined);

/** Opens a page, and collects its problems and requests. */
const open = async (path, options = {}) => {
	const context = await browser.newContext(options);
	const page = await context.newPage();
	const problems = [];
	const requests = [];
	page.on("console", (message) => {
		if (["error", "warning"].includes(message.type())) problems.push(message.text());
	});
	page.on("pageerror", (error) => problems.push(error.message));
	page.on("request", (request) => requests.push(request.url()));
	page.on("response", (response) => {
		if (response.status() >= 400) problems.push(`${response.status()} ${response.url()}`);
	});
	await page.goto(server.origin + path, { waitUntil: "networkidle" });
	await untilInteractive(page);
	return { page, problems, requests, close: () => context.close() };
};

/** Requests of two days, a burst of eight every half hour: pings help, and each policy gets other numbers. */
const writeTrace = (name, times) => {
	const file = join(folder, name);
	writeFileSync(file, `timestamp,duration\n${times.map((time) => `${new Date(time).toISOString()},400`).join("\n")}\n`);
	return file;
};

const bursts = () => {
	const start = Date.UTC(2026, 0, 5);
	return Array.from({ length: 96 * 8 }, (_, index) => start + Math.floor(index / 8) * 1_800_000 + (index % 8) * 20);
};

const planOfCommand = (file, ...options) =>
	JSON.parse(execFileSync(process.execPath, [cli, "plan", file, "--json", ...options], { encoding: "utf8" }));

/** Reads the table of the planner as numbers and texts. */
const readTable = (page) =>
	page.locator(".answer tbody tr").evaluateAll((rows) =>
		rows.map((row) => ({
			policy: row.dataset.policy,
			cells: [...row.querySelectorAll("td")].map((cell) => cell.textContent.trim()),
		})),
	);

const numberOf = (text) => Number(text.replace(/[$,%\s]/g, ""));

const assertSamePlan = (table, plan) => {
	assert.deepEqual(
		table.map(({ policy }) => policy),
		plan.rows.map(({ policy }) => String(policy)),
	);
	for (const [index, row] of plan.rows.entries()) {
		const [coldStarts, , share, environments, dollars] = table[index].cells.map(numberOf);
		assert.equal(coldStarts, row.coldStarts, `cold starts of ${row.policy}`);
		assert.ok(Math.abs(share - 100 * row.coldShare) <= 0.05 * 100 * row.coldShare, `share of ${row.policy}`);
		assert.ok(Math.abs(environments - row.meanConcurrency) <= 0.051, `environments of ${row.policy}`);
		assert.ok(Math.abs(dollars - row.dollarsPerMonth) <= 0.0051, `dollars of ${row.policy}`);
	}
};

test("loads each page without an error, a dead link or a request to another host when it is dark and 400 px wide", async () => {
	assert.ok(pages.length >= 30, `only ${pages.length} pages`);
	const targets = new Map();
	const anchors = new Map();
	const context = await browser.newContext({ viewport: { width: 400, height: 800 }, colorScheme: "dark" });
	const page = await context.newPage();
	const problems = [];
	let path;
	page.on("console", (message) => {
		if (["error", "warning"].includes(message.type())) problems.push(`${path}: ${message.text()}`);
	});
	page.on("pageerror", (error) => problems.push(`${path}: ${error.message}`));
	page.on("request", (request) => {
		if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== server.origin)
			problems.push(`${path}: requests ${request.url()}`);
	});
	page.on("response", (response) => {
		if (response.status() >= 400) problems.push(`${path}: ${response.status()} ${response.url()}`);
	});
	for (path of pages) {
		await page.goto(server.origin + path, { waitUntil: "load" });
		await untilInteractive(page);
		const found = await page.evaluate(() => ({
			links: [...document.querySelectorAll("a[href]")].map(({ href }) => href),
			ids: [...document.querySelectorAll("[id]")].map(({ id }) => id),
			overflow: document.documentElement.scrollWidth - window.innerWidth,
			broken: [...document.images].filter((image) => image.complete && image.naturalWidth === 0).map(({ src }) => src),
			background: getComputedStyle(document.body).backgroundColor,
		}));
		anchors.set(path, new Set(found.ids));
		for (const link of found.links) if (link.startsWith(server.origin)) targets.set(link, path);
		if (found.overflow > 0) problems.push(`${path}: ${found.overflow} px too wide`);
		for (const image of found.broken) problems.push(`${path}: broken image ${image}`);
		const [red] = found.background.match(/\d+/g).map(Number);
		if (red > 60) problems.push(`${path}: bright background ${found.background} on a dark page`);
	}
	for (const [link, from] of targets) {
		const { pathname, hash } = new URL(link);
		const target = pathname === "/" ? "/index.html" : pathname;
		const ids = anchors.get(target);
		const id = decodeURIComponent(hash.slice(1));
		if (ids ? id !== "" && !ids.has(id) : (await fetch(server.origin + target)).status !== 200)
			problems.push(`${from}: dead link ${target}${hash}`);
	}
	await context.close();
	assert.ok(targets.size > 100, `only ${targets.size} links`);
	assert.deepEqual(problems, []);
});

test("shows the schedule of one tool at a time when its tab is chosen", async () => {
	const { page, problems, close } = await open("/docs/getting-started.html", { viewport: { width: 400, height: 800 } });
	const group = page.locator(".vp-code-group");
	assert.deepEqual(await group.locator("label").allTextContents(), ["CDK", "SAM", "Serverless", "Terraform", "CLI"]);
	const shown = group.locator("pre:visible");
	for (const [label, code] of [
		["CDK", "new WarmupSchedule("],
		["SAM", "Type: ScheduleV2"],
		["Serverless", "- middy-lambda-warmer/serverless"],
		["Terraform", 'module "orders_warmup"'],
		["CLI", "aws scheduler create-schedule"],
	]) {
		await group.getByText(label, { exact: true }).click();
		assert.equal(await shown.count(), 1, label);
		assert.ok((await shown.textContent()).includes(code), label);
	}
	assert.deepEqual(problems, []);
	await close();
});

test('finds pages about "auto" when the local search is asked', async () => {
	const { page, problems, close } = await open("/docs/getting-started.html");
	await page.locator("#local-search button").click();
	await page.locator("#localsearch-input").fill("auto");
	const results = page.locator("#localsearch-list a");
	await results.first().waitFor();
	const links = await results.evaluateAll((anchors) => anchors.map(({ href }) => href));
	assert.ok(
		links.some((link) => link.includes("/docs/choosing-concurrency") || link.includes("/docs/options")),
		links.join("\n"),
	);
	await page.keyboard.press("Enter");
	await page.waitForURL((url) => !url.pathname.includes("getting-started"));
	assert.deepEqual(problems, []);
	await close();
});

test("plans as the command does when a file is chosen, without sending anything", async () => {
	const file = writeTrace("bursts.csv", bursts());
	const { page, problems, requests, close } = await open("/planner.html", { viewport: { width: 400, height: 800 } });
	await page.locator('input[type="file"]').setInputFiles(file);
	await page.locator(".answer").waitFor();
	const plan = planOfCommand(file);
	assert.ok(plan.rows[0].coldStarts > 0, "the trace has no cold starts, and tests nothing");
	assertSamePlan(await readTable(page), plan);
	assert.equal((await page.locator(".advice").textContent()).trim(), plan.advice);
	const heights = await page
		.locator(".hours rect")
		.evaluateAll((bars) => bars.map((bar) => bar.getAttribute("height")));
	assert.deepEqual(heights, Array(24).fill("100"));
	assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));

	await page.getByLabel("Memory, MB").first().fill("1024");
	await page.getByLabel("Ping every, minutes").first().fill("10");
	await page.getByRole("button", { name: "Plan again" }).click();
	const other = planOfCommand(file, "--memory", "1024", "--every", "10m");
	await page.getByText(other.advice).waitFor();
	assertSamePlan(await readTable(page), other);
	assert.notDeepEqual(other.rows, plan.rows);

	for (const url of requests) assert.match(url, new RegExp(`^(${server.origin}/|blob:|data:)`));
	assert.deepEqual(problems, []);
	await close();
});

test("says what is wrong when a file has no requests", async () => {
	const file = join(folder, "notes.txt");
	writeFileSync(file, "nothing of interest\n");
	const { page, close } = await open("/planner.html");
	await page.locator('input[type="file"]').setInputFiles(file);
	await page.getByRole("alert").waitFor();
	assert.match(await page.getByRole("alert").textContent(), /notes\.txt: line 1 has no timestamp/);
	assert.equal(await page.locator(".answer").count(), 0);
	await close();
});

test("calculates the costs that the documentation's table states", async () => {
	const { page, close } = await open("/planner.html");
	const costs = async () => [
		await page.locator('[data-cost="pings"]').textContent(),
		await page.locator('[data-cost="provisioned"]').textContent(),
	];
	assert.deepEqual(await costs(), ["$0.04", "$27.00"]);
	const calculator = page.locator(".calculator");
	await calculator.getByLabel("Environments").fill("50");
	await calculator.getByLabel("Memory, MB").fill("2048");
	assert.deepEqual(await costs(), ["$1.53", "$1,080.01"]);
	await close();
});

test("switches to dark mode and back", async () => {
	const { page, close } = await open("/planner.html", { colorScheme: "light", viewport: { width: 1300, height: 900 } });
	const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
	const light = await background();
	const toggle = page.locator(".VPNavBarAppearance button");
	await toggle.click();
	await page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor !== before, light);
	await toggle.click();
	await page.waitForFunction((before) => getComputedStyle(document.body).backgroundColor === before, light);
	await close();
});

test("names each page's Markdown in llms.txt", async () => {
	const text = await (await fetch(`${server.origin}/llms.txt`)).text();
	const links = [...text.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);
	assert.ok(links.length >= 25, `only ${links.length} links`);
	for (const link of links) assert.equal((await fetch(`${server.origin}/${link}`)).status, 200, link);
	const named = new Set(links.map((link) => `/${link.replace(/\.md$/, ".html")}`));
	const unnamed = pages.filter((path) => !named.has(path) && !["/index.html", "/planner.html"].includes(path));
	assert.deepEqual(unnamed, []);
});
