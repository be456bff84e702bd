import { isObject, type Json, type Resources } from "./cloudformation.js";

export interface ServerlessService {
	service: string;
	provider: { [key: string]: Json };
	functions: { [name: string]: { [key: string]: Json } };
	resources: { Resources: Resources };
}

/**
 * The CloudFormation resources that the Serverless Framework makes of a service, as far as schedules and permissions
 * go: each function, the role that all of them share, with `provider.iam.role.statements` in it, and `resources`.
 */
export function expandServerless({
	service,
	provider,
	functions,
	resources,
}: ServerlessService): Resources {
	const expanded: Resources = {
		IamRoleLambdaExecution: {
			Type: "AWS::IAM::Role",
			Properties: {
				AssumeRolePolicyDocument: {
					Statement: [
						{
							Effect: "Allow",
							Principal: { Service: ["lambda.amazonaws.com"] },
							Action: ["sts:AssumeRole"],
						},
					],
				},
				Policies: [{ PolicyDocument: { Statement: roleStatements(provider) } }],
			},
		},
	};
	for (const [name, fn] of Object.entries(functions)) {
		if (fn.events !== undefined) throw new Error("events are not known here");
		expanded[`${logicalName(name)}LambdaFunction`] = {
			Type: "AWS::Lambda::Function",
			Properties: {
				FunctionName: `${service}-dev-${name}`,
				Runtime: provider.runtime ?? "",
				Architectures: [provider.architecture ?? ""],
				LoggingConfig: {
					LogFormat: at(provider, "logs", "lambda", "logFormat") ?? "Text",
				},
				Role: { "Fn::GetAtt": ["IamRoleLambdaExecution", "Arn"] },
			},
		};
	}
	return { ...expanded, ...resources.Resources };
}

function roleStatements(provider: { [key: string]: Json }): Json {
	return at(provider, "iam", "role", "statements") ?? [];
}

function at(value: Json | undefined, ...path: string[]): Json | undefined {
	return path.reduce<Json | undefined>(
		(node, key) => (isObject(node) ? node[key] : undefined),
		value,
	);
}

function logicalName(name: string): string {
	const spelt = name.replaceAll("-", "Dash").replaceAll("_", "Underscore");
	return spelt.charAt(0).toUpperCase() + spelt.slice(1);
}
