import {
	dependencies,
	isObject,
	type Json,
	type Resource,
	type Resources,
	references,
	resolve,
} from "./cloudformation.js";
import type { Graph } from "./graph.js";

/** What the checks look at, whatever tool the deployment is for. ARNs are resolved. */
export interface Deployment {
	function: { runtime: string; architectures: unknown; logFormat: unknown };
	schedule: {
		expression: string;
		targetArn: string;
		input: string;
		retries: number;
	};
	/** Resources of the scheduler role's `lambda:` statements. */
	schedulerMayInvoke: string[];
	/** Who may assume the scheduler's role. */
	schedulerPrincipals: string[];
	/** Resources of the function role's `lambda:` statements. */
	functionMayInvoke: string[];
	dependencies: Graph;
}

export interface Statement {
	Effect: string;
	Action: string | string[];
	Resource?: Json;
	Principal?: Json;
}

/** The deployment that a CloudFormation template with one function and one schedule describes. */
export function deploymentOf(resources: Resources): Deployment {
	const fn = only(resources, "AWS::Lambda::Function");
	const schedule = only(resources, "AWS::Scheduler::Schedule");
	const target = schedule.Target as { [key: string]: Json };
	const retryPolicy = target.RetryPolicy as { [key: string]: Json };
	const schedulerRole = roleId(target.RoleArn);
	return {
		function: {
			runtime: String(fn.Runtime),
			architectures: fn.Architectures,
			logFormat: (fn.LoggingConfig as { [key: string]: Json }).LogFormat,
		},
		schedule: {
			expression: String(schedule.ScheduleExpression),
			targetArn: resolve(target.Arn, resources),
			input: resolve(target.Input, resources),
			retries: Number(retryPolicy.MaximumRetryAttempts),
		},
		schedulerMayInvoke: invokable(
			statementsOf(schedulerRole, resources),
			resources,
		),
		schedulerPrincipals: principals(
			resources[schedulerRole]?.Properties?.AssumeRolePolicyDocument,
		),
		functionMayInvoke: invokable(
			statementsOf(roleId(fn.Role), resources),
			resources,
		),
		dependencies: dependencies(resources),
	};
}

/** The services that a trust policy lets assume its role. */
export function principals(trustPolicy: Json | undefined): string[] {
	return statements(trustPolicy).flatMap(({ Principal }) =>
		isObject(Principal)
			? [Principal.Service as string | string[]].flat()
			: [String(Principal)],
	);
}

export function statements(policyDocument: Json | undefined): Statement[] {
	if (!isObject(policyDocument)) throw new Error("no policy document");
	return [policyDocument.Statement].flat() as unknown as Statement[];
}

function only(
	resources: Resources,
	type: string,
): NonNullable<Resource["Properties"]> {
	const found = Object.values(resources).filter(({ Type }) => Type === type);
	if (found.length !== 1 || !found[0]?.Properties) {
		throw new Error(`${found.length} resources of type ${type}`);
	}
	return found[0].Properties;
}

function roleId(arn: Json | undefined): string {
	const [id] = references(arn);
	if (id === undefined) throw new Error(`no role in ${JSON.stringify(arn)}`);
	return id;
}

// A role's own policies, and those attached to it by a resource of their own.
function statementsOf(id: string, resources: Resources): Statement[] {
	const inline = (resources[id]?.Properties?.Policies ?? []) as {
		[key: string]: Json;
	}[];
	const attached = Object.values(resources)
		.filter(
			({ Type }) =>
				Type === "AWS::IAM::Policy" || Type === "AWS::IAM::ManagedPolicy",
		)
		.filter(({ Properties }) => references(Properties?.Roles).has(id));
	return [
		...inline,
		...attached.map(({ Properties }) => Properties ?? {}),
	].flatMap((policy) => statements(policy.PolicyDocument));
}

function invokable(granted: Statement[], resources: Resources): string[] {
	return granted
		.filter(({ Action }) =>
			[Action].flat().some((action) => /^(lambda:|\*)/.test(action)),
		)
		.flatMap(({ Resource }) =>
			[Resource].flat().map((arn) => resolve(arn as Json, resources)),
		);
}
