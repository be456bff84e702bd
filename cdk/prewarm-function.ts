import { Aws, Duration, RemovalPolicy, Stack } from "aws-cdk-lib";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Code, type IFunction, Function as LambdaFunction, Runtime, RuntimeFamily } from "aws-cdk-lib/aws-lambda";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import type { Construct } from "constructs";
import { createDemandPing, createPing } from "./ping-input.js";
import { invokeStatement } from "./self-invoke.js";

/** What `Prewarm` and `PrewarmHook` have in common. */
export interface PrewarmOptions {
	/**
	 * The number of execution environments to warm: an integer of 1 or more. `"auto"`: as many as the traffic needs, which
	 * the former version tells the new one. Left out, the middleware's option `concurrency` decides.
	 *
	 * @default - the middleware's option `concurrency`
	 */
	readonly concurrency?: number | "auto";

	/**
	 * The middleware's option `maxConcurrency`, if it is set. It changes nothing that is deployed: the warnings at
	 * synthesis take it into account.
	 *
	 * @default - unknown: 50 for a number, and no warnings about `"auto"`
	 */
	readonly maxConcurrency?: number;

	/**
	 * The share of the requested environments that has to be reached, above 0 and at most 1. Below it, the deployment
	 * fails. A rollback never does.
	 *
	 * @default - the deployment continues, and the construct's `logGroup` says what is missing
	 */
	readonly minimumCoverage?: number;

	/**
	 * The ping's field that marks it as a ping: the middleware's option `flag`.
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

	/**
	 * The tenant whose environments are warmed, for a function with tenant isolation, and only for one.
	 *
	 * @default - none
	 */
	readonly tenantId?: string;

	/**
	 * Reserved concurrency of the function that sends the ping, if your organization requires one: 1 is enough.
	 *
	 * @default - unreserved
	 */
	readonly reservedConcurrentExecutions?: number;
}

/** The function that sends the ping, with its role and its log group. */
export interface PrewarmFunction {
	readonly handler: LambdaFunction;
	readonly role: Role;
	readonly logGroup: LogGroup;
}

/** What the inline code reads; CloudFormation makes strings of it, and so do environment variables. */
export function prewarmProperties(scope: Construct, fn: IFunction, options: PrewarmOptions) {
	const { concurrency, minimumCoverage, tenantId } = options;
	const stack = Stack.of(scope);
	return {
		FunctionName: fn.functionArn,
		TenantId: tenantId,
		Ping: stack.toJsonString({ ...createPing(options), report: true }),
		DemandPing: stack.toJsonString(createDemandPing(options)),
		// The report tells what "auto" meant.
		Concurrency: concurrency === "auto" ? undefined : concurrency,
		MinimumCoverage: minimumCoverage,
		PauseMs: 10_000,
	};
}

/** Creates the function that sends pings. It may invoke these ARNs and nothing else. */
export function createPrewarmFunction(
	scope: Construct,
	fn: IFunction,
	props: { code: string; invokedArns: string[]; options: PrewarmOptions; environment?: Record<string, string> },
): PrewarmFunction {
	const description = `Warms ${fn.node.path} when it is deployed`;
	const { reservedConcurrentExecutions } = props.options;
	const logGroup = new LogGroup(scope, "Logs", {
		retention: RetentionDays.ONE_MONTH,
		removalPolicy: RemovalPolicy.DESTROY,
	});
	const role = new Role(scope, "Role", {
		description,
		assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
		inlinePolicies: {
			Prewarm: new PolicyDocument({
				statements: [
					invokeStatement(...props.invokedArns),
					new PolicyStatement({ actions: ["cloudformation:DescribeStacks"], resources: [Aws.STACK_ID] }),
					new PolicyStatement({
						actions: ["logs:CreateLogStream", "logs:PutLogEvents"],
						resources: [logGroup.logGroupArn],
					}),
				],
			}),
		},
	});
	const handler = new LambdaFunction(scope, "Handler", {
		description,
		// Runtime.NODEJS_24_X is missing from the oldest CDK that is supported.
		runtime: new Runtime("nodejs24.x", RuntimeFamily.NODEJS, { supportsInlineCode: true }),
		handler: "index.handler",
		code: Code.fromInline(props.code),
		// Ten seconds to ask for the demand, three attempts of a minute each, and the pauses between them.
		timeout: Duration.minutes(4),
		memorySize: 256,
		logGroup,
		role,
		...(props.environment && { environment: props.environment }),
		...(reservedConcurrentExecutions !== undefined && { reservedConcurrentExecutions }),
	});
	return { handler, role, logGroup };
}
