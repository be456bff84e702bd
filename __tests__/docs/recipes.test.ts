import { spawnSync } from "node:child_process";
import { describe, expect, test } from "@jest/globals";
import { awsError } from "../support.js";
import { page } from "./support/markdown.js";
import { feed } from "./support/service.js";
import { jsonArguments } from "./support/shell.js";

const hasJq = spawnSync("jq", ["--version"]).status === 0;
const block = page("docs/recipes.md").blocks.find(({ text }) => text.includes("jq -e"));
const [, program = ""] = /jq -e '([^']+)'/.exec(block?.text ?? "") ?? [];
const [ping] = jsonArguments(block?.text ?? "");

/** What jq makes of the answer, quoted as the runtime does. */
const judge = (answer: unknown) => spawnSync("jq", ["-e", program], { input: JSON.stringify(answer) }).status;

(hasJq ? describe : describe.skip)("the deployment's step", () => {
	test("passes if all environments are warm", async () => {
		const { answer } = await feed(ping);
		expect(judge(answer)).toBe(0);
	});

	test("fails if an environment is missing", async () => {
		const { answer } = await feed(ping, () => {
			throw awsError("AccessDeniedException");
		});
		expect(judge(answer)).toBe(1);
	});
});
