import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { root } from "./markdown.js";

const {
	scripts,
	devDependencies,
	peerDependencies,
	name: ownName,
} = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as {
	name: string;
	scripts: Record<string, string>;
	devDependencies: Record<string, string>;
	peerDependencies: Record<string, string>;
};

/** Packages that a reader installs and this project does without: the CDK's command, other bundlers, and what only types need. */
const readersPackages = ["aws-cdk", "rollup", "tsdown", "typescript", "tsx", "webpack"];

const packages = new Set([
	ownName,
	...Object.keys(devDependencies),
	...Object.keys(peerDependencies),
	...readersPackages,
]);

/** What is wrong with a block of shell commands. */
export function problemsOf(text: string): string[] {
	const { status, stderr } = spawnSync("bash", ["-n"], {
		input: text,
		encoding: "utf8",
	});
	const problems = status === 0 ? [] : [stderr];
	const commands = text
		.replace(/\\\n/g, " ")
		.split(/\n|&&/)
		.map((command) => command.replace(/(?:^|\s)#.*/, "").trim())
		.map((command) => command.replace(/^\w+=\$\((.*)\)$/, "$1"))
		.filter(Boolean);
	return [...problems, ...commands.flatMap(problemsOfCommand)];
}

function problemsOfCommand(command: string): string[] {
	const [program = "", ...args] = command.split(/\s+/);
	const [first = ""] = args;
	const operands = args
		.slice(1)
		.filter((arg) => !arg.startsWith("-"))
		.map((arg) => arg.replace(/(?<=.)@\d+$/, ""));
	switch (program) {
		case "npm":
			return problemsOfNpm(first, operands);
		case "npx":
			return packages.has(first) || first === "cdk" || first === "tsc" ? [] : [`npx ${first}`];
		case "aws":
			return ["iam", "lambda", "logs", "scheduler"].includes(first) ? [] : [`aws ${first}`];
		case "terraform":
			return first === "init" || first === "apply" ? [] : [`terraform ${first}`];
		case "mkdir":
		case "cd":
		case "jq":
			return [];
		default:
			return [`no check knows ${program}`];
	}
}

function problemsOfNpm(command: string, operands: string[]): string[] {
	switch (command) {
		case "ci":
		case "init":
		case "pkg":
			return [];
		case "test":
			return "test" in scripts ? [] : ["there is no script test"];
		case "run":
			return operands[0] !== undefined && operands[0] in scripts ? [] : [`there is no script ${operands[0]}`];
		case "i":
		case "install":
		case "uninstall":
			return operands.filter((name) => !packages.has(name)).map((name) => `unknown package ${name}`);
		default:
			return [`no check knows npm ${command}`];
	}
}

/** The JSON in single quotes that commands pass on. */
export function jsonArguments(text: string): unknown[] {
	return [...text.matchAll(/'([{[][^']*[}\]])'/g)].map(([, json = ""]) => JSON.parse(json) as unknown);
}
