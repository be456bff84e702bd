/**
 * Draws the figures of the README from what the parts measured.
 */

import { mkdir, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { parse, View } from "vega";
import { compile, type TopLevelSpec } from "vega-lite";
import type { BusinessResults } from "./business.js";
import type { ColdStartResults } from "./cold-start.js";
import type { CoverageRow } from "./coverage.js";
import { coverageFigure } from "./figures/coverage.js";
import { overheadFigure } from "./figures/overhead.js";
import { readResults, resultsFolder } from "./results.js";

const { values } = parseArgs({ options: { quick: { type: "boolean" } } });
const folder = values.quick
	? resultsFolder
	: new URL("../docs/", import.meta.url);

const draw = async (name: string, figure: TopLevelSpec): Promise<void> => {
	const view = new View(parse(compile(figure).spec), { renderer: "none" });
	await mkdir(folder, { recursive: true });
	await writeFile(new URL(`${name}.svg`, folder), `${await view.toSVG()}\n`);
	console.log(`Drew ${name}.svg`);
};

const business = await readResults<BusinessResults>("business");
const coldStart = await readResults<ColdStartResults>("cold-start");
const coverage = await readResults<{ rows: CoverageRow[] }>("coverage");

if (business && coldStart) {
	await draw("bench-overhead", overheadFigure(business, coldStart));
}
if (coverage) await draw("bench-coverage", coverageFigure(coverage.rows));
