import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "@jest/globals";
import { checkDeployment } from "./support/checks.js";
import type { Properties } from "./support/cloudformation.js";
import { type Deployment, invokable, statements } from "./support/deployment.js";

const folder = new URL("../../examples/deploy/scheduler/", import.meta.url);
const read = (file: string) => readFileSync(new URL(file, folder), "utf8");
const json = (file: string) => JSON.parse(read(file)) as Properties;

// The commands of the README, each on one line.
const commands = [...read("README.md").matchAll(/```sh\n(.*?)```/gs)]
	.flatMap(([, block = ""]) => block.replaceAll("\\\n", " ").split("\n"))
	.filter((line) => line !== "");
const command = (...words: string[]): string => {
	const found = commands.filter((line) => words.every((word) => line.includes(word)));
	if (found.length !== 1 || !found[0]) throw new Error(`${found.length} commands with ${words}`);
	return found[0];
};
const fileOf = (line: string): string => /file:\/\/([\w-]+\.json)/.exec(line)?.[1] ?? "";
const statementsOf = (...words: string[]) => statements({ PolicyDocument: json(fileOf(command(...words))) });

function load(): Deployment {
	const schedule = json(fileOf(command("scheduler create-schedule")));
	const create = command("lambda create-function");
	const option = (name: string) => new RegExp(` --${name} (\\S+)`).exec(create)?.[1] ?? "";
	const [, LogFormat = ""] = option("logging-config").split("LogFormat=");
	return {
		function: { Runtime: option("runtime"), Architectures: [option("architectures")], LoggingConfig: { LogFormat } },
		schedule,
		target: schedule.Target as Properties,
		schedulerTrust: statementsOf("create-role", "--role-name orders-scheduler "),
		schedulerMayInvoke: invokable(statementsOf("put-role-policy", "--role-name orders-scheduler ")),
		functionMayInvoke: invokable(statementsOf("put-role-policy", "--role-name orders ")),
	};
}

describe("scheduler/", () => {
	checkDeployment(load, true);

	test("the schedule is sent by the role that the commands make", () => {
		expect(load().target.RoleArn).toBe("arn:aws:iam::123456789012:role/orders-scheduler");
	});

	test("each file is used by a command, and each file of a command is there", () => {
		const used = commands.map(fileOf).filter((file) => file !== "");
		expect(used.sort()).toEqual(
			readdirSync(folder)
				.filter((file) => file.endsWith(".json"))
				.sort(),
		);
	});

	test("permissions come before what needs them", () => {
		const order = [
			command("create-role", "--role-name orders "),
			command("lambda create-function"),
			command("put-role-policy", "--role-name orders "),
			command("put-role-policy", "--role-name orders-scheduler "),
			command("scheduler create-schedule"),
		].map((line) => commands.indexOf(line));
		expect(order).toEqual([...order].sort((a, b) => a - b));
	});

	test("the payload of the trial is the ping of the schedule", () => {
		const payload = /--payload '(.+)'/.exec(command("lambda invoke"))?.[1] ?? "";
		expect(JSON.parse(payload)).toEqual(JSON.parse(String(load().target.Input)));
	});
});
