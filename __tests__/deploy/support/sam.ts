import {
	isObject,
	type Json,
	type Resource,
	type Resources,
} from "./cloudformation.js";

/**
 * The CloudFormation resources that SAM makes of a template's functions, as far as schedules and permissions go:
 * the function, its role with the function's `Policies`, its version and alias, and per `ScheduleV2` the schedule
 * and its role.
 */
export function expandSam(template: { Resources: Resources }): Resources {
	const expanded: Resources = {};
	for (const [id, resource] of Object.entries(template.Resources)) {
		if (resource.Type === "AWS::Serverless::Function")
			Object.assign(expanded, expandFunction(id, resource));
		else expanded[id] = withAliasReferences(resource, template.Resources);
	}
	return expanded;
}

function expandFunction(id: string, { Properties = {} }: Resource): Resources {
	const {
		Policies = [],
		Events = {},
		AutoPublishAlias: alias,
		...properties
	} = Properties;
	const arn: Json =
		alias === undefined ? getAtt(id) : { Ref: `${id}Alias${alias}` };
	const resources: Resources = {
		[id]: {
			Type: "AWS::Lambda::Function",
			Properties: { ...properties, Role: getAtt(`${id}Role`) },
		},
		[`${id}Role`]: {
			Type: "AWS::IAM::Role",
			Properties: {
				AssumeRolePolicyDocument: trust("lambda.amazonaws.com"),
				Policies: [Policies]
					.flat()
					.map((PolicyDocument) => ({ PolicyDocument })),
			},
		},
	};
	if (alias !== undefined) {
		resources[`${id}Version`] = {
			Type: "AWS::Lambda::Version",
			Properties: { FunctionName: { Ref: id } },
		};
		resources[`${id}Alias${alias}`] = {
			Type: "AWS::Lambda::Alias",
			Properties: {
				Name: alias,
				FunctionName: { Ref: id },
				FunctionVersion: { "Fn::GetAtt": [`${id}Version`, "Version"] },
			},
		};
	}
	for (const [name, event] of Object.entries(isObject(Events) ? Events : {})) {
		Object.assign(resources, expandSchedule(`${id}${name}`, event, arn));
	}
	return resources;
}

function expandSchedule(id: string, event: Json, arn: Json): Resources {
	if (
		!isObject(event) ||
		event.Type !== "ScheduleV2" ||
		!isObject(event.Properties)
	) {
		throw new Error(`${id} is no ScheduleV2`);
	}
	const {
		ScheduleExpression = "",
		Input = "",
		RetryPolicy = {},
		RoleArn,
	} = event.Properties;
	if (RoleArn !== undefined)
		throw new Error("a RoleArn of its own is not known here");
	return {
		[id]: {
			Type: "AWS::Scheduler::Schedule",
			Properties: {
				ScheduleExpression,
				Target: { Arn: arn, RoleArn: getAtt(`${id}Role`), Input, RetryPolicy },
			},
		},
		[`${id}Role`]: {
			Type: "AWS::IAM::Role",
			Properties: {
				AssumeRolePolicyDocument: trust("scheduler.amazonaws.com"),
				Policies: [
					{
						PolicyDocument: {
							Statement: [
								{
									Effect: "Allow",
									Action: "lambda:InvokeFunction",
									Resource: arn,
								},
							],
						},
					},
				],
			},
		},
	};
}

// SAM's `!Ref OrdersFunction.Alias` is a reference to the alias that it makes.
function withAliasReferences(
	resource: Resource,
	originals: Resources,
): Resource {
	const visit = (node: Json): Json => {
		if (Array.isArray(node)) return node.map(visit);
		if (!isObject(node)) return node;
		const [, id] = /^(\w+)\.Alias$/.exec(String(node.Ref)) ?? [];
		const alias = id && originals[id]?.Properties?.AutoPublishAlias;
		if (alias) return { Ref: `${id}Alias${alias}` };
		return Object.fromEntries(
			Object.entries(node).map(([key, child]) => [key, visit(child)]),
		);
	};
	return {
		...resource,
		Properties: visit(resource.Properties ?? {}) as { [key: string]: Json },
	};
}

function getAtt(id: string): Json {
	return { "Fn::GetAtt": [id, "Arn"] };
}

function trust(Service: string): Json {
	return {
		Statement: [
			{ Effect: "Allow", Principal: { Service }, Action: "sts:AssumeRole" },
		],
	};
}
