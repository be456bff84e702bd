import { readFileSync } from "node:fs";
import type { Json, Properties } from "./cloudformation.js";
import type { Instance } from "./terraform.js";

type Schema = Record<string, { isRequired?: true; block?: Schema }>;

/** The arguments of the resources that we use, taken from the bindings of the AWS provider that `source` names. */
const { resources } = JSON.parse(readFileSync(new URL("aws-provider.json", import.meta.url), "utf8")) as {
	resources: Record<string, Schema>;
};

/** Arguments that a resource does not have, and those that are missing. */
export function schemaProblems({ type, name, values }: Instance): string[] {
	const schema = resources[type];
	return schema ? problemsOf(values, schema, `${type}.${name}`) : [`${type} is not in the schema`];
}

function problemsOf(values: Properties, schema: Schema, path: string): string[] {
	const unknown = Object.keys(values).filter((name) => !schema[name]);
	const missing = Object.keys(schema).filter((name) => schema[name]?.isRequired && (values[name] ?? null) === null);
	const inner = Object.entries(values).flatMap(([name, value]) => {
		const block = schema[name]?.block;
		if (!block) return [];
		// A nested block comes as a list.
		const blocks = [value].flat() as Exclude<Json, Json[]>[];
		return blocks.flatMap((nested) => problemsOf(Object(nested), block, `${path}.${name}`));
	});
	return [
		...unknown.map((name) => `${path} has no argument ${name}`),
		...missing.map((name) => `${path} lacks ${name}`),
		...inner,
	];
}
