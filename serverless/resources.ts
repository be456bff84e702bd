import type { Json, Resource, Template } from "./framework.js";
import { type FunctionSettings, pingOf, type WarmupScheduleSettings } from "./settings.js";
import { referencedId, type Target } from "./target.js";

/** A function that is kept warm. */
export interface WarmFunction {
	/** Its name in the configuration. */
	readonly name: string;
	/** What the ids of its resources begin with. */
	readonly idPrefix: string;
	/** Its id in the template. */
	readonly logicalId: string;
	/** The name that Lambda knows it by. */
	readonly lambdaName: string;
	readonly settings: FunctionSettings;
	readonly target: Target;
}

const SCHEDULER_ROLE = "WarmupSchedulerRole";

/** The resources that keep functions warm: the scheduler's role, and for each function its permission and schedules. */
export function warmupResources(functions: readonly WarmFunction[], template: Template): Record<string, Resource> {
	if (functions.length === 0) return {};
	const entries = functions.flatMap((fn) => {
		const policyId = `${fn.idPrefix}WarmupPolicy`;
		return [
			[policyId, invokePolicy(fn, template)],
			...fn.settings.schedules.map((settings, index) => [
				`${fn.idPrefix}WarmupSchedule${index === 0 ? "" : index + 1}`,
				schedule(fn, settings, policyId, template),
			]),
		];
	});
	return { [SCHEDULER_ROLE]: schedulerRole(template), ...Object.fromEntries(entries) };
}

/** The role of a function, if the template has it. */
export function roleIdOf({ logicalId }: WarmFunction, { Resources }: Template): string | undefined {
	const roleId = referencedId(Resources[logicalId]?.Properties?.Role);
	return roleId !== undefined && Object.hasOwn(Resources, roleId) ? roleId : undefined;
}

/**
 * Lets the scheduler and the function itself invoke the target.
 *
 * It is a resource, because a statement in the function's role would name the function's ARN, which waits for the role.
 * Lambda sets the condition's key in requests that a function sends, so that functions that share a role cannot invoke
 * each other by it. The scheduler's requests have no such key.
 */
function invokePolicy(fn: WarmFunction, template: Template): Resource {
	const { functionArn } = fn.target;
	const roleId = roleIdOf(fn, template);
	return {
		Type: "AWS::IAM::Policy",
		...conditionOf(fn, template),
		Properties: {
			// Two regions may share a role, in which the names of policies have to differ.
			PolicyName: { "Fn::Sub": `${fn.lambdaName}-\${AWS::Region}-warmup` },
			Roles: [{ Ref: SCHEDULER_ROLE }, ...(roleId === undefined ? [] : [{ Ref: roleId }])],
			PolicyDocument: {
				Version: "2012-10-17",
				Statement: [
					{
						Effect: "Allow",
						Action: "lambda:InvokeFunction",
						Resource: fn.target.arn,
						Condition: {
							ArnLikeIfExists: {
								"lambda:SourceFunctionArn": [functionArn, { "Fn::Join": [":", [functionArn, "*"]] }],
							},
						},
					},
				],
			},
		},
	};
}

// Not the framework's own `schedule` event with `method: scheduler`: that one retries, lets the function's role be
// assumed by the scheduler, and grants it every version and alias.
function schedule(
	fn: WarmFunction,
	{ rate, timezone, concurrency }: WarmupScheduleSettings,
	policyId: string,
	template: Template,
): Resource {
	return {
		Type: "AWS::Scheduler::Schedule",
		...conditionOf(fn, template),
		// The first ping needs the permission.
		DependsOn: policyId,
		Properties: {
			Description: `Keeps execution environments of ${fn.lambdaName} warm`,
			ScheduleExpression: rate,
			...(timezone !== undefined && { ScheduleExpressionTimezone: timezone }),
			FlexibleTimeWindow: { Mode: "OFF" },
			Target: {
				Arn: fn.target.arn,
				RoleArn: { "Fn::GetAtt": [SCHEDULER_ROLE, "Arn"] },
				Input: JSON.stringify(pingOf(fn.settings, concurrency)),
				RetryPolicy: { MaximumRetryAttempts: 0 },
			},
		},
	};
}

/** Has the path, the boundary and the tags that the service gives its own role. */
function schedulerRole({ Resources }: Template): Resource {
	const { Path, PermissionsBoundary, Tags } = Resources.IamRoleLambdaExecution?.Properties ?? {};
	const inherited = Object.entries({ Path, PermissionsBoundary, Tags }).filter(([, value]) => value !== undefined);
	return {
		Type: "AWS::IAM::Role",
		Properties: {
			...(Object.fromEntries(inherited) as Record<string, Json>),
			AssumeRolePolicyDocument: {
				Version: "2012-10-17",
				Statement: [
					{
						Effect: "Allow",
						Principal: { Service: "scheduler.amazonaws.com" },
						Action: "sts:AssumeRole",
						Condition: {
							StringEquals: {
								"aws:SourceAccount": { Ref: "AWS::AccountId" },
								// The service names the schedule's group here, never the schedule itself.
								"aws:SourceArn": {
									"Fn::Sub": `arn:\${AWS::Partition}:scheduler:\${AWS::Region}:\${AWS::AccountId}:schedule-group/default`,
								},
							},
						},
					},
				],
			},
		},
	};
}

/** A conditional function's resources depend on the same condition. */
function conditionOf({ logicalId }: WarmFunction, { Resources }: Template): { Condition?: string } {
	const Condition = Resources[logicalId]?.Condition;
	return Condition === undefined ? {} : { Condition };
}
