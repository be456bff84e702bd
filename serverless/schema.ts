/**
 * The part of JSON Schema that the settings need. It avoids lists of types, which osls refuses, and `type: boolean`, to
 * which the frameworks' validator would convert the number 1. It says `if` in place of a further `anyOf` for objects, so
 * that the frameworks name the wrong property.
 */
export type Schema = {
	/** What is expected, in words. */
	readonly description: string;
} & (ObjectSchema | ArraySchema | StringSchema | NumberSchema | EnumSchema | AnyOfSchema | IfObjectSchema);

interface ObjectSchema {
	readonly type: "object";
	readonly properties: Readonly<Record<string, Schema>>;
	readonly required?: readonly string[];
	readonly additionalProperties: false;
}

interface ArraySchema {
	readonly type: "array";
	readonly items: Schema;
	readonly minItems: number;
}

interface StringSchema {
	readonly type: "string";
	readonly pattern: string;
}

interface NumberSchema {
	readonly type: "integer" | "number";
	readonly minimum?: number;
	readonly exclusiveMinimum?: number;
	readonly maximum?: number;
}

interface EnumSchema {
	readonly enum: readonly unknown[];
}

interface AnyOfSchema {
	readonly anyOf: readonly Schema[];
}

interface IfObjectSchema {
	readonly if: { readonly type: "object" };
	readonly then: Schema;
	readonly else: Schema;
}

const rate: Schema = {
	description: "an expression such as rate(5 minutes) or cron(0/5 8-17 ? * MON-FRI *)",
	type: "string",
	pattern: "^(rate\\((1 (minute|hour|day)|([2-9]|[1-9]\\d+) (minute|hour|day)s)\\)|cron\\(\\S+( \\S+){5}\\))$",
};

const concurrency: Schema = {
	description: "an integer from 1, or auto",
	anyOf: [
		{ description: "auto", enum: ["auto"] },
		{ description: "an integer from 1", type: "integer", minimum: 1 },
	],
};

const text: Schema = { description: "a string that is not empty", type: "string", pattern: "." };

const timezone: Schema = { description: "a time zone such as Europe/Berlin", type: "string", pattern: "^[\\w+/-]+$" };

const minimumCoverage: Schema = {
	description: "a number above 0 and at most 1",
	type: "number",
	exclusiveMinimum: 0,
	maximum: 1,
};

const prewarm: Schema = {
	description: "true, false, or an object",
	if: { type: "object" },
	// biome-ignore lint/suspicious/noThenProperty: JSON Schema's keyword
	then: { description: "an object", type: "object", properties: { minimumCoverage }, additionalProperties: false },
	else: { description: "true, false, or an object", enum: [true, false] },
};

/** What `custom.warmup` accepts. */
export const SETTINGS_SCHEMA: Schema = {
	description: "an object",
	type: "object",
	properties: {
		rate,
		timezone,
		concurrency,
		schedules: {
			description: "a list of schedules",
			type: "array",
			minItems: 1,
			items: {
				description: "an object",
				type: "object",
				properties: { rate, timezone, concurrency },
				required: ["rate"],
				additionalProperties: false,
			},
		},
		stages: { description: "a list of stages", type: "array", items: text, minItems: 1 },
		alias: { description: "an alias's name, or $LATEST", type: "string", pattern: "^(\\$LATEST|[\\w-]+)$" },
		flag: text,
		concurrencyField: text,
		prewarm,
	},
	additionalProperties: false,
};

/** What `warmup` of a function accepts. */
export const FUNCTION_SCHEMA: Schema = {
	description: "true, false, an integer from 1, auto, or an object",
	if: { type: "object" },
	// biome-ignore lint/suspicious/noThenProperty: JSON Schema's keyword
	then: SETTINGS_SCHEMA,
	else: {
		description: "true, false, an integer from 1, auto, or an object",
		anyOf: [
			{ description: "true, false or auto", enum: [true, false, "auto"] },
			{ description: "an integer from 1", type: "integer", minimum: 1 },
		],
	},
};

/**
 * Says what is wrong with a value. The frameworks check it by the same schema first, but up to version 3 they only warn
 * unless `configValidationMode: error` is set.
 *
 * @param path where the value is, for the sentence
 * @returns a sentence, or `undefined` if nothing is wrong
 */
export function problemOf(value: unknown, schema: Schema, path: string): string | undefined {
	const mismatch = `${path} must be ${schema.description}, got ${JSON.stringify(value) ?? String(value)}`;
	if ("if" in schema) return problemOf(value, isObject(value) ? schema.then : schema.else, path);
	if ("enum" in schema) return schema.enum.includes(value) ? undefined : mismatch;
	if ("anyOf" in schema) {
		const isAllowed = schema.anyOf.some((option) => problemOf(value, option, path) === undefined);
		return isAllowed ? undefined : mismatch;
	}
	switch (schema.type) {
		case "object":
			return isObject(value) ? problemOfProperties(value, schema, path) : mismatch;
		case "array":
			if (!Array.isArray(value) || value.length < schema.minItems) return mismatch;
			return firstProblem(value.map((item, index) => problemOf(item, schema.items, `${path}[${index}]`)));
		case "string":
			return typeof value === "string" && new RegExp(schema.pattern).test(value) ? undefined : mismatch;
		default:
			return isInRange(value, schema) ? undefined : mismatch;
	}
}

function problemOfProperties(
	value: Record<string, unknown>,
	{ properties, required = [] }: ObjectSchema,
	path: string,
): string | undefined {
	const problems = Object.entries(value).map(([name, inner]) => {
		const schema = Object.hasOwn(properties, name) ? properties[name] : undefined;
		if (!schema) return `${path} has no property ${name}, only ${Object.keys(properties).join(", ")}`;
		return problemOf(inner, schema, `${path}.${name}`);
	});
	const missing = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${path} must have ${name}`);
	return firstProblem([...problems, ...missing]);
}

function isInRange(value: unknown, { type, minimum, exclusiveMinimum, maximum }: NumberSchema): boolean {
	if (typeof value !== "number" || (type === "integer" && !Number.isInteger(value))) return false;
	if (minimum !== undefined && value < minimum) return false;
	if (exclusiveMinimum !== undefined && value <= exclusiveMinimum) return false;
	return maximum === undefined || value <= maximum;
}

function firstProblem(problems: readonly (string | undefined)[]): string | undefined {
	return problems.find((problem) => problem !== undefined);
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
