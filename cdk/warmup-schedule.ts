import { Duration, Stack, type TimeZone } from "aws-cdk-lib";
import type { Alarm, Dashboard } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Alias, IFunction, Version } from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { coldStartAlarm, coverageAlarm, silenceAlarm } from "./alarms.js";
import {
	checkProps,
	FUNCTION_RULE,
	hasString,
	MINIMUM_COVERAGE_RULE,
	PING_RULES,
	type Rules,
} from "./construct-props.js";
import { warmupDashboard } from "./dashboard.js";
import { createPing } from "./ping-input.js";
import { checkEnvironment } from "./pinged-function.js";
import { scheduleIntervals } from "./schedule-interval.js";
import { allowSelfInvoke, invokeStatement } from "./self-invoke.js";
import {
	warnAboutConcurrency,
	warnAboutDurableFunction,
	warnAboutLogs,
	warnAboutMissingPermission,
	warnAboutRate,
	warnAboutScheduledTenant,
	warnAboutSilence,
} from "./warnings.js";

/** Properties of a {@link WarmupSchedule}. */
export interface WarmupScheduleProps {
	/**
	 * The function whose execution environments are kept warm: a `Function`, a `Version` or an `Alias`.
	 *
	 * It is pinged, and invokes itself, by exactly this ARN: unqualified for a `Function`, qualified for a `Version` or
	 * an `Alias`. Environments belong to one published version (or to `$LATEST`), so pass the alias that gets the
	 * traffic.
	 */
	readonly function: IFunction | Version | Alias;

	/**
	 * The number of execution environments to keep warm: an integer of 1 or more. `"auto"`: as many as the traffic needs.
	 * Left out, the ping names no number, and the middleware's option `concurrency` decides.
	 *
	 * The middleware clamps a number to its option `maxConcurrency`, which is 50 unless it is set.
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
	 * When the ping is sent: `ScheduleExpression` of `aws-cdk-lib/aws-scheduler`, or `Schedule` of
	 * `aws-cdk-lib/aws-events`.
	 *
	 * @default ScheduleExpression.rate(Duration.minutes(5))
	 */
	readonly schedule?: ScheduleExpression;

	/**
	 * The time zone of a cron expression. It overrides a time zone in `schedule`.
	 *
	 * @default - the time zone of `schedule`, which is UTC unless it names another
	 */
	readonly timeZone?: TimeZone;

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
	 * Creates a CloudWatch dashboard over the function's log group: cold starts that requests met and their share of all
	 * requests, cold starts taken by pings, coverage, and unused environments.
	 *
	 * It reads the middleware's entries, so the function needs `loggingFormat: LoggingFormat.JSON`.
	 *
	 * @default false
	 */
	readonly dashboard?: boolean;

	/**
	 * The share of the requested environments that have to be reached, above 0 and at most 1. It creates an alarm on the
	 * coverage of each hour, {@link WarmupSchedule.coverageAlarm}, and one on pings that stop, {@link
	 * WarmupSchedule.silenceAlarm}. The environments of an hour's pings are added up, including those that a repair
	 * reaches beyond the number.
	 *
	 * It reads the middleware's entries with a metric filter, so the function needs `loggingFormat: LoggingFormat.JSON`
	 * and its own `logGroup`, and the middleware needs its default `verify: true`: without it, only the first environment
	 * counts as reached.
	 *
	 * @default - no alarm on coverage
	 */
	readonly minimumCoverage?: number;

	/**
	 * How long it may take until the next ping completes: 1 to 168 whole hours. It creates an alarm on longer silence,
	 * {@link WarmupSchedule.silenceAlarm}, which needs the same logs as `minimumCoverage`.
	 *
	 * Pings of other schedules for the same function count as well.
	 *
	 * @default - with `minimumCoverage`, twice the longest time between two pings of a schedule that runs every
	 * day; otherwise no alarm on silence
	 */
	readonly maximumSilence?: Duration;

	/**
	 * How many requests may meet a cold start in an hour: an integer of 0 or more. It creates an alarm on more of them,
	 * {@link WarmupSchedule.coldStartAlarm}, which needs the same logs as `minimumCoverage`.
	 *
	 * Environments that expire before the next ping are not counted.
	 *
	 * @default - no alarm on cold starts
	 */
	readonly maximumColdStarts?: number;
}

/**
 * Keeps execution environments of a function warm: an EventBridge Scheduler schedule that sends the ping, the
 * scheduler's role, and the function's permission to invoke itself.
 *
 * A function can have several schedules, for instance one for office hours and one for the nights.
 *
 * @example
 * import { Stack, TimeZone } from 'aws-cdk-lib'
 * import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda'
 * import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
 * import { WarmupSchedule } from 'middy-lambda-warmer/cdk'
 *
 * const stack = new Stack()
 * const orders = new LambdaFunction(stack, 'Orders', {
 * 	runtime: Runtime.NODEJS_24_X,
 * 	handler: 'index.handler',
 * 	code: Code.fromInline('exports.handler = async () => {}'),
 * })
 *
 * new WarmupSchedule(stack, 'OfficeHours', {
 * 	function: orders,
 * 	concurrency: 20,
 * 	schedule: ScheduleExpression.cron({ minute: '0/5', hour: '8-17', weekDay: 'MON-FRI' }),
 * 	timeZone: TimeZone.EUROPE_BERLIN,
 * })
 * new WarmupSchedule(stack, 'Nights', {
 * 	function: orders,
 * 	concurrency: 2,
 * 	schedule: ScheduleExpression.cron({ minute: '0/10', hour: '18-23,0-7' }),
 * 	timeZone: TimeZone.EUROPE_BERLIN,
 * })
 */
export class WarmupSchedule extends Construct {
	/** The EventBridge Scheduler schedule that sends the ping. */
	readonly schedule: Schedule;

	/** The role that EventBridge Scheduler assumes: it may only invoke the pinged ARN. */
	readonly schedulerRole: Role;

	/** The dashboard, if `dashboard` is true. */
	readonly dashboard?: Dashboard;

	/**
	 * The alarm on coverage, if `minimumCoverage` is set. It notifies nobody until it has an action.
	 *
	 * @example
	 * import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
	 * import type { ITopic } from 'aws-cdk-lib/aws-sns'
	 * import type { WarmupSchedule } from 'middy-lambda-warmer/cdk'
	 *
	 * export function notify(warmup: WarmupSchedule, topic: ITopic): void {
	 * 	warmup.coverageAlarm?.addAlarmAction(new SnsAction(topic))
	 * }
	 */
	readonly coverageAlarm?: Alarm;

	/**
	 * The alarm on pings that stop, if `minimumCoverage` or `maximumSilence` is set. It notifies nobody until it has an
	 * action, and is in alarm until the first ping.
	 */
	readonly silenceAlarm?: Alarm;

	/**
	 * The alarm on cold starts that requests met, if `maximumColdStarts` is set. It notifies nobody until it has an
	 * action.
	 */
	readonly coldStartAlarm?: Alarm;

	/**
	 * @throws RangeError or TypeError that names the property with an invalid value. Tokens are accepted, because their
	 * value is known only at deployment.
	 * @throws Error if the function is in another account or Region, or if an alarm needs a log group that it lacks
	 */
	constructor(scope: Construct, id: string, props: WarmupScheduleProps) {
		checkProps("WarmupSchedule", props, RULES);
		super(scope, id);
		// Under exactOptionalPropertyTypes, the CDK's Version and Alias are not IFunctions: their role may be undefined.
		const fn = props.function as IFunction;
		const given = props.schedule ?? ScheduleExpression.expression("rate(5 minutes)");
		const expression = ScheduleExpression.expression(given.expressionString, props.timeZone ?? given.timeZone);

		checkEnvironment(this, fn);
		warnAboutRate(this, expression.expressionString);
		warnAboutConcurrency(this, fn, props);
		warnAboutDurableFunction(this, fn);
		warnAboutScheduledTenant(this, fn);

		this.schedulerRole = schedulerRole(this, fn);
		this.schedule = new Schedule(this, "Schedule", {
			description: `Keeps execution environments of ${fn.node.path} warm`,
			schedule: expression,
			target: {
				bind: () => ({
					arn: fn.functionArn,
					role: this.schedulerRole,
					input: ScheduleTargetInput.fromObject(createPing(props)),
					// A late ping adds nothing that the next one won't.
					retryPolicy: { maximumRetryAttempts: 0 },
				}),
			},
		});

		const permission = allowSelfInvoke(fn);
		// Otherwise the first ping could reach a function that may not invoke itself yet.
		if (permission) this.schedule.node.addDependency(permission);
		else warnAboutMissingPermission(this, fn);

		const { dashboard, minimumCoverage, maximumSilence, maximumColdStarts } = props;
		const silenceHours = maximumSilence?.toHours() ?? (minimumCoverage && derivedSilenceHours(expression));
		if (
			[dashboard || undefined, minimumCoverage, silenceHours, maximumColdStarts].some((value) => value !== undefined)
		) {
			warnAboutLogs(this, fn);
		}
		if (dashboard) this.dashboard = warmupDashboard(this, fn);
		if (minimumCoverage !== undefined) {
			this.coverageAlarm = coverageAlarm(this, fn, minimumCoverage);
			if (!silenceHours) warnAboutSilence(this);
		}
		if (silenceHours) this.silenceAlarm = silenceAlarm(this, fn, silenceHours);
		if (maximumColdStarts !== undefined) this.coldStartAlarm = coldStartAlarm(this, fn, maximumColdStarts);
	}
}

/** A week: alarms look back no further. */
const MAX_SILENCE_HOURS = 168;

const RULES: Rules<WarmupScheduleProps> = {
	...PING_RULES,
	function: FUNCTION_RULE,
	schedule: { expected: "a ScheduleExpression", validate: hasString("expressionString") },
	timeZone: { expected: "a TimeZone", validate: hasString("timezoneName") },
	dashboard: { expected: "true or false", validate: (value) => typeof value === "boolean" },
	minimumCoverage: MINIMUM_COVERAGE_RULE,
	maximumSilence: {
		expected: `a Duration of 1 to ${MAX_SILENCE_HOURS} whole hours`,
		validate: (value) => {
			const seconds = value instanceof Duration ? value.toSeconds() : 0;
			return seconds >= 3600 && seconds <= MAX_SILENCE_HOURS * 3600 && seconds % 3600 === 0;
		},
	},
	maximumColdStarts: {
		expected: "an integer of 0 or more",
		validate: (value) => Number.isInteger(value) && Number(value) >= 0,
	},
};

/** Twice the longest time between two pings; undefined if the schedule does not determine it. */
function derivedSilenceHours({ expressionString }: ScheduleExpression): number | undefined {
	const hours = Math.ceil((2 * scheduleIntervals(expressionString).longestMinutes) / 60);
	return hours >= 1 && hours <= MAX_SILENCE_HOURS ? hours : undefined;
}

// The role of LambdaInvoke, in aws-scheduler-targets, may invoke every version and alias of a Function.
function schedulerRole(scope: Construct, fn: IFunction): Role {
	const stack = Stack.of(scope);
	return new Role(scope, "SchedulerRole", {
		description: `Sends warmer pings to ${fn.node.path}`,
		assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
			conditions: {
				StringEquals: {
					"aws:SourceAccount": stack.account,
					// The service passes the ARN of the schedule's group, never that of the schedule.
					"aws:SourceArn": stack.formatArn({
						service: "scheduler",
						resource: "schedule-group",
						resourceName: "default",
					}),
				},
			},
		}),
		inlinePolicies: { SendPing: new PolicyDocument({ statements: [invokeStatement(fn.functionArn)] }) },
	});
}
