import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "@cdktn/hcl2json";
import type { Json, Properties } from "./cloudformation.js";
import { evaluateText, fail, type Scope, sequence } from "./hcl.js";

/** An instance of a resource, with the values that its arguments have. */
export interface Instance {
	readonly type: string;
	/** Its name; for an instance of several, with its index or its key. */
	readonly name: string;
	readonly values: Properties;
}

/** A module as Terraform would plan it. */
export interface Plan {
	/** Also those of the modules that it calls. */
	readonly instances: readonly Instance[];
	readonly outputs: Properties;
}

type Block = Record<string, Json>;

/** The blocks of a module's files: those with two labels by both, the others by theirs. */
interface Blocks {
	readonly resource: Record<string, Record<string, Block>>;
	readonly data: Record<string, Record<string, Block>>;
	readonly variable: Record<string, Block>;
	readonly output: Record<string, Block>;
	readonly module: Record<string, Block>;
	readonly locals: Block;
}

/**
 * Plans a module: evaluates its locals and resources with the given variables. Throws for a variable that fails its
 * validation, a reference to nothing, and resources that wait for each other.
 *
 * @param source a folder, or a configuration
 */
export async function plan(source: string, inputs: Properties = {}): Promise<Plan> {
	const files = source.includes("\n")
		? [source]
		: readdirSync(source)
				.filter((file) => file.endsWith(".tf"))
				.map((file) => readFileSync(join(source, file), "utf8"));
	const blocks: Blocks = { resource: {}, data: {}, variable: {}, output: {}, module: {}, locals: {} };
	for (const text of files) {
		const { locals = [], ...file } = (await parse("module.tf", text)) as Record<string, Json>;
		Object.assign(blocks.locals, ...(locals as Block[]));
		for (const kind of ["variable", "output", "module"] as const) {
			for (const [name, [block]] of entriesOf(file[kind])) blocks[kind][name] = block;
		}
		for (const kind of ["resource", "data"] as const) {
			for (const [type, named] of Object.entries(Object(file[kind]))) {
				for (const [name, [block]] of entriesOf(named as Json)) {
					blocks[kind][type] = { ...blocks[kind][type], [name]: block };
				}
			}
		}
	}
	return new Module(source, blocks, inputs).plan();
}

/** A block comes as a list of one. */
function entriesOf(blocks: Json | undefined): [string, [Block]][] {
	return Object.entries(Object(blocks));
}

class Module {
	readonly #source: string;
	readonly #blocks: Blocks;
	readonly #inputs: Properties;
	readonly #planned = new Map<string, Promise<Instance[]> | undefined>();

	constructor(source: string, blocks: Blocks, inputs: Properties) {
		this.#source = source;
		this.#blocks = blocks;
		this.#inputs = inputs;
	}

	async plan(): Promise<Plan> {
		await this.#checkVariables();
		const instances: Instance[] = [];
		for (const [type, named] of Object.entries(this.#blocks.resource)) {
			for (const name of Object.keys(named)) instances.push(...(await this.#instances(type, name)));
		}
		for (const call of Object.values(this.#blocks.module)) {
			const { source, ...inputs } = (await this.#values(call, this.#scope)) as Properties;
			instances.push(...(await plan(join(this.#source, String(source)), inputs as Properties)).instances);
		}
		const outputs: Properties = {};
		for (const [name, { value = null }] of Object.entries(this.#blocks.output)) {
			outputs[name] = await this.#values(value, this.#scope);
		}
		return { instances, outputs };
	}

	async #checkVariables(): Promise<void> {
		for (const name of Object.keys(this.#inputs)) {
			if (!this.#blocks.variable[name]) fail(`there is no variable ${name}`);
		}
		for (const [name, block] of Object.entries(this.#blocks.variable)) {
			if (!Object.hasOwn(this.#inputs, name) && !Object.hasOwn(block, "default")) fail(`${name} is missing`);
			for (const { condition, error_message } of (block.validation ?? []) as Block[]) {
				if (!(await evaluateText(String(condition), this.#scope))) fail(String(error_message));
			}
		}
	}

	readonly #scope: Scope = async (root, next = "") => {
		if (root === "var") return { [next]: await this.#variable(next) };
		if (root === "local") return { [next]: await this.#values(this.#blocks.locals[next] ?? null, this.#scope) };
		if (root === "path") return { module: this.#source };
		if (root === "data") return this.#data();
		const block = this.#blocks.resource[root]?.[next] ?? fail(`there is no ${root}.${next}`);
		const values = (await this.#instances(root, next)).map((instance) => ({
			...computed(instance),
			...instance.values,
		}));
		return { [next]: Object.hasOwn(block, "count") ? values : (values[0] ?? null) };
	};

	async #variable(name: string): Promise<Json> {
		const block = this.#blocks.variable[name] ?? fail(`there is no variable ${name}`);
		const value = this.#inputs[name] ?? block.default ?? null;
		if (value === null || typeof value !== "object") return value;
		return { ...(await this.#defaults(String(block.type))), ...(value as Properties) };
	}

	/** Of an object's optional attributes. */
	async #defaults(type: string): Promise<Properties> {
		const optional = [...type.matchAll(/(\w+)\s*=\s*optional\((.*)\)$/gm)];
		const entries = optional.map(([, name = "", args = ""]) => {
			const value = /^(?:list\(\w+\)|\w+),\s*(.+)$/.exec(args)?.[1];
			return async () => [name, value === undefined ? null : await evaluateText(`\${${value}}`, this.#scope)];
		});
		return Object.fromEntries(await sequence(entries));
	}

	/** Data sources are only read; each attribute stands for itself. */
	#data(): Json {
		const sources = Object.entries(this.#blocks.data).map(([type, named]) => [
			type,
			Object.fromEntries(Object.keys(named).map((name) => [name, computed({ type, name, values: {} })])),
		]);
		return Object.fromEntries(sources);
	}

	#instances(type: string, name: string): Promise<Instance[]> {
		const address = `${type}.${name}`;
		if (this.#planned.has(address)) {
			return this.#planned.get(address) ?? fail(`dependency cycle through ${address}`);
		}
		this.#planned.set(address, undefined);
		const planned = this.#planInstances(type, name).then((instances) => {
			this.#planned.set(address, Promise.resolve(instances));
			return instances;
		});
		return planned;
	}

	async #planInstances(type: string, name: string): Promise<Instance[]> {
		const block = this.#blocks.resource[type]?.[name] ?? fail(`there is no ${type}.${name}`);
		const { count = 1, for_each, depends_on = [], ...args } = block;
		for (const address of depends_on as string[]) await this.#values(address, this.#scope);
		const each = for_each === undefined ? undefined : Object(await this.#values(for_each, this.#scope));
		const keys = each ? Object.keys(each) : [...Array(Number(await this.#values(count, this.#scope))).keys()];
		return sequence(
			keys.map((key) => async () => {
				const scope: Scope = async (root, next) =>
					root === "each" ? { key: String(key), value: each[key] } : this.#scope(root, next);
				const values = (await this.#values(args, scope)) as Properties;
				return { type, name: each ? `${name}["${key}"]` : name, values };
			}),
		);
	}

	async #values(value: Json, scope: Scope): Promise<Json> {
		if (typeof value === "string") return evaluateText(value, scope);
		if (typeof value !== "object" || value === null) return value;
		if (Array.isArray(value)) return sequence(value.map((item) => () => this.#values(item, scope)));
		const entries = Object.entries(value).map(([key, inner]) => async () => [key, await this.#values(inner, scope)]);
		return Object.fromEntries(await sequence(entries));
	}
}

/** What only the provider knows. */
function computed({ type, name, values }: Instance): Properties {
	const arns: Record<string, string> = {
		aws_lambda_function: `arn:aws:lambda:eu-north-1:123456789012:function:${values.function_name}`,
		aws_iam_role: `arn:aws:iam::123456789012:role/${values.name ?? name}`,
	};
	const own = (attribute: string) => `${type}.${name}.${attribute}`;
	return {
		arn: arns[type] ?? own("arn"),
		id: own("id"),
		name: own("name"),
		output_path: own("output_path"),
		output_base64sha256: own("output_base64sha256"),
	};
}
