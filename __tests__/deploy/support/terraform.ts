import { parse } from "@cdktn/hcl2json";
import type { Json, Properties, Resources } from "./cloudformation.js";

const NAMES: Record<string, string> = {
	assume_role_policy: "AssumeRolePolicyDocument",
	policy: "PolicyDocument",
	aws_iam_role: "AWS::IAM::Role",
	aws_iam_role_policy: "AWS::IAM::Policy",
	aws_lambda_function: "AWS::Lambda::Function",
	aws_scheduler_schedule: "AWS::Scheduler::Schedule",
};

/** A Terraform configuration as the CloudFormation resources that it stands for, so that both can be checked alike. */
export async function terraformResources(text: string): Promise<Resources> {
	const { resource } = (await parse("main.tf", text)) as {
		resource: Record<string, Record<string, [Properties]>>;
	};
	const found: Resources = {};
	for (const [type, named] of Object.entries(resource)) {
		for (const [name, [block]] of Object.entries(named)) {
			const properties = (await translate(block, pascalCase)) as Properties;
			found[`${type}_${name}`] = {
				Type: NAMES[type] ?? type,
				Properties: { ...properties, Roles: [properties.Role ?? null] },
			};
		}
	}
	return found;
}

const pascalCase = (name: string): string =>
	NAMES[name] ?? name.replace(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase());

async function translate(value: Json, spell: (name: string) => string): Promise<Json> {
	if (typeof value === "string") return expression(value);
	if (typeof value !== "object" || value === null) return value;
	if (Array.isArray(value)) {
		// A nested block comes as a list of one.
		const [block] = value;
		if (typeof block === "object" && spell === pascalCase) return translate(block, spell);
		return Promise.all(value.map((item) => translate(item, spell)));
	}
	const entries = Object.entries(value).map(async ([name, child]) => {
		const made = await translate(child, spell);
		return [spell(name), name === "input" ? JSON.stringify(made) : made];
	});
	return Object.fromEntries(await Promise.all(entries));
}

async function expression(text: string): Promise<Json> {
	const [, encoded] = /^\$\{jsonencode\((.*)\)\}$/s.exec(text) ?? [];
	if (encoded !== undefined) {
		const { value } = await parse("value.hcl", `value = ${encoded}`);
		return translate(value as Json, (name) => name);
	}
	const [, type, name, attribute] = /^\$\{(aws_\w+)\.(\w+)(?:\.(\w+))?\}$/.exec(text) ?? [];
	if (type === undefined) return text;
	return attribute === "arn" ? { "Fn::GetAtt": [`${type}_${name}`, "Arn"] } : { Ref: `${type}_${name}` };
}
