/**
 * The calls to Lambda's Invoke API: one child, one outcome. The AWS SDK is loaded where the user has options for it, or
 * HTTP/2 is no way.
 *
 * @module
 */

import { yieldToLoop } from "./deadline.js";
import { explainFailure } from "./errors.js";
import { type Http2Host, type Http2Request, type HttpRequest, http2Host, toHttp2 } from "./http2.js";
import { http2Pool } from "./http2-pool.js";
import {
	accessFromEnvironment,
	bindSigning,
	type Invocation,
	type Outcome,
	readResponse,
	readSuccess,
} from "./invoke-api.js";
import { type ClientOptions, connectionTimeout, type Dispatch, loadSdkClient, type SdkClient } from "./sdk-client.js";
import { http2Credit, type RoundResult, type Verdict, type Way } from "./way.js";

/** A child on its way to be sent. */
export interface Prepared {
	/** Resolves when it can be sent, or has failed before that. Never rejects. */
	readonly ready: Promise<unknown>;
	/** Never rejects. Does not settle where the line is closed first. */
	readonly outcome: Promise<Outcome>;
	/** Lets it go. */
	send(): void;
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
	/** Ends a round. */
	judge(round: RoundResult): Verdict;
	/** Closes every connection, an unfinished one too; outcomes that are open stay so. */
	close(): void;
}

/** Binds lines to the user's options; the result begins one for a ping. The client is made once. */
export const bindLines = (options: ClientOptions): (() => Line) => {
	const { AwsClient, awsClientOptions, awsClientCapture } = options;
	const usersOwn = AwsClient ?? awsClientOptions?.requestHandler;
	const needsSdk = Boolean(AwsClient ?? awsClientOptions ?? awsClientCapture);
	const http2 = http2Credit(!usersOwn && !isProxied());
	let host: Http2Host | undefined;
	let client: SdkClient | undefined;

	const newLine = (): Line => {
		let way: Way = "http/1.1";
		let sign: ReturnType<typeof bindSigning> | undefined;
		let wanted = 0;
		const pool = http2Pool(connectionTimeout);
		/** Resolves to whether the server speaks HTTP/2. */
		let connecting: Promise<boolean> | undefined;
		let closed = false;
		const waiting = new Set<AbortController>();
		let turn = Promise.resolve();
		/** One answer in a turn of the loop: what the SDK does with a burst of them must not keep the deadline waiting. */
		const nextTurn = (): Promise<void> => {
			turn = turn.then(() => (closed ? undefined : yieldToLoop()));
			return turn;
		};

		const connect = async (to: Http2Host): Promise<boolean> => {
			way = "h2";
			if (await pool.open(to, wanted)) return true;
			http2.ruleOut();
			way = "http/1.1";
			return false;
		};

		/** The first request of an environment tells where Lambda is; later pings connect before they prepare any. */
		const connectFor = async (request: HttpRequest): Promise<void> => {
			if (request.protocol !== "https:") http2.ruleOut();
			if (!http2.mayUse()) return;
			host ??= http2Host(request.hostname, request.port);
			connecting ??= connect(host);
			await connecting;
		};

		/** The answer to what is sent at once; in a turn of its own. */
		const answerTo = async <Answer>(send: () => Promise<Answer>): Promise<Answer> => {
			const answer = send();
			await Promise.allSettled([answer]);
			await nextTurn();
			// Nobody waits any longer, and the SDK would work when there is no time left. A promise that all share would keep
			// every request that ever waited for it.
			if (closed) await new Promise(() => {});
			return answer;
		};

		const prepareDirect = (request: Http2Request, target: string): Prepared => {
			const leaving = latch();
			const outcome = explained(target, async () => {
				await leaving.opened;
				return readResponse(await answerTo(() => pool.request(request)), target);
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
				return answerTo(async () => (translated ? { response: await pool.request(translated) } : overHttp1()));
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
				way = "http/1.1";
				const mayUseHttp2 = http2.mayUse();
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
			judge: (round) => http2.judge(way, round),
			close: () => {
				closed = true;
				for (const controller of waiting) controller.abort();
				pool.close();
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
