import { CustomResource, Duration, Lazy, Stack } from "aws-cdk-lib";
import { Policy } from "aws-cdk-lib/aws-iam";
import type { Alias, IFunction, Function as LambdaFunction, Version } from "aws-cdk-lib/aws-lambda";
import type { LogGroup } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { checkProps, FUNCTION_RULE, PREWARM_RULES } from "./construct-props.js";
import { functionFingerprint, functionReferences } from "./function-fingerprint.js";
import { checkEnvironment, functionResource, publishedVersion, underlyingFunction } from "./pinged-function.js";
import { PREWARM_CODE } from "./prewarm-code.js";
import { createPrewarmFunction, type PrewarmOptions, prewarmProperties } from "./prewarm-function.js";
import { allowSelfInvoke, invokeStatement } from "./self-invoke.js";
import {
	warnAboutConcurrency,
	warnAboutDurableFunction,
	warnAboutMissingPermission,
	warnAboutTenant,
} from "./warnings.js";

/** Properties of a {@link Prewarm}. */
export interface PrewarmProps extends PrewarmOptions {
	/**
	 * The function whose execution environments are warmed: a `Function`, a `Version` or an `Alias`.
	 *
	 * An `Alias` is pinged after it points to the new version. To let traffic meet warm environments only, pass the
	 * `Version`, and let the alias wait: `alias.node.addDependency(prewarm)`.
	 */
	readonly function: IFunction | Version | Alias;
}

/**
 * Warms execution environments of a function with every deployment of a new version, and waits for the report: a custom
 * resource that sends the ping with `report: true`, up to three times.
 *
 * A `Version` or an `Alias` is pinged when its version is new. The version before it is asked for the demand that it
 * remembers, which the new version gets with the ping: so `"auto"` starts with the right number. A handover that fails
 * never fails the deployment.
 *
 * A `Function` is pinged when its template has changed, or that of anything it refers to (a layer, for instance), or
 * when CloudFormation finds that a `Ref` or an `Fn::GetAtt` of its properties has a new value. If the construct is in
 * another stack, only the templates are compared. An imported function is pinged once, and when a property changes.
 *
 * @example
 * import { Stack } from 'aws-cdk-lib'
 * import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
 * import { Prewarm } from 'middy-lambda-warmer/cdk'
 *
 * const stack = new Stack()
 * const orders = new LambdaFunction(stack, 'Orders', {
 * 	runtime: Runtime.NODEJS_24_X,
 * 	handler: 'index.handler',
 * 	code: Code.fromInline('exports.handler = async () => {}'),
 * })
 *
 * new Prewarm(stack, 'Prewarm', {
 * 	function: orders.addAlias('prod'),
 * 	concurrency: 5,
 * 	minimumCoverage: 0.8,
 * })
 */
export class Prewarm extends Construct {
	/** The function that sends the ping. */
	readonly handler: LambdaFunction;

	/** Contains the reports, and what was missing. */
	readonly logGroup: LogGroup;

	/**
	 * @throws RangeError or TypeError that names the property with an invalid value. Tokens are accepted, because their
	 * value is known only at deployment.
	 * @throws Error if the function is in another account or Region
	 */
	constructor(scope: Construct, id: string, props: PrewarmProps) {
		checkProps("Prewarm", props, { ...PREWARM_RULES, function: FUNCTION_RULE });
		super(scope, id);
		const fn = props.function as IFunction;
		checkEnvironment(this, fn);
		warnAboutConcurrency(this, fn, props);
		warnAboutDurableFunction(this, fn);
		warnAboutTenant(this, fn, props.tenantId);

		const { handler, role, logGroup } = createPrewarmFunction(this, fn, {
			code: PREWARM_CODE,
			invokedArns: [fn.functionArn],
			options: props,
		});
		this.handler = handler;
		this.logGroup = logGroup;
		const version = publishedVersion(fn);
		const resource = new CustomResource(this, "Resource", {
			resourceType: "Custom::WarmerPrewarm",
			serviceToken: handler.functionArn,
			// Lambda runs the handler three times at most.
			serviceTimeout: Duration.minutes(15),
			properties: {
				...prewarmProperties(this, fn, props),
				...(version
					? { Deployed: version.version, Versions: underlyingFunction(fn).functionArn }
					: deployedLatest(this, fn)),
			},
		});
		if (version) {
			const policy = new Policy(this, "Handover", {
				roles: [role],
				statements: [invokeStatement(version.functionArn)],
			});
			// Updated after the resource, it still permits the former version while the resource asks for its demand.
			policy.node.addDependency(resource);
		}
		const permission = allowSelfInvoke(fn);
		if (permission) resource.node.addDependency(permission);
		else warnAboutMissingPermission(this, fn);
	}
}

/** What changes with each deployment of a new `$LATEST`; known at synthesis, when the app is complete. */
function deployedLatest(scope: Construct, fn: IFunction) {
	const resource = functionResource(fn);
	if (!resource) return {};
	return {
		Deployed: Lazy.string({ produce: () => functionFingerprint(resource) }),
		// A reference from another stack would be an export, whose value cannot change while it is in use.
		...(Stack.of(scope) === Stack.of(resource) && {
			References: Lazy.any({ produce: () => functionReferences(resource) }),
		}),
	};
}
