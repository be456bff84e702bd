import { idOf, type Json, type Properties, type Resources } from "./cloudformation.js";

/** What the checks look at, whatever tool the deployment is for. ARNs are as the tool writes them. */
export interface Deployment {
	function: Properties;
	schedule: Properties;
	target: Properties;
	/** Statements of the policy that lets the scheduler assume its role. */
	schedulerTrust: Statement[];
	/** Resources of the scheduler role's `lambda:` statements. */
	schedulerMayInvoke: Json[];
	/** Resources of the function role's `lambda:` statements. */
	functionMayInvoke: Json[];
}

export interface Statement {
	Action: string | string[];
	Resource?: Json;
}

/** The deployment that a CloudFormation template with one function and one schedule describes. */
export function deploymentOf(resources: Resources): Deployment {
	const all = Object.entries(resources);
	const only = (type: string): Properties => {
		const found = all.filter(([, { Type }]) => Type === type);
		if (found.length !== 1) throw new Error(`${found.length} of ${type}`);
		return found[0]?.[1].Properties ?? {};
	};
	// A role's own policies, and those attached to it by a resource of their own.
	const mayInvoke = (role: Json | undefined): Json[] => {
		const id = idOf(role);
		const attached = all
			.filter(([, { Type }]) => Type === "AWS::IAM::Policy")
			.map(([, { Properties = {} }]) => Properties)
			.filter(({ Roles }) => [Roles].flat().some((r) => idOf(r) === id));
		const inline = (resources[id]?.Properties?.Policies ?? []) as Properties[];
		return invokable([...inline, ...attached].flatMap(statements));
	};

	const fn = only("AWS::Lambda::Function");
	const schedule = only("AWS::Scheduler::Schedule");
	const target = schedule.Target as Properties;
	const trust = resources[idOf(target.RoleArn)]?.Properties?.AssumeRolePolicyDocument;
	return {
		function: fn,
		schedule,
		target,
		schedulerTrust: statements({ PolicyDocument: trust ?? {} }),
		schedulerMayInvoke: mayInvoke(target.RoleArn),
		functionMayInvoke: mayInvoke(fn.Role),
	};
}

export function statements({ PolicyDocument }: Properties): Statement[] {
	const { Statement } = PolicyDocument as unknown as { Statement: Statement[] };
	return [Statement].flat();
}

/**
 * What the statements let somebody do to Lambda functions: each resource, or a resource beside anything but invoking.
 */
export function invokable(granted: Statement[]): Json[] {
	return granted
		.filter(({ Action }) => [Action].flat().some((action) => /^(lambda:|\*)/.test(action)))
		.flatMap(({ Resource = null }) => Resource);
}
