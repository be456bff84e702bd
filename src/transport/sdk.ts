/**
 * The SDK transport: the AWS SDK's own client, or the user's, over HTTP/1.1 with a socket for each child.
 *
 * @module
 */

import type { InvokeCommand, LambdaClient, LambdaClientConfig } from "@aws-sdk/client-lambda";
import type { InvokingClient, ResolvedOptions } from "../options.js";
import { explainFailure } from "../report/errors.js";
import { type Invocation, readSuccess } from "./invoke-api.js";
import { CONNECTION_TIMEOUT_MS, type Transport } from "./transport.js";

/** The options of the AWS SDK's client. */
export type SdkOptions = Pick<ResolvedOptions, "AwsClient" | "awsClientOptions" | "awsClientCapture">;

interface LoadedSdk {
	readonly client: InvokingClient;
	readonly toCommand: (invocation: Invocation) => InvokeCommand;
}

/** Loads the AWS SDK with the first ping that needs it, and keeps the client. */
export function createSdkTransport(options: SdkOptions) {
	let sdk: LoadedSdk | undefined;

	const create = (): Transport => {
		const closing = new AbortController();
		return {
			open: async () => {
				sdk ??= await loadSdk(options);
				return true;
			},
			prepare: async (invocation) => async () => {
				const { client, toCommand } = sdk as LoadedSdk;
				try {
					// Node.js warns of a signal with more than ten listeners.
					const abortSignal = AbortSignal.any([closing.signal]);
					const output = await client.send(toCommand(invocation), { abortSignal });
					return readSuccess(output.StatusCode, output.FunctionError, output.Payload);
				} catch (error) {
					// Whoever waited has given up: explaining the failure would take CPU time that is not left.
					if (closing.signal.aborted) await new Promise(() => {});
					return { kind: "failed", failure: explainFailure(error, invocation.FunctionName) };
				}
			},
			close: () => closing.abort(),
		};
	};

	return { create, isLoaded: (): boolean => sdk !== undefined };
}

async function loadSdk({ AwsClient, awsClientOptions = {}, awsClientCapture }: SdkOptions): Promise<LoadedSdk> {
	const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
	const client = new (AwsClient ?? LambdaClient)({
		...awsClientOptions,
		requestHandler: requestHandlerOf(awsClientOptions),
		maxAttempts: 1,
	});
	return {
		client: awsClientCapture ? awsClientCapture(client as LambdaClient) : client,
		toCommand: (invocation) => new InvokeCommand({ LogType: "None", ...invocation }),
	};
}

/** The user's own handler, or settings for the SDK's. */
function requestHandlerOf({ requestHandler }: LambdaClientConfig): NonNullable<LambdaClientConfig["requestHandler"]> {
	if (requestHandler && "handle" in requestHandler) return requestHandler;
	const agent = {
		// A socket that outlived the ping would be closed by the service while Lambda has frozen this process.
		keepAlive: false,
		// With the SDK's 50, the 51st child would wait for an earlier one to finish its hold.
		maxSockets: Number.POSITIVE_INFINITY,
		// An agent follows HTTPS_PROXY and NO_PROXY only if it is told to (Node.js 22.21 and 24.5 or later).
		...(isProxied() && { proxyEnv: process.env }),
	};
	return { connectionTimeout: CONNECTION_TIMEOUT_MS, httpAgent: agent, httpsAgent: agent, ...requestHandler };
}

function isProxied(): boolean {
	const { HTTPS_PROXY, https_proxy, NODE_USE_ENV_PROXY } = process.env;
	return Boolean(HTTPS_PROXY || https_proxy || NODE_USE_ENV_PROXY);
}
