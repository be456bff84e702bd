import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, Stack, Validations } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { parse, type Tags } from "yaml";

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

export type Properties = { [key: string]: Json };

export interface Resource {
	Type: string;
	DependsOn?: string | string[];
	Properties?: Properties;
}

export type Resources = Record<string, Resource>;

/** Reads YAML with CloudFormation's short forms, `!Ref` and the like, into the long ones. */
export function parseYaml(text: string): unknown {
	const customTags: Tags = [
		{ tag: "!Ref", resolve: (value: string) => ({ Ref: value }) },
		{ tag: "!Sub", resolve: (value: string) => ({ "Fn::Sub": value }) },
		{ tag: "!GetAtt", resolve: (value: string) => ({ "Fn::GetAtt": value.split(".") }) },
	];
	return parse(text, { customTags });
}

/** Makes a template that breaks one of the CDK's rules an error. */
export const context = { "@aws-cdk/core:validateAgainstDefaultRules": true };

/**
 * Resources as CloudFormation would take them: the CDK reads the template and writes it again. Throws for a name that
 * nothing has, a property of the wrong type, and resources that wait for each other.
 */
export function validated(resources: Resources): Resources {
	const folder = mkdtempSync(join(tmpdir(), "template-"));
	try {
		const templateFile = join(folder, "template.json");
		writeFileSync(templateFile, JSON.stringify({ Resources: resources }));
		const stack = new Stack(new App({ context }), "Orders");
		new CfnInclude(stack, "Template", { templateFile });
		Validations.of(stack).acknowledge({
			id: "CloudFormation-Validate::W3011",
			reason: "Serverless keeps old versions, and their replacements anyway",
		});
		return Template.fromStack(stack).toJSON().Resources;
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** The logical id that a `Ref` or an `Fn::GetAtt` names. */
export function idOf(value: Json | undefined): string {
	const { Ref, "Fn::GetAtt": attribute } = value as {
		Ref?: string;
		"Fn::GetAtt"?: [string, string];
	};
	return Ref ?? attribute?.[0] ?? "";
}
