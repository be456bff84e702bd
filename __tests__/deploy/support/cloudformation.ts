import { parse, type Tags } from "yaml";
import type { Graph } from "./graph.js";

export type Json =
	| string
	| number
	| boolean
	| null
	| Json[]
	| { [key: string]: Json };

export interface Resource {
	Type: string;
	DependsOn?: string | string[];
	Properties?: { [key: string]: Json };
}

export type Resources = Record<string, Resource>;

/** Reads YAML with CloudFormation's short forms, `!Ref` and the like, into the long ones. */
export function parseYaml(text: string): unknown {
	const customTags: Tags = [
		{ tag: "!Ref", resolve: (value: string) => ({ Ref: value }) },
		{ tag: "!Sub", resolve: (value: string) => ({ "Fn::Sub": value }) },
		{
			tag: "!GetAtt",
			resolve: (value: string) => ({ "Fn::GetAtt": splitAttribute(value) }),
		},
	];
	return parse(text, { customTags });
}

export function isObject(value: unknown): value is { [key: string]: Json } {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Which logical ids a value names, other than pseudo parameters. */
export function references(value: Json | undefined): Set<string> {
	const found = new Set<string>();
	const visit = (node: Json | undefined): void => {
		if (Array.isArray(node)) node.forEach(visit);
		if (!isObject(node)) return;
		for (const [key, child] of Object.entries(node)) {
			if (key === "Ref") found.add(String(child));
			else if (key === "Fn::GetAtt") found.add(attribute(child)[0]);
			else if (key === "Fn::Sub") {
				for (const name of substitutions(substitutionText(child)))
					found.add(name.split(".")[0] ?? name);
			} else visit(child);
		}
	};
	visit(value);
	return new Set([...found].filter((name) => !name.startsWith("AWS::")));
}

/** What each resource waits for: what its properties name, and its `DependsOn`. */
export function dependencies(resources: Resources): Graph {
	return new Map(
		Object.entries(resources).map(([id, { DependsOn = [], Properties }]) => [
			id,
			new Set([...references(Properties), ...[DependsOn].flat()]),
		]),
	);
}

const PSEUDO_PARAMETERS: Record<string, string> = {
	"AWS::AccountId": "123456789012",
	"AWS::Partition": "aws",
	"AWS::Region": "eu-north-1",
	"AWS::StackName": "orders",
	"AWS::URLSuffix": "amazonaws.com",
};

/** The string that CloudFormation would put in the place of a value. Throws for what it does not know. */
export function resolve(value: Json | undefined, resources: Resources): string {
	if (typeof value === "string" || typeof value === "number")
		return String(value);
	if (!isObject(value) || Object.keys(value).length !== 1) {
		throw new Error(`cannot resolve ${JSON.stringify(value)}`);
	}
	const [name, argument] = Object.entries(value)[0] as [string, Json];
	switch (name) {
		case "Ref":
			return (
				PSEUDO_PARAMETERS[String(argument)] ??
				reference(String(argument), resources)
			);
		case "Fn::GetAtt":
			return getAttribute(...attribute(argument), resources);
		case "Fn::Join": {
			const [separator, parts] = argument as [string, Json[]];
			return parts.map((part) => resolve(part, resources)).join(separator);
		}
		case "Fn::Sub":
			return substitutionText(argument).replace(
				/\$\{([^}]+)\}/g,
				(_, name: string) =>
					name.includes(".")
						? getAttribute(...splitAttribute(name), resources)
						: resolve({ Ref: name }, resources),
			);
		default:
			throw new Error(`cannot resolve ${name}`);
	}
}

function get(id: string, resources: Resources): Resource {
	const resource = resources[id];
	if (!resource) throw new Error(`no resource ${id}`);
	return resource;
}

function physicalName(
	id: string,
	property: string,
	resources: Resources,
): string {
	const given = get(id, resources).Properties?.[property];
	return given === undefined ? `orders-${id}` : resolve(given, resources);
}

// What `Ref` returns depends on the resource: a function's name, but an alias's or a version's ARN.
function reference(id: string, resources: Resources): string {
	const { Type, Properties = {} } = get(id, resources);
	switch (Type) {
		case "AWS::Lambda::Function":
			return physicalName(id, "FunctionName", resources);
		case "AWS::Lambda::Alias":
			return `${functionArn(resolve(Properties.FunctionName, resources))}:${resolve(Properties.Name, resources)}`;
		case "AWS::Lambda::Version":
			return `${functionArn(resolve(Properties.FunctionName, resources))}:7`;
		case "AWS::IAM::Role":
			return physicalName(id, "RoleName", resources);
		default:
			return `orders-${id}`;
	}
}

function getAttribute(id: string, name: string, resources: Resources): string {
	const { Type } = get(id, resources);
	if (Type === "AWS::Lambda::Function" && name === "Arn")
		return functionArn(reference(id, resources));
	if (Type === "AWS::Lambda::Version" && name === "Version") return "7";
	if (Type === "AWS::IAM::Role" && name === "Arn") {
		return `arn:aws:iam::123456789012:role/${reference(id, resources)}`;
	}
	throw new Error(`cannot resolve ${name} of ${Type}`);
}

// A function's name, or its ARN already.
function functionArn(name: string): string {
	return name.startsWith("arn:")
		? name
		: `arn:aws:lambda:eu-north-1:123456789012:function:${name}`;
}

function attribute(argument: Json): [id: string, name: string] {
	const [id, name] =
		typeof argument === "string"
			? splitAttribute(argument)
			: (argument as string[]);
	if (id === undefined || name === undefined)
		throw new Error(`no attribute: ${JSON.stringify(argument)}`);
	return [id, name];
}

function splitAttribute(text: string): [id: string, name: string] {
	const dot = text.indexOf(".");
	return [text.slice(0, dot), text.slice(dot + 1)];
}

function substitutionText(argument: Json): string {
	if (typeof argument !== "string")
		throw new Error("Fn::Sub with a map is not known here");
	return argument;
}

function substitutions(text: string): string[] {
	return [...text.matchAll(/\$\{([^}]+)\}/g)].map((match) => match[1] ?? "");
}
