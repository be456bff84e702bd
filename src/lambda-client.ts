/**
 * The calls to Lambda's Invoke API. Loads the AWS SDK, and is itself loaded, by the first fan-out and nothing else.
 *
 * @module
 */

import type {
	InvokeCommandInput,
	LambdaClient,
	LambdaClientConfig,
} from "@aws-sdk/client-lambda";
import type { InvokingClient, ResolvedOptions } from "./options.js";
import type { Outcome } from "./tally.js";

/** From a VPC without a way out, connecting hangs for as long as the function may run (ms). */
const connectionTimeout = 2000;

/**
 * Connections never outlive the ping, since Lambda freezes the process and cannot tell it of a socket that the service
 * closed. And the SDK's own 50 sockets would make the 51st child wait for an earlier one to finish its hold.
 */
const agent = { keepAlive: false, maxSockets: Number.POSITIVE_INFINITY };

/** One invocation. */
export type Invocation = Pick<
	InvokeCommandInput,
	"FunctionName" | "InvocationType" | "Payload" | "TenantId"
>;

/** Invokes a function once, without retries; never throws. */
export type Invoke = (
	invocation: Invocation,
	abortSignal: AbortSignal,
) => Promise<Outcome>;

const invokers = new WeakMap<ResolvedOptions, Invoke>();

/** The way to invoke with these options; the client is made once. Never rejects. */
export const invokeWith = async (options: ResolvedOptions): Promise<Invoke> => {
	const known = invokers.get(options);
	if (known) return known;
	try {
		const invoke = await connect(options);
		invokers.set(options, invoke);
		return invoke;
	} catch (error) {
		return async () => ({ kind: "failed", error });
	}
};

const connect = async (options: ResolvedOptions): Promise<Invoke> => {
	const sdk = await import("@aws-sdk/client-lambda");
	const { AwsClient = sdk.LambdaClient, awsClientCapture } = options;
	let client: InvokingClient = new AwsClient(
		configuration(options.awsClientOptions),
	);
	if (awsClientCapture) client = awsClientCapture(client as LambdaClient);
	return async (invocation, abortSignal) => {
		try {
			const { StatusCode, FunctionError, Payload } = await client.send(
				new sdk.InvokeCommand({ LogType: "None", ...invocation }),
				{ abortSignal },
			);
			if (StatusCode === 202) return { kind: "accepted" };
			return { kind: FunctionError ? "threw" : "answered", payload: Payload };
		} catch (error) {
			return { kind: "failed", error };
		}
	};
};

const configuration = ({
	requestHandler,
	...config
}: LambdaClientConfig = {}): LambdaClientConfig => ({
	...config,
	requestHandler:
		requestHandler && "handle" in requestHandler
			? requestHandler
			: {
					connectionTimeout,
					httpAgent: agent,
					httpsAgent: agent,
					...requestHandler,
				},
	maxAttempts: 1,
});
