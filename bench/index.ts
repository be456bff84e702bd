/**
 * `npm run bench` runs all parts one after the other, then writes docs/benchmarks.md, the README's comparison and the
 * figures. `npm run bench -- PART` runs one part; `npm run bench -- page` only writes, from the committed results.
 */

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { replacePart } from "../scripts/lib/markdown.js";
import { bundlesOfOurs } from "./bundles.js";
import { business } from "./business.js";
import { type ColdStartResults, coldStart } from "./cold-start.js";
import { collateral } from "./collateral.js";
import { comparison } from "./comparison.js";
import { coverage } from "./coverage.js";
import { drawFigure } from "./coverage-figure.js";
import { type DemandResults, demand, demandTable, variantTable } from "./demand.js";
import { drawDemand } from "./demand-figure.js";
import { fanOut } from "./fan-out.js";
import { readResults, runnable } from "./results.js";
import { simulation } from "./simulate.js";

const parts = [
	runnable("coverage", coverage),
	runnable("fan-out", fanOut),
	runnable("cold-start", coldStart),
	runnable("business", business),
	runnable("collateral", collateral),
	runnable("simulate", simulation),
	runnable("demand", demand),
];
const names = ["check", "page", ...parts.map(({ name }) => name)];

const { values, positionals } = parseArgs({
	allowPositionals: true,
	options: {
		quick: { type: "boolean", default: false },
		seed: { type: "string" },
		pings: { type: "string" },
		memory: { type: "string" },
		concurrency: { type: "string" },
		budgets: { type: "string" },
		results: { type: "string" },
		traces: { type: "string" },
	},
});
const numbers = (list: string | undefined) => list?.split(",").map(Number);
const settings = {
	quick: values.quick,
	seed: Number(values.seed ?? 1),
	pings: numbers(values.pings)?.[0],
	memory: numbers(values.memory),
	concurrency: numbers(values.concurrency),
	traces: values.traces,
};
/** Figures that anybody gets by the same command. */
const isDefault = !values.quick && Object.keys(values).length === 1;

const writeDown = async (): Promise<void> => {
	const file = (path: string) => new URL(`../${path}`, import.meta.url);
	const sections = await Promise.all(parts.map((part) => part.section()));
	const path = fileURLToPath(file("docs/benchmarks.md"));
	const page = await readFile(new URL("page.md", import.meta.url), "utf8");
	const seen = await drawFigure(file("docs/bench-coverage.svg"));
	const figure = seen && `![${seen}](bench-coverage.svg)`;
	await writeFile(path, `${[page.trim(), figure, ...sections].filter(Boolean).join("\n\n")}\n`);
	await replacePart(fileURLToPath(file("README.md")), "bench", await comparison());
	const coldStartResults = await readResults<ColdStartResults>("cold-start");
	if (coldStartResults) {
		await replacePart(fileURLToPath(file("docs/bundling.md")), "bundling", bundlesOfOurs(coldStartResults.bundles));
	}
	await writeDemand();
};

const writeDemand = async (): Promise<void> => {
	const results = await readResults<DemandResults>("demand");
	if (!results) return;
	const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));
	await replacePart(path("docs/choosing-concurrency.md"), "demand", demandTable(results));
	await replacePart(path("docs/choosing-concurrency.md"), "variants", variantTable(results));
	const { svg, text } = drawDemand(results);
	await writeFile(path("docs/demand.svg"), svg);
	for (const page of ["README.md", "docs/choosing-concurrency.md"]) {
		const folder = page.startsWith("docs/") ? "" : "docs/";
		await replacePart(path(page), "demand-figure", `![${text}](${folder}demand.svg)`);
	}
};

const chosen = positionals.length > 0 ? positionals : parts.map((p) => p.name);
for (const name of chosen) {
	if (!names.includes(name)) {
		throw new Error(`There is no ${name}; there are ${names.join(", ")}`);
	}
	if (name === "check") await import("./check.js");
	await parts.find((part) => part.name === name)?.run(settings, isDefault);
}
if (isDefault && !chosen.includes("check")) {
	await writeDown();
}
