/**
 * The AWS SDK's Lambda client, loaded when it is needed; and its requests, handed over before they are sent.
 *
 * @module
 */

import type { InvokeCommandOutput, LambdaClient } from "@aws-sdk/client-lambda";
import type { HttpRequest } from "./http2.js";
import type { Invocation } from "./invoke-api.js";
import type { InvokingClient, ResolvedOptions } from "./options.js";

/** From a VPC without a way out, connecting hangs for as long as the function may run (ms). */
export const connectionTimeout = 2000;

/**
 * Connections never outlive the ping, since Lambda freezes the process and cannot tell it of a socket that the service
 * closed. And the SDK's own 50 sockets would make the 51st child wait for an earlier one to finish its hold.
 */
const agent = { keepAlive: false, maxSockets: Number.POSITIVE_INFINITY };

/** What concerns the client. */
export type ClientOptions = Pick<ResolvedOptions, "AwsClient" | "awsClientOptions" | "awsClientCapture">;

/** Decides when and how a signed request leaves. */
export type Dispatch = (request: HttpRequest, overHttp1: () => Promise<Handled>) => Promise<Handled>;
type Handled = { response: unknown };

/** A client that was made once, of the SDK's or the user's own class. */
export interface SdkClient {
	/** Sends an invocation; a client of the SDK's class hands the signed request to `dispatch`. */
	send(invocation: Invocation, signal: AbortSignal, dispatch: Dispatch): Promise<InvokeCommandOutput>;
}

/** Loads the SDK, and makes a client. Rejects where either fails. */
export const loadSdkClient = async ({
	AwsClient,
	awsClientOptions: { requestHandler, ...config } = {},
	awsClientCapture,
}: ClientOptions): Promise<SdkClient> => {
	const sdk = await import("@aws-sdk/client-lambda");
	const dispatches: Dispatches = new WeakMap();
	let client: InvokingClient = new (AwsClient ?? sdk.LambdaClient)({
		// The stack of middlewares is the same for every child.
		cacheMiddleware: true,
		...config,
		requestHandler:
			requestHandler && "handle" in requestHandler
				? requestHandler
				: { connectionTimeout, httpAgent: agent, httpsAgent: agent, ...requestHandler },
		maxAttempts: 1,
	});
	if (!AwsClient) putBefore((client as LambdaClient).config, dispatches);
	if (awsClientCapture) client = awsClientCapture(client as LambdaClient);
	return {
		send: (invocation, abortSignal, dispatch) => {
			const command = new sdk.InvokeCommand({ LogType: "None", ...invocation });
			if (AwsClient) return client.send(command, { abortSignal });
			dispatches.set(invocation.Payload, { abortSignal, dispatch });
			// The SDK takes no options where it is to use the same stack again.
			return (client as LambdaClient).send(command);
		},
	};
};

/** What is to be done with a request, by its body: the one thing that passes through the SDK as it is. */
type Dispatches = WeakMap<object, { abortSignal: AbortSignal; dispatch: Dispatch }>;

/** Puts dispatching before the request handler of a client, whose middleware and signature stay as they are. */
const putBefore = (config: LambdaClient["config"], dispatches: Dispatches): void => {
	const inner = config.requestHandler;
	const handler: typeof inner = Object.create(inner);
	handler.handle = async (request, options) => {
		const child = dispatches.get(request.body);
		if (!child) return inner.handle(request, options);
		const { abortSignal, dispatch } = child;
		const overHttp1 = () => inner.handle(request, { ...options, abortSignal });
		return (await dispatch(request, overHttp1)) as Awaited<ReturnType<typeof overHttp1>>;
	};
	config.requestHandler = handler;
};
