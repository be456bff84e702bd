import { createHash } from "node:crypto";
import { Aws, CustomResource, Duration, Lazy, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import {
	type Alias,
	Code,
	type IFunction,
	type IVersion,
	Function as LambdaFunction,
	Runtime,
	RuntimeFamily,
	type Version,
} from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";
import { pingOf } from "./ping.js";
import { PREWARM_CODE } from "./prewarm-code.js";
import { checkProps, pingRules } from "./props.js";
import { allowSelfInvoke, invokeStatement } from "./self-invoke.js";
import { functionResource } from "./underlying-function.js";
import { warnAboutConcurrency, warnAboutMissingPermission } from "./warnings.js";

/** Properties of a {@link Prewarm}. */
export interface PrewarmProps {
	/**
	 * The function whose execution environments are warmed: a `Function`, a `Version` or an `Alias`.
	 *
	 * An `Alias` is pinged once it points to the new version. So that traffic meets warm environments only, give the
	 * `Version`, and let the alias wait: `alias.node.addDependency(prewarm)`.
	 */
	readonly function: IFunction | Version | Alias;

	/** Execution environments to warm: an integer from 1. */
	readonly concurrency: number;

	/**
	 * The share of the environments asked for that have to be reached, above 0 and at most 1. Below it, the deployment
	 * fails. A rollback never does.
	 *
	 * @default - the deployment goes on, and {@link Prewarm.logGroup} says what is missing
	 */
	readonly minimumCoverage?: number;

	/**
	 * The ping's field that marks it as one: the middleware's option `flag`.
	 *
	 * @default 'warmer'
	 */
	readonly flag?: string;

	/**
	 * The ping's field for the number of environments: the middleware's option `concurrencyField`.
	 *
	 * @default 'concurrency'
	 */
	readonly concurrencyField?: string;
}

/**
 * Warms a number of a function's execution environments with every deployment of a new version, and waits for the
 * report: a custom resource that sends the ping with `report: true`, up to three times.
 *
 * A new version is what `Version` and `Alias` say it is; a `Function`'s `$LATEST` is new if anything about the function
 * has changed. An imported function is pinged once, and when a property changes.
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
	/** Where the reports are, and what was missing. */
	readonly logGroup: LogGroup;

	/**
	 * @throws RangeError or TypeError, with the property's name, for what a property does not take. Tokens pass, since
	 * their value is known to the deployment only.
	 */
	constructor(scope: Construct, id: string, props: PrewarmProps) {
		checkProps("Prewarm", props, pingRules);
		super(scope, id);
		const { concurrency, minimumCoverage } = props;
		const fn = props.function as IFunction;
		warnAboutConcurrency(this, fn, concurrency);

		this.logGroup = new LogGroup(this, "Logs", {
			retention: RetentionDays.ONE_MONTH,
			removalPolicy: RemovalPolicy.DESTROY,
		});
		const handler = new LambdaFunction(this, "Handler", {
			description: `Warms ${fn.node.path} when it is deployed`,
			// Runtime.NODEJS_24_X is missing from the oldest CDK that is supported.
			runtime: new Runtime("nodejs24.x", RuntimeFamily.NODEJS, { supportsInlineCode: true }),
			handler: "index.handler",
			code: Code.fromInline(PREWARM_CODE),
			// Three attempts of a minute each, and the pauses between them.
			timeout: Duration.minutes(4),
			memorySize: 256,
			logGroup: this.logGroup,
			role: handlerRole(this, fn, this.logGroup),
		});

		const resource = new CustomResource(this, "Resource", {
			resourceType: "Custom::WarmerPrewarm",
			serviceToken: handler.functionArn,
			// Lambda runs the handler three times at most.
			serviceTimeout: Duration.minutes(15),
			properties: {
				FunctionName: fn.functionArn,
				Ping: Stack.of(this).toJsonString({ ...pingOf(props), report: true }),
				Concurrency: concurrency,
				MinimumCoverage: minimumCoverage,
				PauseMs: 10_000,
				Deployed: deployed(fn),
			},
		});
		const permission = allowSelfInvoke(fn);
		if (permission) resource.node.addDependency(permission);
		else warnAboutMissingPermission(this, fn);
	}
}

// What changes with each deployment of a new version.
function deployed(fn: IFunction): string | undefined {
	const { version } = fn as { version?: string | IVersion };
	const number = typeof version === "object" ? version.version : version;
	if (number !== undefined && number !== "$LATEST") return number;

	const resource = functionResource(fn);
	return (
		resource &&
		// At synthesis, when everything about the function has been said.
		Lazy.string({
			produce: () => {
				const template = Stack.of(resource).resolve(resource._toCloudFormation());
				return createHash("sha256").update(JSON.stringify(template)).digest("hex");
			},
		})
	);
}

function handlerRole(scope: Construct, fn: IFunction, logs: LogGroup): Role {
	return new Role(scope, "Role", {
		description: `Warms ${fn.node.path} when it is deployed`,
		assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
		inlinePolicies: {
			Prewarm: new PolicyDocument({
				statements: [
					invokeStatement(fn),
					new PolicyStatement({ actions: ["cloudformation:DescribeStacks"], resources: [Aws.STACK_ID] }),
					new PolicyStatement({
						actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
						resources: [logs.logGroupArn],
					}),
				],
			}),
		},
	});
}
