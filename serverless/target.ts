import type { Json, Resource, Template } from "./framework.js";

/** What the pings of a function invoke. */
export interface Target {
	/** The ARN, in CloudFormation's words. */
	readonly arn: Json;
	/** The ARN of the function, without a qualifier. */
	readonly functionArn: Json;
	/** The alias's name; absent for the function itself. */
	readonly qualifier?: string;
}

/**
 * Finds what to ping: the alias that is asked for, or the only one that the template has for the function, or else the
 * function itself. Such an alias may come from the framework (for provisioned concurrency, SnapStart or durable
 * functions), from another plugin, or from `resources`.
 *
 * @param logicalId the function's id in the template
 * @throws Error if the template has several aliases for the function and none is asked for
 */
export function targetOf(template: Template, logicalId: string, functionName: string, alias?: string): Target {
	const functionArn = { "Fn::GetAtt": [logicalId, "Arn"] };
	if (alias === "$LATEST") return { arn: functionArn, functionArn };

	const aliases = Object.entries(template.Resources)
		.filter(([, resource]) => isAliasOf(resource, logicalId, functionName))
		.map(([id, { Properties }]) => ({ id, name: String(Properties?.Name) }));
	const [found, ...others] = aliases.filter(({ name }) => alias === undefined || name === alias);
	if (found && others.length > 0) {
		const names = aliases.map(({ name }) => name).join(", ");
		throw new Error(`has the aliases ${names}: name the one to ping with \`alias\`, or \`alias: $LATEST\``);
	}
	if (found) return { arn: { Ref: found.id }, functionArn, qualifier: found.name };
	if (alias === undefined) return { arn: functionArn, functionArn };
	return { arn: { "Fn::Join": [":", [functionArn, alias]] }, functionArn, qualifier: alias };
}

function isAliasOf({ Type, Properties }: Resource, logicalId: string, functionName: string): boolean {
	if (Type !== "AWS::Lambda::Alias") return false;
	const value = Properties?.FunctionName;
	return value === functionName || referencedId(value) === logicalId;
}

/** The logical id that a `Ref` or an `Fn::GetAtt` names. */
export function referencedId(value: Json | undefined): string | undefined {
	const { Ref, "Fn::GetAtt": attribute } = Object(value) as { Ref?: string; "Fn::GetAtt"?: string | string[] };
	return Ref ?? (typeof attribute === "string" ? attribute.split(".")[0] : attribute?.[0]);
}
