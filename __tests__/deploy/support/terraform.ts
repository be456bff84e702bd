import type { Json } from "./cloudformation.js";
import {
	type Deployment,
	principals,
	type Statement,
	statements,
} from "./deployment.js";
import type { Graph } from "./graph.js";
import type { Block, HclValue } from "./hcl.js";

/** The deployment that a Terraform configuration with one function and one schedule describes. */
export function terraformDeployment(blocks: Block[]): Deployment {
	const resources = new Map(
		blocks
			.filter(({ type }) => type === "resource" || type === "data")
			.map((block) => [address(block), block]),
	);
	const fn = only(resources, "aws_lambda_function");
	const schedule = only(resources, "aws_scheduler_schedule");
	const target = child(schedule, "target");
	const text = (value: HclValue | undefined) =>
		resolve(String(value), resources);
	const mayInvoke = (role: string) =>
		[...resources.values()]
			.filter(({ labels: [type] }) => type === "aws_iam_role_policy")
			.filter((policy) => referencesIn(policy.attributes.role).has(role))
			.flatMap((policy) =>
				statements(JSON.parse(text(policy.attributes.policy)) as Json),
			)
			.filter(({ Action }: Statement) =>
				[Action].flat().some((action) => /^(lambda:|\*)/.test(action)),
			)
			.flatMap(({ Resource }) => [Resource].flat().map(String));
	const roleOf = (value: HclValue | undefined): string => {
		const [role] = referencesIn(value);
		if (role === undefined) throw new Error("no role");
		return role;
	};
	const schedulerRole = roleOf(target.attributes.role_arn);
	return {
		function: {
			runtime: text(fn.attributes.runtime),
			architectures: fn.attributes.architectures,
			logFormat: child(fn, "logging_config").attributes.log_format,
		},
		schedule: {
			expression: text(schedule.attributes.schedule_expression),
			targetArn: text(target.attributes.arn),
			input: text(target.attributes.input),
			retries: Number(
				child(target, "retry_policy").attributes.maximum_retry_attempts,
			),
		},
		schedulerMayInvoke: mayInvoke(schedulerRole),
		schedulerPrincipals: principals(
			JSON.parse(
				text(resources.get(schedulerRole)?.attributes.assume_role_policy),
			) as Json,
		),
		functionMayInvoke: mayInvoke(roleOf(fn.attributes.role)),
		dependencies: graph(resources),
	};
}

/** What each resource waits for: the resources that its arguments name. */
export function graph(resources: ReadonlyMap<string, Block>): Graph {
	const all = (block: Block): string[] => [
		...Object.values(block.attributes).flatMap((value) => [
			...referencesIn(value),
		]),
		...block.blocks.flatMap(all),
	];
	return new Map(
		[...resources].map(([id, block]) => [id, new Set(all(block))]),
	);
}

export function address({ type, labels }: Block): string {
	return type === "data" ? `data.${labels.join(".")}` : labels.join(".");
}

function only(resources: ReadonlyMap<string, Block>, type: string): Block {
	const found = [...resources.values()].filter(
		({ labels }) => labels[0] === type,
	);
	if (found.length !== 1 || !found[0])
		throw new Error(`${found.length} resources of type ${type}`);
	return found[0];
}

function child(block: Block, type: string): Block {
	const found = block.blocks.find((nested) => nested.type === type);
	if (!found) throw new Error(`no ${type} in ${block.type}`);
	return found;
}

const REFERENCE = /\$\{((?:data\.)?\w+\.\w+)(?:\.(\w+))?\}/g;

function referencesIn(value: HclValue | undefined): Set<string> {
	const found = [...JSON.stringify(value ?? "").matchAll(REFERENCE)].map(
		(match) => match[1] ?? "",
	);
	return new Set(found.filter((name) => !name.startsWith("path.")));
}

function resolve(text: string, resources: ReadonlyMap<string, Block>): string {
	return text.replace(
		REFERENCE,
		(_, name: string, attribute: string | undefined) => {
			const resource = resources.get(name);
			const [type] = resource?.labels ?? [];
			if (type === "aws_lambda_function" && attribute === "arn") {
				return `arn:aws:lambda:eu-north-1:123456789012:function:${resource?.attributes.function_name}`;
			}
			if (name === "data.aws_caller_identity.current") return "123456789012";
			throw new Error(`cannot resolve ${name}.${attribute}`);
		},
	);
}
