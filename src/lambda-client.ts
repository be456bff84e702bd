/**
 * The calls to Lambda's Invoke API: one child, one outcome. The AWS SDK is loaded where the user has options for it, or
 * HTTP/2 is no way.
 *
 * @module
 */

import { yieldToLoop } from "./deadline.js";
import { explainFailure } from "./errors.js";
import {
	type Http2Connection,
	type Http2Host,
	type Http2Request,
	type HttpRequest,
	type HttpResponse,
	http2Host,
	toHttp2,
} from "./http2.js";
import {
	accessFromEnvironment,
	bindSigning,
	type Invocation,
	type Outcome,
	readResponse,
	readSuccess,
} from "./invoke-api.js";
import type { Protocol } from "./report.js";
import { type ClientOptions, connectionTimeout, type Dispatch, loadSdkClient, type SdkClient } from "./sdk-client.js";

/**
 * How children travel: signed here, over HTTP/2 (`direct`); or by the SDK's client, over HTTP/2 or HTTP/1.1.
 */
export type Way = "direct" | Protocol;

/** A child on its way to be sent. */
export interface Prepared {
	/** Resolves when it can be sent, or has failed before that. Never rejects. */
	readonly ready: Promise<unknown>;
	/** Never rejects. Does not settle where the line is closed first. */
	readonly outcome: Promise<Outcome>;
	/** Lets it go. */
	send(): void;
}

/** What a round tells of the way that it took. */
export interface RoundResult {
	/** Whether any child was served. */
	readonly answered: boolean;
	/** Whether every child failed for a reason of transport, protocol or signature. */
	readonly transport: boolean;
	/** Whether anything failed for a reason that another round does not cure. */
	readonly refused: boolean;
	/** How long answers were waited for (ms). */
	readonly waited: number;
}

/** The way to Lambda, for one ping. */
export interface Line {
	/** How its children travel, as far as is known. */
	readonly way: Way;
	/** Whether a child leaves as soon as it is prepared: a client of the user's own cannot be made to wait. */
	readonly sendsAtOnce: boolean;
	/**
	 * Connects for so many children, loads the SDK where it is needed. Rejects where that fails.
	 *
	 * @param loadBy when it would be too late to begin loading (epoch ms): false is returned then
	 */
	open(children: number, loadBy: number): Promise<boolean>;
	/**
	 * Signs a child's invocation, and keeps it until `send`. One of the way `direct` that is not sent leaves no trace; of
	 * the others a tracer may record it.
	 */
	prepare(invocation: Invocation): Prepared;
	/**
	 * Ends a round.
	 *
	 * @returns `retry`: HTTP/2 is doubted, and the next round, of this ping or the next one, goes over HTTP/1.1;
	 * `switched`: it did, that worked, and this environment stays with it
	 */
	judge(round: RoundResult): "retry" | "switched" | undefined;
	/** Closes every connection, an unfinished one too; outcomes that are open stay so. */
	close(): void;
}

/** How HTTP/2 did so far: `doubted` means not in the next round, undefined not in this environment. */
type Http2State = "untried" | "works" | "doubted" | undefined;

/**
 * After so many rounds over HTTP/2 in a row that were cut off, or without any answer ever though there was time (ms) for
 * one, that may be its fault.
 */
const mostVainRounds = 2;
const longEnough = 1000;

/** Binds lines to the user's options; the result begins one for a ping. The client is made once. */
export const bindLines = (options: ClientOptions): (() => Line) => {
	const { AwsClient, awsClientOptions, awsClientCapture } = options;
	const usersOwn = AwsClient ?? awsClientOptions?.requestHandler;
	const needsSdk = Boolean(AwsClient ?? awsClientOptions ?? awsClientCapture);
	let http2: Http2State = usersOwn || isProxied() ? undefined : "untried";
	let host: Http2Host | undefined;
	let vainRounds = 0;
	let client: SdkClient | undefined;

	const newLine = (): Line => {
		let mayUseHttp2 = false;
		let way: Way = "http/1.1";
		let sign: ReturnType<typeof bindSigning> | undefined;
		let wanted = 0;
		/** Resolves to whether the server speaks HTTP/2. */
		let connecting: Promise<boolean> | undefined;
		let connections: Http2Connection[] = [];
		const closing = new AbortController();
		let turn = Promise.resolve();
		/** One answer in a turn of the loop: what the SDK does with a burst of them must not keep the deadline waiting. */
		const nextTurn = (): Promise<void> => {
			turn = turn.then(() => (closing.signal.aborted ? undefined : yieldToLoop()));
			return turn;
		};
		const waiting = new Set<AbortController>();

		const connect = async (to: Http2Host): Promise<boolean> => {
			way = "h2";
			const add = async () => {
				const connection = await to.connect(connectionTimeout, closing.signal);
				if (connection) connections.push(connection);
				return connection;
			};
			connections = connections.filter((connection) => connection.isOpen());
			const first = connections[0] ?? (await add());
			if (!first) {
				http2 = undefined;
				way = "http/1.1";
				return false;
			}
			const missing = Math.ceil(wanted / first.streams) - connections.length;
			await Promise.all(Array.from({ length: Math.max(0, missing) }, add));
			return true;
		};

		/** The first request of an environment tells where Lambda is; later pings connect before they prepare any. */
		const connectFor = async (request: HttpRequest): Promise<void> => {
			if (!mayUseHttp2) return;
			if (request.protocol !== "https:") {
				http2 = undefined;
				mayUseHttp2 = false;
				return;
			}
			host ??= http2Host(request.hostname, request.port);
			connecting ??= connect(host);
			await connecting;
		};

		const overHttp2 = async (request: Http2Request): Promise<HttpResponse> => {
			const [connection] = connections
				.filter((each) => each.isOpen())
				.sort((one, other) => one.underWay() - other.underWay());
			if (connection) return connection.request(request);
			throw Object.assign(new Error("the connection was closed"), { code: "ERR_HTTP2_INVALID_SESSION" });
		};

		/** The answer to what is sent at once; in a turn of its own. */
		const answerTo = async <Answer>(send: () => Promise<Answer>): Promise<Answer> => {
			const answer = send();
			await Promise.allSettled([answer]);
			await nextTurn();
			// Nobody waits any longer, and the SDK would work when there is no time left. A promise that all share would keep
			// every request that ever waited for it.
			if (closing.signal.aborted) await new Promise(() => {});
			return answer;
		};

		const prepareDirect = (request: Http2Request, target: string): Prepared => {
			const leaving = latch();
			const outcome = explained(target, async () => {
				await leaving.opened;
				return readResponse(await answerTo(() => overHttp2(request)), target);
			});
			return { ready: Promise.resolve(), outcome, send: leaving.open };
		};

		const prepareBySdk = (invocation: Invocation): Prepared => {
			const controller = new AbortController();
			const signed = latch();
			const leaving = latch();
			waiting.add(controller);
			const dispatch: Dispatch = async (request, overHttp1) => {
				await connectFor(request);
				// Translated before it waits, so that nothing is left to do when it leaves.
				const translated = way === "http/1.1" ? undefined : toHttp2(request);
				signed.open();
				await leaving.opened;
				return answerTo(async () => (translated ? { response: await overHttp2(translated) } : overHttp1()));
			};
			const outcome = invoke(invocation, controller.signal, dispatch).finally(() => waiting.delete(controller));
			return {
				ready: AwsClient ? Promise.resolve() : Promise.race([signed.opened, outcome]),
				outcome,
				send: leaving.open,
			};
		};

		return {
			sendsAtOnce: AwsClient !== undefined,
			get way() {
				return way;
			},
			open: async (children, loadBy) => {
				wanted = children;
				mayUseHttp2 = http2 === "untried" || http2 === "works";
				way = "http/1.1";
				const access = mayUseHttp2 && !needsSdk ? accessFromEnvironment() : undefined;
				if (access) host ??= http2Host(access.hostname, access.port);
				connecting = mayUseHttp2 && host ? connect(host) : undefined;
				sign = (await connecting) && access ? bindSigning(access) : undefined;
				if (sign) {
					way = "direct";
				} else if (!client) {
					if (Date.now() > loadBy) return false;
					client = await loadSdkClient(options);
				}
				return true;
			},
			prepare: (invocation) =>
				sign ? prepareDirect(sign(invocation), invocation.FunctionName) : prepareBySdk(invocation),
			judge: ({ answered, transport, refused, waited }) => {
				if (way === "http/1.1") {
					if (http2 !== "doubted") return undefined;
					http2 = answered ? undefined : "untried";
					return answered ? "switched" : undefined;
				}
				if (answered) {
					http2 = "works";
					vainRounds = 0;
					return undefined;
				}
				// What happens once happens over any protocol, and HTTP/1.1 may mean to load the SDK.
				const isReason = transport || (http2 === "untried" && waited >= longEnough);
				if (isReason) vainRounds++;
				if (vainRounds < (transport && refused ? 1 : mostVainRounds)) return undefined;
				vainRounds = 0;
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

	const invoke = (invocation: Invocation, signal: AbortSignal, dispatch: Dispatch): Promise<Outcome> =>
		explained(invocation.FunctionName, async () => {
			if (!client) throw new Error("the line is not open");
			const { StatusCode, FunctionError, Payload } = await client.send(invocation, signal, dispatch);
			return readSuccess(StatusCode, FunctionError, Payload);
		});

	return newLine;
};

/** An outcome, also where the way to it fails. */
const explained = async (target: string, outcome: () => Promise<Outcome>): Promise<Outcome> => {
	try {
		return await outcome();
	} catch (error) {
		return { kind: "failed", failure: explainFailure(error, target) };
	}
};

/**
 * Node.js' own clients, and so the SDK, can be told of one in the environment: then the SDK's handler has to follow it.
 */
const isProxied = (): boolean => Boolean(process.env.HTTPS_PROXY || process.env.https_proxy);

/** A promise that somebody else resolves. */
const latch = () => {
	let resolve: () => void;
	const opened = new Promise<void>((done) => {
		resolve = done;
	});
	return { opened, open: () => resolve() };
};
