import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { parse } from "yaml";
import { root } from "../docs/support/markdown.js";

interface Workflow {
	permissions?: Record<string, string>;
	jobs: Record<string, { steps: { uses?: string; run?: string }[] }>;
}

const folder = new URL(".github/workflows/", root);
const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8"));

describe.each(readdirSync(folder))("the workflow %s", (file) => {
	const text = readFileSync(new URL(file, folder), "utf8");
	const workflow = parse(text) as Workflow;
	const steps = Object.values(workflow.jobs).flatMap(({ steps }) => steps);

	test("pins each action to a commit, since tags can be moved, and names its version", () => {
		const used = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action);
		expect(used).toHaveLength(steps.filter(({ uses }) => uses).length);
		for (const action of used) expect(action).toMatch(/^[\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
	});

	test("may only read, unless a job asks for more", () => {
		expect(workflow.permissions).toEqual({ contents: "read" });
	});

	test("runs scripts that exist", () => {
		const runs = steps.flatMap(({ run = "" }) => [...run.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name));
		for (const name of runs) expect(scripts).toHaveProperty([name ?? ""]);
	});
});
