/**
 * The options: their meaning and their defaults. Types only.
 *
 * @module
 */

import type { InvokeCommand, InvokeCommandOutput, LambdaClient, LambdaClientConfig } from "@aws-sdk/client-lambda";
import type { Request } from "@middy/core";
import type { WarmupEntry, WarmupReport } from "./report/report.js";

/** What the middleware needs of a Lambda client. */
export interface InvokingClient {
	send(command: InvokeCommand, options: { abortSignal: AbortSignal }): Promise<InvokeCommandOutput>;
}

/** Options of {@link warmup}. All are optional. */
export interface WarmupOptions {
	/**
	 * Environments to keep warm (count, 1 or more) if a ping does not say how many, or `"auto"` for as many as the traffic
	 * needs. With `"auto"`, a ping asks for the largest number of environments that were busy in the same second within the
	 * last 24 hours, plus one. A ping that only `isWarmingUp` recognizes counts as one environment, since its scheduler may
	 * send several at once.
	 *
	 * @default 1
	 */
	concurrency?: number | "auto" | undefined;

	/**
	 * The fewest environments that `"auto"` asks for (count, 1 or more). A new deployment begins with this number.
	 *
	 * @default 1
	 */
	minConcurrency?: number | undefined;

	/**
	 * The most environments that a ping or `"auto"` may ask for (count). Larger numbers are clamped, with a warning.
	 *
	 * @default 50, or `concurrency` or `minConcurrency` if larger
	 */
	maxConcurrency?: number | undefined;

	/**
	 * How long a child stays busy, in ms, so that Lambda cannot reuse its environment for a sibling. If set, it is the hold
	 * of the first round. By default, the hold adapts to measured arrivals, starting at 75 (or `maxDelay` if smaller). With
	 * `verify: false`, a child stays busy for `delay` (75) from its own start.
	 *
	 * @default adaptive
	 */
	delay?: number | undefined;

	/**
	 * The event field that marks a ping. Only the boolean `true` counts.
	 *
	 * @default "warmer"
	 */
	flag?: string | undefined;

	/**
	 * The ping's field that says how many environments to keep warm.
	 *
	 * @default "concurrency"
	 */
	concurrencyField?: string | undefined;

	/**
	 * The ping's field that names another function to warm.
	 *
	 * @default "target"
	 */
	targetField?: string | undefined;

	/**
	 * The ping's field that, if `true`, requests a record and nothing else: no fan-out, no hold.
	 *
	 * @default "test"
	 */
	testField?: string | undefined;

	/**
	 * Recognizes further pings, besides `flag`. It is called for every event without the flag. Only the boolean `true`
	 * counts; if it throws, the event is treated as a request. Such a ping holds for `delay` even at concurrency 1, since
	 * its scheduler may send several at once.
	 *
	 * @default none
	 */
	isWarmingUp?: ((event: unknown, context: Request["context"]) => boolean) | undefined;

	/**
	 * Verified warming: children answer with their environment's id, and the initiator counts distinct ones and repairs a
	 * shortfall. `false` follows lambda-warmer's protocol exactly.
	 *
	 * @default true
	 */
	verify?: boolean | undefined;

	/**
	 * The longest hold of any child, in ms. It overrides the adaptive value, the default and the ping.
	 *
	 * @default 1000, or `delay` if larger
	 */
	maxDelay?: number | undefined;

	/**
	 * The longest time that a ping may keep an environment busy, in ms, whatever the function's timeout. It limits the cost
	 * of a lost answer or a callback that hangs.
	 *
	 * @default 30000
	 */
	maxDuration?: number | undefined;

	/**
	 * Other functions that a ping may name in its target field: names or ARNs, as Lambda's Invoke API accepts them. A ping
	 * for any other function is refused, with a warning.
	 *
	 * @default []
	 */
	targets?: readonly string[] | undefined;

	/**
	 * Identifies a ping in every record and is passed to every child: 1 to 256 characters, or a function that returns them.
	 *
	 * @default this environment's id
	 */
	correlationId?: string | ((event: unknown, context: Request["context"]) => string) | undefined;

	/**
	 * Priming: runs, and is awaited, in every environment that a ping reaches (open a database connection, load secrets).
	 * A repair may reach an environment again, so make it idempotent. It runs during the hold, not after it. If it fails or
	 * takes longer than the ping's deadline, a warning is logged, and the environment counts as reached.
	 *
	 * @default none
	 */
	onWarmup?: ((request: Request) => unknown) | undefined;

	/**
	 * Runs with the initiator's report, and is awaited: publish metrics here. If it fails or takes longer than the ping's
	 * deadline, a warning is logged.
	 *
	 * @default none
	 */
	onReport?: ((report: WarmupReport) => unknown) | undefined;

	/**
	 * `true` logs with `console.log`, and warnings with `console.warn`. An entry is an object, which Lambda's JSON log
	 * format keeps structured. A function receives every entry instead. `false` logs nothing.
	 *
	 * @default true
	 */
	log?: boolean | ((entry: WarmupEntry) => void) | undefined;

	/**
	 * Your own Lambda client class, with the SDK's interface. It is used instead of the direct transport.
	 *
	 * @default none
	 */
	AwsClient?: (new (config: LambdaClientConfig) => InvokingClient) | undefined;

	/**
	 * Configuration of the AWS SDK's Lambda client, which is used if this is set, even to `{}`. Without it, the SDK is not
	 * loaded as long as the direct transport works: HTTP/2, signed by this package. The SDK uses HTTP/1.1 with a socket for
	 * each child. `maxAttempts` is always 1, since a late retry would reuse an environment. In the benchmarks, a ping of 10
	 * then bills 1.3 times (1,769 MB) to 3.2 times (512 MB) as many ms for each environment, and a ping of 50 bills 2 to 4
	 * times as many.
	 *
	 * @default none
	 */
	awsClientOptions?: LambdaClientConfig | undefined;

	/**
	 * Wraps the AWS SDK's client, which is used if this is set. For AWS X-Ray: `AWSXRay.captureAWSv3Client`.
	 *
	 * @default none
	 */
	awsClientCapture?: ((client: LambdaClient) => LambdaClient) | undefined;
}

/** The options with every default filled in. Options without a default stay optional. */
export type ResolvedOptions = Readonly<
	WarmupOptions & {
		[Name in Exclude<Option, OptionWithoutDefault>]-?: NonNullable<WarmupOptions[Name]>;
	}
>;

/** The name of an option. */
export type Option = keyof WarmupOptions;
type OptionWithoutDefault =
	| "delay"
	| "isWarmingUp"
	| "correlationId"
	| "onWarmup"
	| "onReport"
	| `${"A" | "a"}ws${string}`;
