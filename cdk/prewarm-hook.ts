import { Aws, Tokenization } from "aws-cdk-lib";
import type { Alias, IAlias, IFunction, Function as LambdaFunction } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { checkProps, hasString, PREWARM_RULES } from "./construct-props.js";
import { checkEnvironment, underlyingFunction } from "./pinged-function.js";
import { PREWARM_HOOK_CODE } from "./prewarm-code.js";
import { createPrewarmFunction, type PrewarmOptions, prewarmProperties } from "./prewarm-function.js";
import { allowSelfInvoke } from "./self-invoke.js";
import {
	warnAboutConcurrency,
	warnAboutDurableFunction,
	warnAboutMissingPermission,
	warnAboutTenant,
} from "./warnings.js";

/** Properties of a {@link PrewarmHook}. */
export interface PrewarmHookProps extends PrewarmOptions {
	/** The alias of the deployment group. The version that it is going to point to is warmed. */
	readonly alias: IAlias | Alias;
}

/**
 * Warms the new version of a function before CodeDeploy shifts any traffic to it: a function for
 * `LambdaDeploymentGroup.addPreHook` that sends the ping with `report: true`, up to three times, and tells CodeDeploy
 * whether `minimumCoverage` was reached.
 *
 * The version that still has the traffic is asked for the demand that it remembers, which the new version gets with the
 * ping. If that version has no warmer yet, it gets this ping as a request.
 *
 * @example
 * import { Stack } from 'aws-cdk-lib'
 * import { LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy'
 * import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
 * import { PrewarmHook } from 'middy-lambda-warmer/cdk'
 *
 * const stack = new Stack()
 * const orders = new LambdaFunction(stack, 'Orders', {
 * 	runtime: Runtime.NODEJS_24_X,
 * 	handler: 'index.handler',
 * 	code: Code.fromInline('exports.handler = async () => {}'),
 * })
 * const alias = orders.addAlias('prod')
 *
 * const group = new LambdaDeploymentGroup(stack, 'Deployment', { alias })
 * const hook = new PrewarmHook(stack, 'PrewarmHook', { alias, concurrency: 'auto', minimumCoverage: 0.8 })
 * group.addPreHook(hook.handler)
 */
export class PrewarmHook extends Construct {
	/** The function to pass to `LambdaDeploymentGroup.addPreHook`. */
	readonly handler: LambdaFunction;

	/** Contains the reports, and what was missing. */
	readonly logGroup: LogGroup;

	/**
	 * @throws RangeError or TypeError that names the property with an invalid value. Tokens are accepted, because their
	 * value is known only at deployment.
	 * @throws Error if the alias is in another account or Region
	 */
	constructor(scope: Construct, id: string, props: PrewarmHookProps) {
		checkProps("PrewarmHook", props, {
			...PREWARM_RULES,
			alias: { expected: "an Alias", validate: hasString("aliasName"), isRequired: true },
		});
		super(scope, id);
		const alias = props.alias as IAlias;
		const version: IFunction = alias.version;
		checkEnvironment(this, alias);
		warnAboutConcurrency(this, alias, props);
		warnAboutDurableFunction(this, alias);
		warnAboutTenant(this, alias, props.tenantId);

		// Not the alias's own ARN: the alias waits for its hook, which must not wait for the alias.
		const formerArn = `${underlyingFunction(alias).functionArn}:${alias.aliasName}`;
		const { handler, logGroup } = createPrewarmFunction(this, alias, {
			code: PREWARM_HOOK_CODE,
			invokedArns: [version.functionArn, formerArn],
			options: props,
			environment: environmentVariables({
				...prewarmProperties(this, version, props),
				Previous: formerArn,
				StackId: Aws.STACK_ID,
			}),
		});
		this.handler = handler;
		this.logGroup = logGroup;
		const permission = allowSelfInvoke(version);
		if (permission) handler.node.addDependency(permission);
		else warnAboutMissingPermission(this, version);
	}
}

function environmentVariables(properties: Record<string, string | number | undefined>): Record<string, string> {
	return Object.fromEntries(
		Object.entries(properties).flatMap(([name, value]) =>
			value === undefined ? [] : [[name, typeof value === "number" ? Tokenization.stringifyNumber(value) : value]],
		),
	);
}
