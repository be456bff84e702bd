/**
 * The calls to Lambda's Invoke API: one child, one outcome. Loads the AWS SDK when the first line is opened.
 *
 * @module
 */

import type { InvokeCommandInput, InvokeCommandOutput, LambdaClient } from "@aws-sdk/client-lambda";
import { yieldToLoop } from "./deadline.js";
import { explainFailure, explainFunctionError, type Failure } from "./errors.js";
import {
	type Http2Connection,
	type Http2Host,
	type Http2Request,
	type HttpRequest,
	http2Host,
	toHttp2,
} from "./http2.js";
import type { InvokingClient, ResolvedOptions } from "./options.js";
import type { Protocol } from "./report.js";

/** From a VPC without a way out, connecting hangs for as long as the function may run (ms). */
const connectionTimeout = 2000;

/**
 * Connections never outlive the ping, since Lambda freezes the process and cannot tell it of a socket that the service
 * closed. And the SDK's own 50 sockets would make the 51st child wait for an earlier one to finish its hold.
 */
const agent = { keepAlive: false, maxSockets: Number.POSITIVE_INFINITY };

/** One invocation. */
export type Invocation = Pick<InvokeCommandInput, "FunctionName" | "InvocationType" | "TenantId"> & {
	readonly Payload: Uint8Array;
};

/** What became of one invocation. */
export type Outcome =
	| { readonly kind: "accepted" }
	| { readonly kind: "answered"; readonly payload: Uint8Array | undefined }
	/** The child's handler failed. */
	| { readonly kind: "threw"; readonly failure: Failure }
	| { readonly kind: "failed"; readonly failure: Failure };

/** A child on its way to be sent. */
export interface Prepared {
	/** Resolves when it can be sent, or has failed before that. Never rejects. */
	readonly ready: Promise<unknown>;
	/** Never rejects. Does not settle where the line is closed first. */
	readonly outcome: Promise<Outcome>;
	/** Lets it go. */
	send(): void;
	/** Forgets it, so that another can be prepared in its place. False where it does not wait for `send`. */
	discard(): boolean;
}

/** The way to Lambda, for one ping. */
export interface Line {
	/** How its children travel, as far as is known. */
	readonly protocol: Protocol;
	/** Whether a child leaves as soon as it is prepared: a client of the user's own cannot be made to wait. */
	readonly sendsAtOnce: boolean;
	/** Loads the SDK, connects for so many children. Rejects where that fails. */
	open(children: number): Promise<void>;
	/** Signs a child's invocation, and keeps it until `send`. */
	prepare(invocation: Invocation): Prepared;
	/**
	 * Ends a round.
	 *
	 * @param answered whether any child was served
	 * @param transport whether every failure was one of transport, protocol or signature
	 * @returns `retry`: HTTP/2 is doubted, and the next round, of this ping or the next one, goes over HTTP/1.1;
	 * `switched`: it did, that worked, and this environment stays with it
	 */
	judge(answered: boolean, transport: boolean): "retry" | "switched" | undefined;
	/** Closes every connection, an unfinished one too; outcomes that are open stay so. */
	close(): void;
}

/** Makes lines to Lambda. */
export interface LambdaCalls {
	/** Whether the SDK is loaded. */
	isLoaded(): boolean;
	line(): Line;
}

/** Whether HTTP/2 is used: `doubted` means not in the next round. */
type Http2State = "untried" | "works" | "doubted" | "off";

/** After so many rounds over HTTP/2 without any answer ever, the silence may be its fault. */
const mostSilentRounds = 2;

type ClientOptions = Pick<ResolvedOptions, "AwsClient" | "awsClientOptions" | "awsClientCapture">;

/** Binds the calls to the user's options; the client is made once. */
export const bindLambdaCalls = (options: ClientOptions): LambdaCalls => {
	const usersOwn = options.AwsClient ?? options.awsClientOptions?.requestHandler;
	let http2: Http2State = usersOwn || isProxied() ? "off" : "untried";
	let host: Http2Host | undefined;
	let silentRounds = 0;
	let client: BoundClient | undefined;

	const line = (): Line => {
		/** Whether HTTP/2 is to be tried, and was. */
		let mayUseHttp2 = false;
		let protocol: Protocol = "http/1.1";
		let wanted = 0;
		let connecting: Promise<void> | undefined;
		let connections: Http2Connection[] = [];
		const closing = new AbortController();
		let turn = Promise.resolve();
		/** One answer in a turn of the loop: what the SDK does with a burst of them must not keep the deadline waiting. */
		const nextTurn = (): Promise<void> => {
			turn = turn.then(() => (closing.signal.aborted ? undefined : yieldToLoop()));
			return turn;
		};
		const waiting = new Set<AbortController>();

		const connect = async (to: Http2Host): Promise<void> => {
			protocol = "h2";
			const add = async () => {
				const connection = await to.connect(connectionTimeout, closing.signal);
				if (connection) connections.push(connection);
				return connection;
			};
			connections = connections.filter((connection) => connection.isOpen());
			const first = connections[0] ?? (await add());
			if (!first) {
				http2 = "off";
				protocol = "http/1.1";
				return;
			}
			const missing = Math.ceil(wanted / first.streams) - connections.length;
			await Promise.all(Array.from({ length: Math.max(0, missing) }, add));
		};

		/** The first request of an environment tells where Lambda is; later pings connect before they prepare any. */
		const connectFor = async (request: HttpRequest): Promise<void> => {
			if (!mayUseHttp2) return;
			if (request.protocol !== "https:") {
				http2 = "off";
				mayUseHttp2 = false;
				return;
			}
			host ??= http2Host(request.hostname, request.port);
			connecting ??= connect(host);
			await connecting;
		};

		const overHttp2 = async (request: Http2Request): Promise<Handled> => {
			const [connection] = connections
				.filter((each) => each.isOpen())
				.sort((one, other) => one.underWay() - other.underWay());
			if (connection) return { response: await connection.request(request) };
			throw Object.assign(new Error("the connection was closed"), {
				code: "ERR_HTTP2_INVALID_SESSION",
			});
		};

		return {
			sendsAtOnce: options.AwsClient !== undefined,
			get protocol() {
				return protocol;
			},
			open: async (children) => {
				wanted = children;
				connecting = undefined;
				mayUseHttp2 = http2 === "untried" || http2 === "works";
				protocol = "http/1.1";
				client ??= await makeClient(options);
				if (mayUseHttp2 && host) {
					connecting = connect(host);
					await connecting;
				}
			},
			prepare: (invocation) => {
				const controller = new AbortController();
				const signed = latch<void>();
				const leaving = latch<"sent" | "discarded">();
				waiting.add(controller);
				const dispatch: Dispatch = async (request, overHttp1) => {
					await connectFor(request);
					// Translated before it waits, so that nothing is left to do when it leaves.
					const translated = protocol === "h2" ? toHttp2(request) : undefined;
					signed.open();
					if ((await leaving.opened) === "discarded") throw new Error("was prepared again");
					const answer = translated ? overHttp2(translated) : overHttp1();
					await Promise.allSettled([answer]);
					await nextTurn();
					// Nobody waits any longer, and the SDK would work when there is no time left. A promise that all share would
					// keep every request that ever waited for it.
					if (closing.signal.aborted) await new Promise(() => {});
					return answer;
				};
				const outcome = invoke(invocation, controller.signal, dispatch).finally(() => waiting.delete(controller));
				return {
					ready: options.AwsClient ? Promise.resolve() : Promise.race([signed.opened, outcome]),
					outcome,
					send: () => leaving.open("sent"),
					discard: () => {
						const isWaiting = signed.isOpen();
						if (isWaiting) leaving.open("discarded");
						return isWaiting;
					},
				};
			},
			judge: (answered, transport) => {
				if (protocol === "http/1.1") {
					if (http2 !== "doubted") return undefined;
					http2 = answered ? "off" : "untried";
					return answered ? "switched" : undefined;
				}
				if (answered) {
					http2 = "works";
					return undefined;
				}
				if (http2 === "untried" && !transport) silentRounds++;
				if (!transport && silentRounds < mostSilentRounds) return undefined;
				silentRounds = 0;
				http2 = "doubted";
				return "retry";
			},
			close: () => {
				closing.abort();
				for (const controller of waiting) controller.abort();
				for (const connection of connections) connection.close();
			},
		};
	};

	const invoke = async (invocation: Invocation, signal: AbortSignal, dispatch: Dispatch): Promise<Outcome> => {
		try {
			if (!client) throw new Error("the line is not open");
			const { StatusCode, FunctionError, Payload } = await client.send(invocation, signal, dispatch);
			if (StatusCode === 202) return { kind: "accepted" };
			return FunctionError
				? { kind: "threw", failure: explainFunctionError(Payload) }
				: { kind: "answered", payload: Payload };
		} catch (error) {
			const target = String(invocation.FunctionName);
			return { kind: "failed", failure: explainFailure(error, target) };
		}
	};

	return { isLoaded: () => client !== undefined, line };
};

/** Decides when and how a signed request leaves. */
type Dispatch = (request: HttpRequest, overHttp1: () => Promise<Handled>) => Promise<Handled>;
type Handled = { response: unknown };

/** Sends an invocation; a client of the SDK's hands the signed request to `dispatch`. */
interface BoundClient {
	send(invocation: Invocation, signal: AbortSignal, dispatch: Dispatch): Promise<InvokeCommandOutput>;
}

const makeClient = async ({
	AwsClient,
	awsClientOptions: { requestHandler, ...config } = {},
	awsClientCapture,
}: ClientOptions): Promise<BoundClient> => {
	const sdk = await import("@aws-sdk/client-lambda");
	const dispatches: Dispatches = new WeakMap();
	let client: InvokingClient = new (AwsClient ?? sdk.LambdaClient)({
		// The stack of middlewares is the same for every child.
		cacheMiddleware: true,
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

/**
 * Node.js' own clients, and so the SDK, can be told of one in the environment: then the SDK's handler has to follow it.
 */
const isProxied = (): boolean => Boolean(process.env.HTTPS_PROXY || process.env.https_proxy);

/** A promise that somebody else resolves. */
const latch = <Value>() => {
	let isOpen = false;
	let resolve: (value: Value) => void;
	const opened = new Promise<Value>((done) => {
		resolve = done;
	});
	return {
		opened,
		isOpen: () => isOpen,
		open: (value: Value): void => {
			isOpen = true;
			resolve(value);
		},
	};
};
