import { Duration, Stack, type TimeZone } from "aws-cdk-lib";
import type { Alarm, Dashboard } from "aws-cdk-lib/aws-cloudwatch";
import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Alias, IFunction, Version } from "aws-cdk-lib/aws-lambda";
import { Schedule, ScheduleExpression, ScheduleTargetInput } from "aws-cdk-lib/aws-scheduler";
import { Construct } from "constructs";
import { coverageAlarm, silenceAlarm, warmupDashboard } from "./observability.js";
import { pingOf } from "./ping.js";
import { pingIntervals } from "./ping-interval.js";
import { checkProps, hasString, pingRules, type Rules } from "./props.js";
import { allowSelfInvoke, invokeStatement } from "./self-invoke.js";
import {
	warnAboutConcurrency,
	warnAboutLogs,
	warnAboutMissingPermission,
	warnAboutRate,
	warnAboutSilence,
} from "./warnings.js";

/** Properties of a {@link WarmupSchedule}. */
export interface WarmupScheduleProps {
	/**
	 * The function whose execution environments are kept warm: a `Function`, a `Version` or an `Alias`.
	 *
	 * It is pinged, and invokes itself, by exactly this ARN: unqualified for a `Function`, qualified for a `Version` or
	 * an `Alias`. Environments belong to one published version (or to `$LATEST`), so give the alias that the traffic goes
	 * to.
	 */
	readonly function: IFunction | Version | Alias;

	/**
	 * Execution environments to keep warm: an integer from 1.
	 *
	 * The middleware clamps it to its option `maxConcurrency`, which is 50 unless it is set.
	 */
	readonly concurrency: number;

	/**
	 * When the ping is sent: `ScheduleExpression` of `aws-cdk-lib/aws-scheduler`, or `Schedule` of
	 * `aws-cdk-lib/aws-events`.
	 *
	 * @default ScheduleExpression.rate(Duration.minutes(5))
	 */
	readonly schedule?: ScheduleExpression;

	/**
	 * The time zone in which the fields of a cron expression are read. Given here, it wins over one given in `schedule`.
	 *
	 * @default - that of `schedule`, which is UTC unless it names another
	 */
	readonly timeZone?: TimeZone;

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

	/**
	 * A CloudWatch dashboard over the function's log group: coverage, cold starts taken by pings, and environments that
	 * serve no requests.
	 *
	 * It reads the middleware's records, so the function needs `loggingFormat: LoggingFormat.JSON`.
	 *
	 * @default false
	 */
	readonly dashboard?: boolean;

	/**
	 * The share of the environments asked for that have to be reached, above 0 and at most 1. Given, it makes an alarm on
	 * the coverage of each hour, {@link WarmupSchedule.coverageAlarm}, and one on pings that stop, {@link
	 * WarmupSchedule.silenceAlarm}. The environments of an hour's pings are added up, those that a repair reaches beyond
	 * the number included.
	 *
	 * It reads the middleware's records with a metric filter, so the function needs `loggingFormat: LoggingFormat.JSON`
	 * and a `logGroup` of its own, and the middleware its default `verify: true`: without it, no environment counts as
	 * reached but the first.
	 *
	 * @default - no alarm on coverage
	 */
	readonly minimumCoverage?: number;

	/**
	 * How long it may take until the next ping is served: 1 to 168 whole hours. Given, it makes an alarm on longer
	 * silence, {@link WarmupSchedule.silenceAlarm}. It needs the same logs as `minimumCoverage`.
	 *
	 * Pings of other schedules for the same function count as well.
	 *
	 * @default - with `minimumCoverage`, twice the longest time between two pings of a schedule that runs every
	 * day; no alarm on silence for any other schedule, or without `minimumCoverage`
	 */
	readonly maximumSilence?: Duration;
}

/**
 * Keeps a number of a function's execution environments warm: an EventBridge Scheduler schedule that sends the ping,
 * the role that sends it, and the function's permission to invoke itself.
 *
 * Several of them can share a function, one for office hours and one for the nights.
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

	/** The role that EventBridge Scheduler assumes: it may invoke the pinged ARN and nothing else. */
	readonly schedulerRole: Role;

	/** The dashboard, if `dashboard` asked for one. */
	readonly dashboard?: Dashboard;

	/**
	 * The alarm, if `minimumCoverage` asked for one. It notifies nobody until an action is added.
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
	 * The alarm on pings that stop, if `minimumCoverage` or `maximumSilence` asked for one. It notifies nobody until an
	 * action is added, and is in alarm until the first ping.
	 */
	readonly silenceAlarm?: Alarm;

	/**
	 * @throws RangeError or TypeError, with the property's name, for what a property does not take. Tokens pass, since
	 * their value is known to the deployment only.
	 */
	constructor(scope: Construct, id: string, props: WarmupScheduleProps) {
		checkProps("WarmupSchedule", props, RULES);
		super(scope, id);
		const { concurrency } = props;
		// Under exactOptionalPropertyTypes, the CDK's Version and Alias are no IFunction: their role may be undefined.
		const fn = props.function as IFunction;
		const given = props.schedule ?? ScheduleExpression.expression("rate(5 minutes)");
		const expression = ScheduleExpression.expression(given.expressionString, props.timeZone ?? given.timeZone);

		warnAboutRate(this, expression.expressionString);
		warnAboutConcurrency(this, fn, concurrency);

		this.schedulerRole = schedulerRole(this, fn);
		this.schedule = new Schedule(this, "Schedule", {
			description: `Keeps execution environments of ${fn.node.path} warm`,
			schedule: expression,
			target: {
				bind: () => ({
					arn: fn.functionArn,
					role: this.schedulerRole,
					input: ScheduleTargetInput.fromObject(pingOf(props)),
					// A ping that comes late warms what the next one would have warmed anyway.
					retryPolicy: { maximumRetryAttempts: 0 },
				}),
			},
		});

		const permission = allowSelfInvoke(fn);
		// Without the order, the first ping can meet a function that may not invoke itself yet.
		if (permission) this.schedule.node.addDependency(permission);
		else warnAboutMissingPermission(this, fn);

		const { dashboard, minimumCoverage, maximumSilence } = props;
		const hours = maximumSilence?.toHours() ?? (minimumCoverage && silence(expression.expressionString));
		if (dashboard || minimumCoverage !== undefined || hours !== undefined) warnAboutLogs(this, fn);
		if (dashboard) this.dashboard = warmupDashboard(this, fn);
		if (minimumCoverage !== undefined) {
			this.coverageAlarm = coverageAlarm(this, fn, minimumCoverage);
			if (!hours) warnAboutSilence(this);
		}
		if (hours) this.silenceAlarm = silenceAlarm(this, fn, hours);
	}
}

/** A week, which is the longest that an alarm looks back. */
const MAXIMUM_HOURS = 168;

const RULES: Rules<WarmupScheduleProps> = {
	...pingRules,
	schedule: { takes: "a ScheduleExpression", allows: hasString("expressionString") },
	timeZone: { takes: "a TimeZone", allows: hasString("timezoneName") },
	dashboard: { takes: "true or false", allows: (value) => typeof value === "boolean" },
	maximumSilence: {
		takes: `a Duration of 1 to ${MAXIMUM_HOURS} whole hours`,
		allows: (value) => {
			const seconds = value instanceof Duration ? value.toSeconds() : 0;
			return seconds >= 3600 && seconds <= MAXIMUM_HOURS * 3600 && seconds % 3600 === 0;
		},
	},
};

// In hours; undefined where the schedule does not tell.
function silence(expression: string): number | undefined {
	const { longest } = pingIntervals(expression);
	const hours = Math.ceil((2 * longest) / 60);
	return hours >= 1 && hours <= MAXIMUM_HOURS ? hours : undefined;
}

// Not aws-scheduler-targets' LambdaInvoke: its role may invoke every version and alias of a Function.
function schedulerRole(scope: Construct, fn: IFunction): Role {
	const stack = Stack.of(scope);
	return new Role(scope, "SchedulerRole", {
		description: `Sends warmer pings to ${fn.node.path}`,
		assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
			conditions: {
				StringEquals: {
					"aws:SourceAccount": stack.account,
					// The service names the schedule's group here, never the schedule itself.
					"aws:SourceArn": stack.formatArn({
						service: "scheduler",
						resource: "schedule-group",
						resourceName: "default",
					}),
				},
			},
		}),
		inlinePolicies: { SendPing: new PolicyDocument({ statements: [invokeStatement(fn)] }) },
	});
}
